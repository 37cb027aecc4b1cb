/* What every page needs of script; without it every page still works. Behaviour attaches by data-* attributes. */
import { attach } from "./base.js";
import { listenToKeys } from "./keys.js";
import { dialogs } from "./dialogs.js";
import { theme } from "./theme.js";

/** A form that leads nowhere (a file to save) may be sent again after so many milliseconds. */
const PATIENCE = 5000;

/** What is told by pages but shown only by script stays hidden until here. */
attach("[data-dismiss]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => button.closest("[data-flash]")?.remove());
});

/** The first thing to read on a page that refused something. */
attach("[data-focus]", (element) => element.focus({ preventScroll: false }));

/** One click is one act: a form that was sent is not sent again before it is answered. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.matches("[hx-post], [data-hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => delete form.dataset.sent, PATIENCE);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

/** Open menus close when one looks elsewhere, or chose what opens a part of the page. */
document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-opens-row]");
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (!menu.contains(event.target) || menu.contains(chosen)) menu.open = false;
  }
});

/** An event "news" (from a stream or a poll) shows that there is something new; the person decides to look. */
document.addEventListener("zhiben:news", () => {
  for (const place of document.querySelectorAll("[data-news]")) place.hidden = false;
});

/** What could not be sent, or broke on the way, is told where the page tells things. */
function tell(words) {
  const place = document.getElementById("flashes");
  if (!place || !words) return;
  const notice = document.createElement("div");
  notice.className = "notice fault";
  notice.setAttribute("role", "alert");
  notice.textContent = words;
  place.hidden = false;
  place.replaceChildren(notice);
}
document.addEventListener("htmx:error", () => tell(document.body.dataset.offline));

dialogs();
theme();
listenToKeys();

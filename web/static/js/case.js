/* The page of a case: notes that its holder saw it, says when something is new, shows pictures large, prints. */
import { attach, csrf } from "./base.js";

const EVERY = 20000;

attach("[data-case]", (page) => {
  for (const task of (page.dataset.unread ?? "").split(" ").filter(Boolean)) {
    fetch(`/cases/${encodeURIComponent(page.dataset.case)}/tasks/${task}/read`, { method: "POST", headers: csrf() })
      // A first look is an entry of its own: what is shown is then one behind, and nothing new to look at.
      .then((answer) => answer.ok && (page.dataset.seq = String(Number(page.dataset.seq) + 1)))
      .catch(() => {});
  }
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(`/cases/${encodeURIComponent(page.dataset.case)}/news?seq=${page.dataset.seq}`);
      if (answer.status === 205) {
        document.dispatchEvent(new CustomEvent("zhiben:news"));
        clearInterval(asking);
      }
    } catch {
      /* asked again later */
    }
  };
  const asking = setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
});

attach("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

attach("[data-large]", (link) => {
  link.addEventListener("click", (event) => {
    const dialog = document.getElementById("large");
    if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const picture = dialog.querySelector("img");
    picture.src = link.href;
    picture.alt = link.querySelector("img").alt;
    dialog.showModal();
  });
});

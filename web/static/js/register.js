/* A register: rows open beneath themselves, and the page prints as the office files it. */
import { attach } from "./base.js";

function close(link, beneath) {
  beneath.remove();
  link.setAttribute("aria-expanded", "false");
  document.getElementById(link.dataset.of)?.classList.remove("open");
}

/** Without script the link leads to the case itself. */
attach("[data-beneath]", (link) => {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const row = document.getElementById(link.dataset.of);
    const open = row.nextElementSibling?.classList.contains("beneath") ? row.nextElementSibling : null;
    if (open) return close(link, open);
    let answer;
    try {
      answer = await fetch(link.dataset.beneath + window.location.search, { headers: { "HX-Request": "true" } });
    } catch {
      answer = null;
    }
    if (!answer?.ok) {
      window.location.assign(link.href);
      return;
    }
    const beneath = document.createElement("tr");
    beneath.className = "beneath";
    const cell = beneath.insertCell();
    cell.colSpan = row.cells.length;
    cell.innerHTML = await answer.text();
    row.after(beneath);
    row.classList.add("open");
    link.setAttribute("aria-expanded", "true");
  });
});

attach("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

/** An export answers with a file, so the page stays: its form may be sent again. */
attach("form[data-again]", (form) => {
  form.addEventListener("submit", () => {
    window.setTimeout(() => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }, 2000);
  });
});

/* Light or dark at once, without loading the page again; the server's answer only keeps the choice. */
import { attach, csrf } from "./base.js";

/** The three buttons of the person's menu. */
export function theme() {
  attach("[data-theme-form]", (form) => {
    form.addEventListener("submit", (event) => {
      const chosen = event.submitter?.value ?? "";
      event.preventDefault();
      if (chosen) document.documentElement.dataset.theme = chosen;
      else delete document.documentElement.dataset.theme;
      for (const button of form.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.value === chosen));
      }
      const body = new URLSearchParams({ theme: chosen, back: "/design" });
      fetch(form.action, { method: "POST", body, headers: csrf(), redirect: "manual" }).catch(() => {});
    });
  });
}

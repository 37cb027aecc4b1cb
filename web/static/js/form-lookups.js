/* Units, places and people by typing; without script the server finds what was typed. */
import { attach } from "./base.js";

const PAUSE = 180;

export function lookups() {
  attach("[data-lookup]", (place) => {
    const held = place.querySelector("[data-value]");
    const input = place.querySelector('input[type="search"]');
    const found = place.querySelector(".found");
    let waiting = 0;
    let asked = "";
    const close = () => {
      found.hidden = true;
      input.setAttribute("aria-expanded", "false");
    };
    const choose = (one) => {
      held.value = one.dataset.id;
      input.value = one.dataset.title;
      held.dispatchEvent(new Event("change", { bubbles: true }));
      close();
    };
    const look = async () => {
      const text = input.value.trim();
      asked = text;
      if (!text) return close();
      try {
        const answer = await fetch(`${place.dataset.lookup}?q=${encodeURIComponent(text)}`);
        if (!answer.ok || asked !== text) return;
        found.innerHTML = await answer.text();
        found.hidden = false;
        input.setAttribute("aria-expanded", "true");
      } catch {
        close();
      }
    };
    input.addEventListener("input", () => {
      held.value = "";
      clearTimeout(waiting);
      waiting = setTimeout(look, PAUSE);
    });
    input.addEventListener("keydown", (event) => {
      const all = [...found.querySelectorAll(".found-one")];
      const at = all.findIndex((one) => one.classList.contains("at"));
      if (event.key === "Escape") return close();
      if (event.key === "Enter" && !found.hidden && all.length) {
        event.preventDefault();
        return choose(all[Math.max(at, 0)]);
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || found.hidden || !all.length) return;
      event.preventDefault();
      all[at]?.classList.remove("at");
      const next = all[(at + step + all.length) % all.length];
      next.classList.add("at");
      next.scrollIntoView({ block: "nearest" });
    });
    found.addEventListener("mousedown", (event) => event.preventDefault());
    found.addEventListener("click", (event) => {
      const one = event.target.closest(".found-one");
      if (one) choose(one);
    });
    input.addEventListener("blur", () => setTimeout(close, 120));
  });
}

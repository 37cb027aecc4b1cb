/* Rows that may be added and dropped, and checklists that say how far they are; without script one blank row is there. */
import { attach } from "./base.js";

export function rows() {
  attach("[data-rows]", (place) => {
    const add = place.querySelector(":scope > [data-add-row]");
    add.hidden = false;
    add.addEventListener("click", () => {
      const all = place.querySelectorAll(":scope > [data-row]");
      const last = all[all.length - 1];
      const made = fresh(last, nextNumber(place, all.length));
      last.after(made);
      made.dispatchEvent(new CustomEvent("htmx:after:process", { bubbles: true }));
      made.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    });
  });
  attach("[data-drop-row]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const row = button.closest("[data-row]");
      const rest = row.parentElement.querySelectorAll(":scope > [data-row]");
      if (rest.length > 1) row.remove();
      else empty(row);
    });
  });
  attach("[data-checklist]", (list) => {
    const items = [...list.querySelectorAll("[data-item]")];
    const told = list.querySelector("[data-answered]");
    const say = () => {
      const done = items.filter((item) => item.querySelector("input[type=radio]:checked")).length;
      told.textContent = list.dataset.words.replace("{done}", done).replace("{of}", items.length);
    };
    for (const item of items) {
      item.addEventListener("change", (event) => {
        if (event.target.type !== "radio") return;
        const noted = item.dataset.noted.split(" ");
        if (noted.includes(event.target.value)) item.querySelector("[data-more]").open = true;
        say();
      });
    }
    say();
  });
}

function nextNumber(place, fallback) {
  const held = Number(place.dataset.next ?? fallback);
  place.dataset.next = String(held + 1);
  return held;
}

/** A copy of a row under the next number, with nothing in it. */
function fresh(row, number) {
  const made = row.cloneNode(true);
  const table = row.parentElement.dataset.table;
  for (const one of made.querySelectorAll("*")) {
    for (const name of ["name", "id", "for", "aria-controls", "aria-describedby", "data-slot"]) {
      const value = one.getAttribute(name);
      if (value) one.setAttribute(name, table ? renumbered(value, table, number) : name === "name" ? value : `${value}-${number}`);
    }
  }
  const legend = made.querySelector(":scope > legend");
  if (legend && table) legend.textContent = legend.textContent.replace(/[0-9]+/, String(number + 1));
  empty(made);
  return made;
}

function renumbered(text, table, number) {
  return text.replace(`${table}.${/[0-9]+/.exec(text.split(`${table}.`)[1] ?? "")?.[0]}.`, `${table}.${number}.`);
}

function empty(row) {
  for (const one of row.querySelectorAll("input, textarea, select")) {
    if (["checkbox", "radio"].includes(one.type)) one.checked = one.type === "radio" && one.value === "";
    else one.value = "";
  }
  for (const kept of row.querySelectorAll("[data-kept]")) kept.remove();
  for (const wrong of row.querySelectorAll(".wrong")) wrong.remove();
}

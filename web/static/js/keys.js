/* The keyboard: "/" finds, "g" and a letter goes somewhere, "?" tells the keys. Never while somebody types. */
import { attach } from "./base.js";

const PLACES = { w: "/work", i: "/inbox", d: "/drafts", r: "/report" };
const PATIENCE = 1200;

/** Listen on the whole page; the sheet of keys is the dialog with id "keys". */
export function listenToKeys() {
  let going = 0;
  const sheet = () => document.getElementById("keys");
  attach("[data-keys]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => sheet()?.showModal());
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") return leave(event.target);
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (going && event.timeStamp - going < PATIENCE && PLACES[event.key]) {
      event.preventDefault();
      going = 0;
      window.location.assign(PLACES[event.key]);
      return;
    }
    going = event.key === "g" ? event.timeStamp : 0;
    if (event.key === "/") {
      event.preventDefault();
      document.querySelector("[data-find]")?.focus();
    }
    if (event.key === "?") sheet()?.showModal();
  });
}

function typing(element) {
  return element instanceof HTMLElement && (element.isContentEditable || element.matches("input, select, textarea"));
}

function leave(element) {
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (element.matches?.("[data-find]")) element.blur();
}

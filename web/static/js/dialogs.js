/* Questions before grave acts: beneath their button without script, a dialog with it. */
import { attach } from "./base.js";

/** Open what stands in a fold as a dialog; Escape and the second button close it, focus returns to where it was. */
export function dialogs() {
  attach("details[data-ask]", (fold) => {
    const button = fold.querySelector("summary");
    const dialog = fold.querySelector("dialog");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      fold.open = true;
      dialog.showModal();
    });
    dialog.addEventListener("close", () => {
      fold.open = false;
      button.focus();
    });
  });
  attach("[data-closes]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => button.closest("dialog").close());
  });
  attach("[data-opens]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById(button.dataset.opens)?.showModal());
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof HTMLDialogElement && outside(event, event.target)) event.target.close();
  });
}

function outside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

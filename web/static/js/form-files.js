/* Files of a form go ahead one by one, so that none is lost and no sending is too large; without script they go along. */
import { attach, csrf } from "./base.js";

export function files() {
  attach("[data-files]", (place) => {
    const input = place.querySelector('input[type="file"]');
    input.addEventListener("change", () => ahead(place, input));
    pick(input);
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        ahead(place, input);
      }
    });
  });
  attach("[data-kept]", (kept) => {
    const drop = kept.querySelector("[data-drop]");
    drop.addEventListener("change", () => kept.classList.toggle("going", drop.checked));
  });
}

/** The browser's own button says little: ours says what is wanted. The input itself keeps focus and name. */
function pick(input) {
  input.parentElement.querySelector(".pick-file")?.remove();
  const button = document.createElement("label");
  button.className = "button pick-file";
  button.htmlFor = input.id;
  button.textContent = input.dataset.words;
  input.classList.add("only-read");
  input.before(button);
}

async function ahead(place, input) {
  const told = place.querySelector("[data-told]");
  const list = place.querySelector("[data-kept-list]");
  const failed = new DataTransfer();
  for (const file of input.files) {
    told.textContent = `${input.dataset.busy} ${file.name}`;
    const answer = await send(place, file);
    if (answer.ok) {
      add(list, answer.text, place.dataset.most);
    } else {
      failed.items.add(file);
      told.textContent = answer.text || input.dataset.failed;
    }
  }
  input.files = failed.files;
  if (!failed.files.length) told.textContent = "";
}

async function send(place, file) {
  const body = new FormData();
  body.set("file", file);
  body.set("slot", place.dataset.slot);
  body.set("kind", place.dataset.kind);
  try {
    const answer = await fetch("/uploads", { method: "POST", body, headers: csrf() });
    return { ok: answer.ok, text: answer.ok || answer.headers.get("content-type")?.startsWith("text/plain") ? await answer.text() : "" };
  } catch {
    return { ok: false, text: "" };
  }
}

/** The same file twice is one; of an input that holds one, the last stays. */
function add(list, text, most) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  const kept = holder.content.firstElementChild;
  const mark = kept.querySelector("[data-drop]").value;
  for (const other of list.querySelectorAll("[data-kept]")) {
    if (Number(most) === 1 || other.querySelector("[data-drop]").value === mark) other.remove();
  }
  list.append(kept);
  const drop = kept.querySelector("[data-drop]");
  drop.addEventListener("change", () => kept.remove());
}

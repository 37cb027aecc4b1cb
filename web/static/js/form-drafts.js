/* What was typed outlives a reload on this device, until it was sent; never what is personal, never files. */
import { attach } from "./base.js";

const PREFIX = "zhiben.draft.";
const SENT = "sent=";
const DAY = 24 * 3600 * 1000;

export function drafts() {
  forgetWhatWasSent();
  attach("form[data-kept-as]", (form) => {
    const name = PREFIX + form.dataset.keptAs;
    if (!form.querySelector(".notice.fault, .notice.stale")) restore(form, read(name));
    form.addEventListener("input", () => write(name, form));
    form.addEventListener("change", () => write(name, form));
    form.querySelector("[data-drop-draft]")?.addEventListener("click", () => {
      forget(name);
      window.location.reload();
    });
  });
}

/** The answer to a form that was sent names it in a cookie: it is no draft any more, whichever page comes next. */
function forgetWhatWasSent() {
  const told = document.cookie.split("; ").find((one) => one.startsWith(SENT));
  if (!told) return;
  forget(PREFIX + decodeURIComponent(told.slice(SENT.length)));
  document.cookie = `${SENT}; path=/; max-age=0`;
}

function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    /* a browser that keeps nothing has nothing to forget */
  }
}

function read(name) {
  try {
    const held = JSON.parse(localStorage.getItem(name) ?? "null");
    return held && Date.now() - held.at < 7 * DAY ? held.values : null;
  } catch {
    return null;
  }
}

function inputs(form) {
  return [...form.elements].filter(
    (one) => /^[ft]\./.test(one.name ?? "") && one.type !== "file" && !one.hasAttribute("data-personal") && !one.disabled,
  );
}

function write(name, form) {
  const values = inputs(form)
    .filter((one) => !["radio", "checkbox"].includes(one.type) || one.checked)
    .map((one) => [one.name, one.value]);
  try {
    localStorage.setItem(name, JSON.stringify({ at: Date.now(), values }));
  } catch {
    /* full, or not allowed: the form still works */
  }
}

function restore(form, values) {
  if (!values?.some(([, value]) => value)) return;
  for (const one of inputs(form)) {
    const mine = values.filter(([name]) => name === one.name).map(([, value]) => value);
    if (!mine.length) continue;
    if (["radio", "checkbox"].includes(one.type)) one.checked = mine.includes(one.value);
    else one.value = mine[0];
  }
  const told = form.querySelector("[data-restored]");
  if (told) told.hidden = false;
}

/* My work: rows open beneath themselves, the first opening is noted, and changes are told but never shown unasked. */
import { attach, csrf } from "./base.js";
import { live } from "./live.js";

/** The first time a row is opened is noted; the server keeps it once. */
function noteReading(row) {
  const address = row?.dataset.reads;
  if (!address) return;
  delete row.dataset.reads;
  fetch(address, { method: "POST", headers: csrf(), keepalive: true }).catch(() => {
    row.dataset.reads = address;
  });
}

/** What was asked for from a row stands beneath it. */
function opened(place) {
  const beneath = place.closest("tr.beneath");
  const row = beneath && document.getElementById(beneath.dataset.of);
  if (!row) return;
  for (const other of document.querySelectorAll("tr.beneath:not([hidden])")) {
    if (other !== beneath) close(other);
  }
  beneath.hidden = false;
  row.classList.add("open");
  noteReading(row);
}

function close(beneath) {
  beneath.hidden = true;
  const row = document.getElementById(beneath.dataset.of);
  row?.classList.remove("open");
  if (!row?.classList.contains("over")) beneath.querySelector("[data-beneath]").replaceChildren();
}

function fold(beneath) {
  close(beneath);
  document.getElementById(beneath.dataset.of)?.querySelector(".acts a, .acts button, a.case")?.focus();
}

/** Before what was asked for is put in place: what is hidden could not take the focus. */
document.addEventListener("htmx:before:swap", (event) => {
  const place = event.detail?.ctx?.target;
  if (place instanceof Element && place.closest("tr.beneath")) opened(place);
});

/** What was done from a row: the row stays where it is, dimmed, until the list is asked for anew. */
attach("[data-done]", (notice) => {
  const beneath = notice.closest("tr.beneath");
  const row = beneath && document.getElementById(beneath.dataset.of);
  if (!row) return;
  row.classList.add("over");
  row.querySelector(".acts")?.replaceChildren();
  beneath.hidden = false;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-reads-now]");
  if (link) noteReading(link.closest("tr"));
  const folds = event.target.closest?.("[data-folds]");
  if (folds) fold(folds.closest("tr.beneath"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const inside = event.target.closest?.("tr.beneath, tr.row.open") ?? event.target === document.body;
  const beneath = inside && document.querySelector("tr.beneath:not([hidden])");
  if (beneath) fold(beneath);
});

live();

/* Forms from definitions: files that go ahead, signatures by hand, names looked up, drafts kept. */
import { attach } from "./base.js";
import { files } from "./form-files.js";
import { signatures } from "./form-signatures.js";
import { rows } from "./form-rows.js";
import { lookups } from "./form-lookups.js";
import { drafts } from "./form-drafts.js";

/** How much of a long text may still be written. */
attach("[data-counted]", (area) => {
  const told = document.createElement("p");
  told.className = "counted";
  told.setAttribute("aria-hidden", "true");
  const words = area.dataset.counted;
  const say = () => {
    const left = area.maxLength - [...area.value].length;
    told.textContent = left > area.maxLength / 2 ? "" : words.replace("{count}", left).replace("…", left);
  };
  area.after(told);
  area.addEventListener("input", say);
  say();
});

/** Where the device is: only where its user asks for it, and lets it. */
attach("[data-where]", (place) => {
  if (!navigator.geolocation) return;
  place.hidden = false;
  const button = place.querySelector("button");
  const held = place.querySelector('input[name="_where"]');
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        held.value = `geo:${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)};u=${Math.round(coords.accuracy)}`;
        button.textContent = button.dataset.done;
      },
      () => {
        button.textContent = button.dataset.failed;
        button.disabled = false;
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
});

/** A link of the summary leads into the input, not only to where it is. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('.notice.fault a[href^="#"]');
  const place = link && document.getElementById(link.hash.slice(1));
  if (!place) return;
  const inside = place.matches("input, select, textarea") ? place : place.querySelector("input:not([type=hidden]), select, textarea, summary");
  if (place.matches("details")) place.open = true;
  if (!inside) return;
  event.preventDefault();
  inside.focus();
  inside.scrollIntoView({ block: "center" });
});

/** A form asked for beneath a row takes the focus. */
attach("form[data-form][hx-post]", (form) => {
  const first = form.querySelector("[data-focus], input:not([type=hidden]), select, textarea, button");
  first?.focus({ preventScroll: true });
});

files();
rows();
signatures();
lookups();
drafts();

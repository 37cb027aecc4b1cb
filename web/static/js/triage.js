/* Ticking cases of the triage list: all of a page at once, and how many are ticked; a date only where one is asked. */
import { attach } from "./base.js";

attach("[data-triage]", (form) => {
  const all = form.querySelector("[data-pick-all]");
  const ticks = [...form.querySelectorAll("input[name=case]")];
  const told = form.querySelector("[data-picked]");
  const until = form.querySelector("[data-until]");
  const look = () => {
    const count = ticks.filter((one) => one.checked).length;
    told.textContent = count ? String(count) : "";
    all.checked = count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
    until.hidden = form.elements.start.value !== "until";
  };
  all.hidden = false;
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const one of ticks) one.checked = all.checked;
    if (event.target === all || event.target.name === "case") form.elements.which.value = "marked";
    look();
  });
  look();
});

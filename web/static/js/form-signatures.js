/* Signatures drawn by hand: ink on white, sent as a picture with the form. */
import SignaturePad from "../vendor/signature_pad.js";
import { attach } from "./base.js";

export function signatures() {
  attach("[data-signature]", (place) => {
    const box = place.querySelector("[data-pad]");
    const canvas = box.querySelector("canvas");
    const input = place.querySelector('input[type="file"]');
    const kept = place.querySelector("[data-kept]");
    place.querySelector("[data-plain]").hidden = true;
    box.hidden = Boolean(kept);
    const pad = new SignaturePad(canvas, { penColor: "#111", backgroundColor: "#fff", minWidth: 0.8, maxWidth: 2.6 });
    const fit = () => {
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      if (!canvas.offsetWidth) return;
      const strokes = pad.toData();
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
      pad.fromData(strokes);
    };
    new ResizeObserver(fit).observe(canvas);
    box.querySelector("[data-clear]").addEventListener("click", () => pad.clear());
    kept?.querySelector("[data-drop]").addEventListener("change", () => {
      kept.remove();
      box.hidden = false;
    });
    const form = place.closest("form");
    // Before anything else reads the form: what was drawn becomes the file of the input.
    document.addEventListener(
      "submit",
      (event) => {
        if (event.target !== form || box.hidden) return;
        const held = new DataTransfer();
        if (!pad.isEmpty()) held.items.add(new File([bytes(canvas)], "signature.png", { type: "image/png" }));
        input.files = held.files;
      },
      true,
    );
  });
}

function bytes(canvas) {
  const text = atob(canvas.toDataURL("image/png").split(",")[1]);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

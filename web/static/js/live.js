/* Asks every so often whether something changed, only while the page is looked at, and only says so.
   An answer of a few bytes (304 while nothing changed) every twenty seconds needs no connection held open. */
import { attach } from "./base.js";

const PATIENCE = 20000;

/** An element with data-live asks there; data-marks are the tasks as they were drawn; data-words holds {count}. */
export function live() {
  attach("[data-live]", (place) => {
    const drawn = new Set(place.dataset.marks.split(" ").filter(Boolean));
    const news = place.querySelector("[data-live-news]");
    const words = place.querySelector("[data-live-words]");
    let tag = "";
    let timer = 0;

    const look = async () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") {
        try {
          const answer = await fetch(place.dataset.live, { headers: tag ? { "If-None-Match": tag } : {} });
          if (answer.status === 200) {
            tag = answer.headers.get("etag") ?? "";
            tell(await answer.json());
          } else if (answer.status === 401 || answer.redirected) return;
        } catch {
          // not connected for now: the next look may be
        }
      }
      timer = setTimeout(look, PATIENCE);
    };

    const tell = ({ marks }) => {
      const now = new Set(marks);
      const done = new Set([...place.querySelectorAll("tr.over")].map((row) => row.id.slice(4)));
      const come = marks.filter((mark) => !drawn.has(mark)).length;
      const gone = [...drawn].filter((mark) => !now.has(mark) && !done.has(mark)).length;
      const count = Math.max(come, gone);
      news.hidden = count === 0;
      words.textContent = place.dataset.words.replace("{count}", count).replace("…", count);
    };

    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") look();
    });
    document.addEventListener("zhiben:done", () => setTimeout(look, 300));
    timer = setTimeout(look, PATIENCE);
  });
}

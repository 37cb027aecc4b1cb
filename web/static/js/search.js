/* The search: arrows go through what was found, and what was opened in this tab stands ready again. */
const KEY = "zhiben.recent";
const MOST = 8;
const box = document.querySelector("[data-search]");
const hits = () => [...document.querySelectorAll("[data-hit]")].filter((hit) => hit.checkVisibility());

document.addEventListener("keydown", (event) => {
  if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || event.isComposing) return;
  const at = event.target;
  if (at !== box && !at.matches?.("[data-hit]")) return;
  const all = [box, ...hits()];
  const next = all[all.indexOf(at) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

/** Kept for this tab only: others may sit at the same machine tomorrow. */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

document.addEventListener("click", (event) => {
  const hit = event.target.closest?.("[data-hit]");
  if (!hit) return;
  const one = { address: hit.getAttribute("href"), number: hit.children[0].textContent, title: hit.children[1].textContent };
  sessionStorage.setItem(KEY, JSON.stringify([one, ...kept().filter((old) => old.address !== one.address)].slice(0, MOST)));
});

function tellRecent() {
  const place = document.querySelector("[data-recent]");
  const all = kept().filter((one) => typeof one.address === "string" && one.address.startsWith("/"));
  place.hidden = all.length === 0 || Boolean(box.value);
  place.querySelector("[data-recent-list]").replaceChildren(
    ...all.map((one) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      line.className = "hit";
      link.href = one.address;
      link.dataset.hit = "";
      for (const [name, words] of [["hit-number", one.number], ["hit-title", one.title]]) {
        const part = document.createElement("span");
        part.className = name;
        part.textContent = words;
        link.append(part);
      }
      line.append(link);
      return line;
    }),
  );
}
box.addEventListener("input", tellRecent);
tellRecent();

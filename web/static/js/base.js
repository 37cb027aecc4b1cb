/* What modules of pages share: attaching behaviour, and the token of the session. */

/** Run `found` on every element that matches, now and whenever htmx puts new parts in place. */
export function attach(selector, found) {
  const seen = new WeakSet();
  const look = (root) => {
    const all = [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
    for (const element of all) {
      if (!seen.has(element)) {
        seen.add(element);
        found(element);
      }
    }
  };
  look(document);
  document.addEventListener("htmx:after:process", (event) => look(event.target instanceof Element ? event.target : document));
}

/** The token that every change sent by a script of ours carries: fetch(address, {headers: csrf()}). */
export function csrf() {
  return { "X-CSRF": document.querySelector('meta[name="csrf"]')?.content ?? "" };
}

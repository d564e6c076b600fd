/* Opened words go off the page at once when it is out of sight, or was left alone for five minutes, and are locked. */
(() => {
  "use strict";

  const IDLE = 5 * 60_000;
  const OURS = "/words/";
  const form = document.querySelector("form[data-lock]");
  if (!form) return;
  const fields = new FormData(form);
  fields.append("quiet", "1");
  let seen = Date.now();
  let moves = false; // on to another page of these words: they stay open for it
  let leaves = false; // the page itself ends
  let prints = false;

  const isOurs = (address) => new URL(address, location.href).pathname.startsWith(OURS);
  const empty = () => {
    for (const node of document.querySelectorAll("[data-private]")) node.replaceChildren();
    document.querySelector("[data-locked]").hidden = false;
  };
  const lock = () => {
    empty();
    navigator.sendBeacon(form.action, fields);
  };
  const ask = () => location.replace(form.dataset.lock);

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return leaves || prints ? undefined : ask();
    if (!leaves && !prints) lock();
  });
  addEventListener("pagehide", () => {
    leaves = true;
    if (moves) empty();
    else lock();
  });
  addEventListener("pageshow", (event) => event.persisted && ask());
  addEventListener("beforeprint", () => (prints = true));
  addEventListener("afterprint", () => (prints = false));
  globalThis.navigation?.addEventListener("navigate", (event) => (moves = isOurs(event.destination.url)));
  // Where a browser can't tell of every way on: links and forms.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link) moves = isOurs(link.href);
  });
  document.addEventListener("submit", (event) => (moves = isOurs(event.target.action)));
  for (const kind of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(kind, () => (seen = Date.now()), { passive: true, capture: true });
  }
  setInterval(() => {
    if (Date.now() - seen < IDLE) return;
    seen = Date.now();
    lock();
    ask();
  }, 5_000);
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();

/* Opened words go off the page at once when it is out of sight, or was left alone for five minutes, and are locked. */
(() => {
  "use strict";

  const IDLE = 5 * 60_000;
  const OURS = "/words/";
  // On a page with nothing private it only sees to the lock, for as long as the way back is open.
  const form = document.querySelector("form[data-lock]:not([data-only])") || document.querySelector("form[data-lock]");
  if (!form) return;
  const isBare = "only" in form.dataset;
  const locked = document.querySelector("[data-locked]");
  const pin = locked?.querySelector("form");
  const refused = locked?.querySelector("[data-refused]");
  const fields = new FormData(form);
  fields.append("quiet", "1");
  let seen = Date.now();
  let moves = false; // on to another page of these words: they stay open for it
  let leaves = false; // the page itself ends
  let prints = false;
  // What was typed here and is not sent yet is held in memory, and the PIN is asked for on this very page.
  let isTyped = false;
  const held = [];

  const isOurs = (address) => {
    const { pathname, hash } = new URL(address, location.href);
    return pathname.startsWith(OURS) && !hash;
  };
  const empty = () => {
    if (isBare) return;
    for (const node of document.querySelectorAll("[data-private]")) {
      if (isTyped && node.hasChildNodes()) held.push([node, [...node.childNodes]]);
      node.replaceChildren();
    }
    form.hidden = true;
    locked.hidden = false;
  };
  // What leads on waits for the lock: asked at once, the server could find everything still open, and lead straight back.
  let sent = Promise.resolve();
  const lock = () => {
    empty();
    sent = fetch(form.action, { method: "POST", body: fields, credentials: "same-origin", keepalive: true })
      .catch(() => { /* no network: the server's own minutes lock it */ });
  };
  const lockAndGo = () => {
    empty();
    navigator.sendBeacon(form.action, fields);
  };
  const ask = async () => {
    if (isBare) return;
    if (isTyped) return pin.elements.known_pin.focus();
    await sent;
    location.replace(form.dataset.lock);
  };
  const bringBack = () => {
    for (const [node, children] of held.splice(0)) node.append(...children);
    seen = Date.now();
    form.hidden = false;
    locked.hidden = refused.hidden = true;
    pin.reset();
  };
  const refuse = (words) => {
    refused.textContent = words;
    refused.hidden = false;
  };

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return leaves || prints ? undefined : ask();
    if (!leaves && !prints) lock();
  });
  addEventListener("pagehide", () => {
    leaves = true;
    if (moves) empty();
    else lockAndGo();
  });
  addEventListener("pageshow", (event) => {
    leaves = false;
    if (event.persisted) ask();
  });
  addEventListener("beforeprint", () => (prints = true));
  addEventListener("afterprint", () => (prints = false));
  globalThis.navigation?.addEventListener("navigate", (event) => (moves = isOurs(event.destination.url)));
  // Where a browser can't tell of every way on: links and forms.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link) moves = isOurs(link.href);
  });
  document.addEventListener("submit", (event) => (moves = isOurs(event.target.action)));
  // A page that saves by itself has what was typed in its own keeping.
  document.addEventListener("input", ({ target }) => {
    if (target.closest("[data-private]") && !target.closest("[data-save]")) isTyped = true;
  });
  pin?.addEventListener("submit", async (event) => {
    if (!isTyped) return;
    event.preventDefault();
    event.stopPropagation();
    try {
      const typed = new FormData(pin);
      typed.append("quiet", "1");
      const answer = await fetch(pin.action, { method: "POST", body: typed, credentials: "same-origin", redirect: "manual" });
      // Nothing else means that it was this patient's own PIN.
      if (answer.status === 204) return bringBack();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      refuse(page.querySelector(".field-error")?.textContent || "It does not open now. Try again in a while.");
    } catch {
      refuse("There is no network. What you typed waits here.");
    }
  });
  for (const kind of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(kind, () => (seen = Date.now()), { passive: true, capture: true });
  }
  setInterval(() => {
    if (isBare || !locked.hidden || Date.now() - seen < IDLE) return;
    lock();
    ask();
  }, 5_000);
  // Opened out of sight: a lock that was sent meanwhile may have been undone by the very look that made this page.
  if (document.visibilityState === "hidden") lock();
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();

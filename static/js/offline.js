/* An answer that can't be sent is kept on this phone, sealed, and sent later. A red flag shows what to do at once. */
(() => {
  "use strict";

  const WAITS = 8000;
  const status = () => document.getElementById("kept");

  const { inStore, seal, mine, drop, forget, who } = window.phoneStore;
  const keep = async (answer) => {
    const kept = await seal(answer);
    await inStore("answers", "readwrite", (store) => store.add(kept));
  };
  const post = async (url, fields) => {
    const stops = new AbortController();
    const timer = setTimeout(() => stops.abort(), WAITS);
    try {
      return await fetch(url, { method: "POST", credentials: "same-origin", body: new URLSearchParams(fields), signal: stops.signal });
    } finally {
      clearTimeout(timer);
    }
  };
  const letter = (form, fields, offline) => ({
    url: new URL(form.action).pathname, fields: [...fields, ["answered_at", new Date().toISOString()]], offline, who: who(),
  });
  const keptAction = async (path) => {
    try { return Boolean(await caches.match(path)); } catch { return false; /* no store of pages here */ }
  };
  const wentOn = (answer) => answer.redirected && new URL(answer.url).pathname.startsWith("/check-in/");

  let isSending = false;
  const send = async () => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
    if (isSending || !token || !window.indexedDB) return;
    isSending = true;
    try {
      let last = "";
      for (const { id, kept } of await mine("answers")) {
        const answer = await post(kept.url, [...kept.fields, ["csrfmiddlewaretoken", token]]);
        // One that is not taken now holds up no other.
        if (!wentOn(answer) && answer.status !== 422 && answer.status !== 404) continue;
        await drop("answers", id);
        if (wentOn(answer)) last = answer.url;
        // It will never be taken. A red flag is not dropped without a word.
        else if (kept.offline) last ||= kept.offline;
      }
      // What came late is acted on like any other answer: the page that the clinic's answer leads to is shown.
      if (last) location.assign(last);
    } catch { /* still no network: it is tried again */ } finally {
      isSending = false;
    }
  };

  const say = (words) => {
    const line = status();
    if (!line) return;
    line.hidden = false;
    line.textContent = words;
    line.scrollIntoView({ block: "nearest" });
  };

  let isTaken = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches("form[data-queue]") || !button || form.dataset.plain) return;
    event.preventDefault();
    if (isTaken) return;
    isTaken = true;
    const fields = [...new FormData(form, button)].filter(([name]) => name !== "csrfmiddlewaretoken");
    const token = form.elements.csrfmiddlewaretoken.value;
    const offline = button.dataset.offline;
    try {
      const answer = await post(form.action, [...fields, ["csrfmiddlewaretoken", token]]);
      if (wentOn(answer)) return location.assign(answer.url);
      // The server is in trouble: the answer goes out once more later, and counts once.
      if (answer.status >= 500) await keep(letter(form, fields, offline)).catch(() => { /* the page below leads to help */ });
      // Something to read is wrong with it: the browser's own way shows the page.
      form.dataset.plain = "1";
      isTaken = false;
      return form.requestSubmit(button);
    } catch {
      isTaken = false;
    }
    let isKept = false;
    try {
      // With the key of the page: what the server had after all counts once, and it tells a page of long ago from a second try.
      await keep(letter(form, fields, offline));
      isKept = true;
    } catch { /* no room, or no store: the words below say so */ }
    if (offline && (await keptAction(offline))) return location.assign(offline);
    if (offline) {
      // Help covers the page, and with it the line that says where the answer is: it moves along.
      document.getElementById("help")?.prepend(status() || "");
      location.hash = "help";
    }
    say(
      isKept
        ? "You are not online. Your answer is on this phone, and not with the clinic. It goes out when you are online. Not well? Call."
        : "You are not online. Your answer was not saved. Not well? Call the number under Get help.",
    );
  });

  /* Signing out: what is not sent is said first; then nothing of this person stays. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-forget]") || form.dataset.plain) return;
    event.preventDefault();
    form.dataset.plain = "1";
    navigator.serviceWorker?.controller?.postMessage("forget");
    const soon = new Promise((done) => setTimeout(done, 2000));
    if (window.indexedDB) await Promise.race([forget().catch(() => { /* no store */ }), soon]);
    form.submit();
  });
  for (const line of window.indexedDB ? document.querySelectorAll("[data-unsent]") : []) {
    mine(line.dataset.unsent).then((found) => { line.hidden = !found.length; }, () => { /* none */ });
  }
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  send();

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js").catch(() => { /* everything works without it */ });
    if (document.querySelector("[data-keep]")) navigator.serviceWorker.ready.then((ready) => ready.active?.postMessage("keep"));
  }
})();

/* An answer that can't be sent is kept on this phone, sealed, and sent later. A red flag shows what to do at once. */
(() => {
  "use strict";

  const WAITS = 8000;
  const status = () => document.getElementById("kept");

  /* Answers and drafts are kept sealed, under a key that can't be read out of the browser. */
  const open = () => new Promise((done, failed) => {
    const asked = indexedDB.open("aftercare", 2);
    asked.onupgradeneeded = () => {
      const has = [...asked.result.objectStoreNames];
      for (const name of ["answers", "keys", "drafts"]) if (!has.includes(name)) asked.result.createObjectStore(name, { autoIncrement: true });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const inStore = async (name, mode, act) => {
    const store = await open();
    return new Promise((done, failed) => {
      const change = store.transaction(name, mode);
      const asked = act(change.objectStore(name));
      change.oncomplete = () => { store.close(); done(asked.result); };
      change.onabort = () => { store.close(); failed(change.error); };
    });
  };
  const get = (name, id) => inStore(name, "readonly", (store) => store.get(id));
  const drop = (name, id) => inStore(name, "readwrite", (store) => store.delete(id));
  const sealingKey = async () => {
    const kept = await get("keys", "sealing");
    if (kept) return kept;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await inStore("keys", "readwrite", (store) => store.add(made, "sealing")).catch(() => { /* another page was first */ });
    return get("keys", "sealing");
  };
  const seal = async (told) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(told));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealingKey(), text) };
  };
  const read = async ({ iv, sealed }) =>
    JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await sealingKey(), sealed)));
  const all = async (name) => {
    const ids = await inStore(name, "readonly", (store) => store.getAllKeys());
    return Promise.all(ids.map(async (id) => ({ id, kept: await get(name, id).then(read).catch(() => null) })));
  };
  // Whose page this is: what somebody else left here is not shown, and not sent in their name.
  const who = () => document.querySelector("[data-who]")?.dataset.who;
  const mine = async (name) => (await all(name)).filter(({ kept }) => kept?.who === who());
  window.phoneStore = { inStore, seal, all, mine, drop, who };

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
      // With the key of the page: what the server had after all counts once.
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

  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  send();

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js").catch(() => { /* everything works without it */ });
    if (document.querySelector("[data-keep]")) navigator.serviceWorker.ready.then((ready) => ready.active?.postMessage("keep"));
  }
})();

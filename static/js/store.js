/* What this phone keeps until it is sent: answers and drafts, each sealed under a key that can't be read out of the browser. */
(() => {
  "use strict";
  const NAME = "aftercare";
  const open = () => new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 2);
    asked.onupgradeneeded = () => {
      const has = asked.result.objectStoreNames;
      if (!has.contains("answers")) asked.result.createObjectStore("answers", { autoIncrement: true });
      if (!has.contains("keys")) asked.result.createObjectStore("keys");
      if (!has.contains("drafts")) asked.result.createObjectStore("drafts");
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
      change.onerror = change.onabort = () => { store.close(); failed(change.error); };
    });
  };
  const sealingKey = async () => {
    const kept = await inStore("keys", "readonly", (store) => store.get("sealing"));
    if (kept) return kept;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    // Two pages at once: the first key stays, or what it sealed would never open again.
    await inStore("keys", "readwrite", (store) => store.add(made, "sealing")).catch(() => { /* the other one was first */ });
    return inStore("keys", "readonly", (store) => store.get("sealing"));
  };
  const seal = async (told) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(told));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealingKey(), text) };
  };
  const read = async ({ iv, sealed }) =>
    JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await sealingKey(), sealed)));
  // Whose page this is: what somebody else left on this phone is not shown, and not sent in their name.
  const who = () => document.querySelector("[data-who]")?.dataset.who;
  const all = async (name) => {
    const ids = await inStore(name, "readonly", (store) => store.getAllKeys());
    const kept = await Promise.all(ids.map((id) => inStore(name, "readonly", (store) => store.get(id)).then(read).catch(() => null)));
    return ids.map((id, place) => ({ id, kept: kept[place] }));
  };
  const mine = async (name) => (await all(name)).filter(({ kept }) => kept?.who === who());
  const drop = (name, id) => inStore(name, "readwrite", (store) => store.delete(id));
  /* Takes away what is this person's, and what nobody can read any more. What somebody else left waits for them. */
  const forget = async () => {
    let left = 0;
    for (const name of ["answers", "drafts"]) {
      for (const { id, kept } of await all(name)) {
        if (kept && kept.who !== who()) left += 1;
        else await drop(name, id);
      }
    }
    if (!left) indexedDB.deleteDatabase(NAME);
  };

  window.phoneStore = { inStore, seal, mine, drop, forget, who };
})();

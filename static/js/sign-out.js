/* Signing out: what is not sent is said first; then nothing of this person stays. What somebody else left waits for them. */
(() => {
  "use strict";

  if (!window.indexedDB) return;
  const { all, mine, drop, who } = window.phoneStore;
  const forget = async () => {
    let left = 0;
    for (const name of ["answers", "drafts"]) {
      for (const { id, kept } of await all(name)) {
        if (kept && kept.who !== who()) left += 1;
        else await drop(name, id);
      }
    }
    if (!left) indexedDB.deleteDatabase("aftercare");
  };
  for (const line of document.querySelectorAll("[data-unsent]")) {
    mine(line.dataset.unsent).then((found) => { line.hidden = !found.length; }, () => { /* no store */ });
  }
  document.querySelector("form[data-forget]").addEventListener("submit", async (event) => {
    event.preventDefault();
    navigator.serviceWorker?.controller?.postMessage("forget");
    // A store that does not answer keeps nobody from leaving.
    const soon = new Promise((done) => setTimeout(done, 2000));
    await Promise.race([forget().catch(() => { /* no store */ }), soon]);
    event.target.submit();
  });
})();

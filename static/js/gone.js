/* Everything written was deleted: what this phone still held to send goes too. */
(() => {
  "use strict";
  if (!window.phoneStore) return;
  const { mine, drop } = window.phoneStore;
  mine("drafts").then((found) => Promise.all(found.map(({ id }) => drop("drafts", id)))).catch(() => { /* no store */ });
})();

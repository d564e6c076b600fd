/* Whether the phone shows another time than the one that messages go by. Then the page asks; nothing is changed here. */
(() => {
  "use strict";

  const look = () => {
    const line = document.querySelector("[data-clock]");
    if (!line) return;
    const now = new Date();
    const shown = (timeZone) => now.toLocaleString("en-US", { timeZone });
    try {
      line.hidden = shown(line.dataset.clock) === shown();
    } catch { /* a zone that this browser does not know: the page stays as it came */ }
  };

  document.addEventListener("htmx:after:settle", look);
  look();
})();

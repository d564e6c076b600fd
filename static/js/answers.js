/* Answers that can't be sent stay on the page, and it says so. One of them, named by the form with the numbers from and to
   which it asks for help, shows whom to call, with no network at all. */
(() => {
  "use strict";

  const WAITS = 8000;
  const form = document.querySelector("form[data-answers]");
  const note = document.getElementById("unsent");
  const asksForHelp = (answer) => {
    const { helpFrom = -Infinity, helpTo = Infinity } = form.dataset;
    return answer !== null && Number(answer) >= Number(helpFrom) && Number(answer) <= Number(helpTo);
  };
  let isTaken = false;
  form?.addEventListener("submit", async (event) => {
    if (form.dataset.plain) return;
    event.preventDefault();
    if (isTaken) return;
    isTaken = true;
    const fields = new FormData(form);
    try {
      const signal = AbortSignal.timeout(WAITS);
      const answer = await fetch(form.action, { method: "POST", credentials: "same-origin", body: new URLSearchParams(fields), signal });
      if (answer.redirected) return location.assign(answer.url);
      // There is something to read: the browser's own way shows the page. Sent twice, it counts once.
      form.dataset.plain = "1";
      return form.requestSubmit();
    } catch { /* said below */ } finally {
      isTaken = false;
    }
    note.hidden = false;
    if (asksForHelp(fields.get(form.dataset.help))) {
      // Help covers the page, and with it the line that says where the answers are: it moves along.
      document.getElementById("help").prepend(note);
      location.hash = "help";
    } else form.querySelector("button").before(note);
    note.scrollIntoView({ block: "nearest" });
  });
})();

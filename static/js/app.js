/* Only smooths what works without it: where the focus goes, and plain words when an answer does not come. */
(() => {
  "use strict";

  const trouble = () => document.getElementById("trouble");
  const method = (event) => event.detail?.ctx?.request?.method || "GET";

  const show = (event) => {
    const note = trouble();
    // A look that failed is tried again by itself. An act that failed has to be told.
    if (!note || method(event) === "GET") return;
    note.hidden = false;
    note.scrollIntoView({ block: "nearest" });
  };

  // What somebody opened stays open when the part around it is swapped.
  let opened = [];
  document.addEventListener("htmx:before:swap", () => {
    opened = [...document.querySelectorAll("details.more[open][id]")].map((node) => node.id);
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  });
  document.addEventListener("htmx:after:settle", (event) => {
    for (const node of event.detail?.newContent || []) {
      const first = node.matches?.("[data-autofocus]") ? node : node.querySelector?.("[data-autofocus]");
      if (first) return first.focus();
    }
  });
  document.addEventListener("htmx:before:request", (event) => {
    const note = trouble();
    if (note && method(event) !== "GET") note.hidden = true;
  });
  document.addEventListener("htmx:error", show);
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail?.ctx?.response?.status;
    if (status !== 422 && status !== 409) show(event);
  });
  // The zone that the phone goes by: said, and picked where nobody has confirmed one yet.
  const card = document.querySelector("[data-zone]");
  const pick = card?.querySelector("select");
  const own = pick && [...pick.options].find((one) => one.value === Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (own) {
    const line = card.querySelector("[data-phone-zone]");
    line.querySelector("b").textContent = own.text;
    line.hidden = false;
    if (card.dataset.zone === "pick") pick.value = own.value;
  }
  // Copies what stands in a field; without a script it is selected and copied by hand.
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    button.querySelector("span").textContent = "Copied";
  });
  // A full page with errors: say them first.
  document.querySelector(".errors[data-autofocus]")?.focus();
})();

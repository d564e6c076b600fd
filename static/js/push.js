/* Notes on this phone: asked for by a tap, and told plainly how it went. Without it the page says that it could not. */
(() => {
  "use strict";

  const SAYS = {
    on: "Notes are on for this phone.",
    off: "Notes are off on this phone.",
    asks: "Your phone asks you now. Tap Allow.",
    waits: "One moment.",
    blocked: "Your phone blocks our notes. You can allow them. Open the settings of your phone, then Notifications. Pick this app, or your browser. Then come back here.",
    unsure: "Nothing was turned on. Tap once more if you want notes.",
    stopped: "Notes stopped on this phone. Turn them on again, or stop them for good.",
    home: "On an iPhone, notes come only from the home screen. The way there is just below.",
    cannot: "This browser can’t show notes. What we send also waits here in the app.",
    stands: "Want no more? Stop them below.",
    failed: "That did not work. Try once more later. What we send also waits here in the app.",
  };
  const card = () => document.querySelector("[data-push]");
  const can = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const isInSafari = () => navigator.standalone === false;

  const show = (what, words = SAYS[what]) => {
    const here = card();
    const isHopeless = ["blocked", "home", "cannot"].includes(what);
    // A yes stands until it is taken back, also where the phone shows none, or where the no did not get through.
    if (["on", "off", "stopped"].includes(what)) here.dataset.push = what;
    const stands = here.dataset.push !== "off";
    here.querySelector("[role=status]").textContent = stands && isHopeless ? `${words} ${SAYS.stands}` : words;
    here.querySelector(".glyph").classList.toggle("glyph--good", what === "on");
    here.querySelector("[data-push-off]").hidden = !stands;
    here.querySelector("[data-push-on]").hidden = here.dataset.push === "on" || isHopeless;
    // What is said yes to, only where there is a yes to give.
    here.querySelector(".say").hidden = isHopeless;
  };
  const post = async (form, fields) => {
    const token = form.elements.csrfmiddlewaretoken.value;
    return fetch(form.action, { method: "POST", credentials: "same-origin", body: new URLSearchParams({ ...fields, csrfmiddlewaretoken: token }) });
  };
  const told = (made, more = {}) => {
    const { endpoint, keys: { p256dh, auth } } = made.toJSON();
    return { endpoint, p256dh, auth, ...more };
  };
  const manager = async () => {
    await navigator.serviceWorker.register("/sw.js");
    return (await navigator.serviceWorker.ready).pushManager;
  };
  const subscribed = async () => (await navigator.serviceWorker?.getRegistration("/"))?.pushManager?.getSubscription();

  const turnOn = async (form) => {
    show("asks");
    const answer = await Notification.requestPermission();
    if (answer !== "granted") return show(answer === "denied" ? "blocked" : "unsure");
    show("waits");
    const push = await manager();
    // One that was made for another key of ours could not be used any more.
    await (await push.getSubscription())?.unsubscribe();
    const made = await push.subscribe({ userVisibleOnly: true, applicationServerKey: card().dataset.key });
    const taken = await post(form, told(made));
    if (taken.status === 204) return show("on");
    await made.unsubscribe();
    return show("failed", taken.status === 422 ? await taken.text() : undefined);
  };
  const turnOff = async (form) => {
    const made = await subscribed();
    const taken = await post(form, {});
    await made?.unsubscribe();
    return show(taken.ok ? "off" : "failed");
  };

  // What holds on this phone: the page knows what was said, the browser whether it still can.
  const look = async () => {
    const here = card();
    if (!here) return undefined;
    if (!can()) return show(isInSafari() ? "home" : "cannot");
    if (Notification.permission === "denied") return show("blocked");
    const made = await subscribed();
    if (here.dataset.push === "off") return show("off");
    if (!made) return show("stopped");
    // The browser may change its address by itself. No new yes is said by that.
    if (made.endpoint !== here.dataset.endpoint) await post(here.querySelector("[data-push-on]"), told(made, { renew: "1" }));
    return show("on");
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.closest("[data-push]")) return;
    event.preventDefault();
    try {
      await (form.matches("[data-push-on]") ? turnOn(form) : turnOff(form));
    } catch {
      show("failed");
    }
  });
  document.addEventListener("htmx:after:settle", () => look().catch(() => { /* the page stays as it came */ }));
  look().catch(() => { /* the page stays as it came */ });
})();

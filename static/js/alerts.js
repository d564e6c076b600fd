/* The pages that show alerts: how old what they show is, and a sound that a person has tried. Nothing plays by itself. */
(() => {
  "use strict";

  const KEPT = "sound";
  const STALE = 30_000;
  const byId = (id) => document.getElementById(id);
  const board = () => document.querySelector("[data-alerts]");
  const keys = () => (board()?.dataset.alerts || "").split(" ").filter(Boolean);
  const store = {
    get: (name) => { try { return sessionStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ } },
  };

  /* The age of what is shown. CSS says that it is too old; an answer with nothing new begins the time anew. */
  let answered = Date.now();
  let wasStale = false;

  const fresh = () => {
    answered = Date.now();
    for (const animation of board()?.getAnimations({ subtree: true }) || []) {
      if (/^(shows|hides)$/.test(animation.animationName || "")) animation.currentTime = 0;
    }
  };
  const tick = () => {
    const age = Date.now() - answered;
    const words = document.querySelector("[data-age]");
    if (words) words.textContent = `Checked ${Math.round(age / 1000)} s ago.`;
    if (age > STALE !== wasStale) {
      wasStale = age > STALE;
      if (wasStale) say("This page is not up to date. Reload it, and phone who is on call.");
    }
  };
  const say = (words) => { const live = byId("live"); if (live) live.textContent = words; };

  /* The sound. */
  let audio = null;
  const isWanted = () => store.get(KEPT) === "on";
  const isOn = () => isWanted() && audio?.state === "running";

  const tone = (from, pitch) => {
    const voice = audio.createOscillator();
    const loudness = audio.createGain();
    voice.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(0.25, from + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, from + 0.35);
    voice.connect(loudness).connect(audio.destination);
    voice.start(from);
    voice.stop(from + 0.4);
  };
  const beep = () => {
    if (!isOn()) return;
    tone(audio.currentTime, 660);
    tone(audio.currentTime + 0.3, 880);
  };
  const show = () => {
    const box = byId("sound");
    if (!box) return;
    box.hidden = false;
    box.classList.toggle("is-on", isOn());
    byId("sound-state").textContent = isOn()
      ? "Sound is on. A new alert beeps here while this page is open."
      : isWanted()
        ? "Sound is off until you click: the browser asks for it on each page."
        : "Sound is off. A new alert makes no noise here.";
    byId("sound-test").textContent = isWanted() && !isOn() ? "Turn the sound on" : "Test the sound";
  };
  const wake = async () => {
    const Audio = window.AudioContext || window.webkitAudioContext;
    if (!Audio) return;
    audio ||= new Audio();
    audio.onstatechange = show;
    if (audio.state !== "running") await audio.resume();
    show();
  };
  const begin = () => {
    if (!byId("sound") || !(window.AudioContext || window.webkitAudioContext)) return;
    byId("sound-test").addEventListener("click", async () => {
      store.set(KEPT, "on");
      await wake();
      beep();
    });
    byId("sound-off").addEventListener("click", () => {
      store.set(KEPT, "off");
      show();
    });
    if (isWanted()) {
      wake();
      document.addEventListener("pointerdown", () => { if (isWanted() && !isOn()) wake(); });
    }
    show();
  };

  /* What is new since the last look, also across pages. */
  const look = () => {
    const known = new Set((store.get("alerts") ?? keys().join(" ")).split(" "));
    const now = keys();
    const first = now.find((key) => !known.has(key));
    store.set("alerts", now.join(" "));
    if (!first) return;
    const name = byId(`alert-${first.split(":")[0]}`)?.textContent || "";
    say(`New alert${name ? `: ${name}` : ""}`);
    beep();
  };

  document.addEventListener("htmx:after:request", (event) => {
    const status = event.detail?.ctx?.response?.status;
    if (status === 200 || status === 204) fresh();
  });
  document.addEventListener("htmx:after:swap", () => { look(); tick(); });
  begin();
  look();
  tick();
  setInterval(tick, 1000);
})();

/* Counts breaths, four seconds in and six out, from a tap until the next one. The page works without it: see app.css. */
(() => {
  "use strict";

  const IN = 4, ROUND = 10;
  const HIGH = 330, LOW = 247;
  const go = document.getElementById("go");
  const breath = document.querySelector(".breath");
  const choices = document.querySelector("[data-set]");
  const said = document.getElementById("said");
  const word = breath.querySelector("[data-word]");
  const count = breath.querySelector("[data-count]");

  let startedAt = 0, lasts = Infinity, shown = -1, timer = 0, isOver = false;
  let lock = null, sound = null;

  // The screen stays awake while it runs and is looked at. A browser takes that back when the page is hidden.
  const stayAwake = async () => {
    if (!go.open || document.visibilityState !== "visible") return;
    try {
      const got = await navigator.wakeLock.request("screen");
      letSleep();
      lock = got;
      if (!go.open) letSleep();
    } catch { /* not here, or the battery is low: it runs all the same */ }
  };
  const letSleep = () => {
    lock?.release().catch(() => { /* released already */ });
    lock = null;
  };

  const ring = (pitch) => {
    if (!sound || document.visibilityState !== "visible") return;
    const at = sound.currentTime, tone = sound.createOscillator(), loudness = sound.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.08, at + 0.25);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 2.5);
    tone.connect(loudness).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 2.6);
  };

  const tick = () => {
    const passed = Math.floor((performance.now() - startedAt) / 1000);
    if (passed === shown) return;
    shown = passed;
    if (passed >= lasts) {
      isOver = true;
      go.open = false;
      return;
    }
    const place = passed % ROUND, isIn = place < IN;
    word.textContent = isIn ? "In" : "Out";
    count.textContent = 1 + (isIn ? place : place - IN);
    if (place === 0 || place === IN) ring(isIn ? HIGH : LOW);
  };

  const start = () => {
    const minutes = Number(new FormData(choices).get("minutes"));
    lasts = minutes ? minutes * 60 : Infinity;
    startedAt = performance.now();
    shown = -1;
    isOver = false;
    if (choices.elements.sound.checked && window.AudioContext) {
      sound ||= new AudioContext();
      sound.resume();
    }
    said.textContent = "Follow along, or close your eyes.";
    timer = setInterval(tick, 200);
    tick();
    stayAwake();
  };
  const stop = () => {
    clearInterval(timer);
    letSleep();
    sound?.suspend();
    word.textContent = count.textContent = "";
    said.textContent = isOver ? "Stay as long as you like." : "Rest a bit, if you want to.";
  };

  breath.classList.add("is-counted");
  choices.hidden = false;
  go.addEventListener("toggle", () => (go.open ? start() : stop()));
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? stayAwake() : letSleep()));
})();

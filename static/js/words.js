/* A page that is written on: it saves by itself, and what is not saved yet stays on this phone, sealed.
   It never touches what stands in the field while somebody writes. */
(() => {
  "use strict";

  const RESTS = 2000; // after the last key
  const LONGEST = 10_000; // while somebody types on and on
  const SEALS = 400;
  const WAITS = 8000;
  const TRIES_AGAIN = 15_000;
  const KEEPALIVE = 15_000; // letters: a browser sends no more than 64 kB of a page that is going
  const MOST = 100_000; // more than any script needs for the longest text
  const TOO_LONG = "This is too long to save. Take some out, or make two texts of it.";
  const form = document.querySelector("form[data-words]");
  const { inStore, seal, mine, drop, who } = window.phoneStore;
  const { text, key, writer, number, seen, question, was_saved: wasSaved } = form.elements;
  const line = form.querySelector("[data-status]");
  const canKeep = Boolean(window.indexedDB && window.crypto?.subtle);
  const uuid = () =>
    crypto.randomUUID?.() ||
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
      (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));

  const isFresh = "fresh" in form.dataset;
  const isPending = "pending" in form.dataset;
  // A page from the phone's store comes more than once: each time it is a text of its own.
  if (isFresh) key.value = uuid();
  if (!isPending) writer.value = uuid();

  const say = (words) => { if (line.textContent !== words) line.textContent = words; };
  const feelings = () => [...form.querySelectorAll("[name=feelings]")];
  const isBlank = () => !text.value.trim() && !feelings().some((box) => box.checked);

  /* What changed, and how far the clinic's server has it. */
  let changes = isPending ? 1 : 0;
  let saved = 0;
  let isSending = false;
  let isBeside = false;
  let wasSent = number.value !== "1";
  let timers = {};
  const later = (name, wait, act) => { timers[name] ||= setTimeout(() => { timers[name] = 0; act(); }, wait); };
  const anew = (name, wait, act) => { clearTimeout(timers[name]); timers[name] = 0; later(name, wait, act); };

  /* The draft on this phone. */
  const fields = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const place = () => `${key.value} ${form.dataset.save}`;
  const keepDraft = async () => {
    if (!canKeep || saved === changes) return false;
    const now = changes;
    try {
      const sealed = await seal({ who: who(), url: form.dataset.save, fields: fields(), at: Date.now() });
      // It was saved while it was sealed: a draft of it would come back as if it were not.
      if (saved < now) await inStore("drafts", "readwrite", (store) => store.put(sealed, place()));
      return true;
    } catch {
      return false;
    }
  };
  const dropDraft = (id) => (canKeep ? drop("drafts", id).catch(() => { /* it is sent once more, and counts once */ }) : undefined);

  /* Sending. */
  const ofToken = (node) => node.querySelector("input[name=csrfmiddlewaretoken]");
  const post = async (url, told, { isGoing = false } = {}) => {
    const body = new FormData();
    for (const [name, value] of [...told, ["csrfmiddlewaretoken", ofToken(form).value]]) body.append(name, value);
    const stops = new AbortController();
    const timer = setTimeout(() => stops.abort(), WAITS);
    try {
      return await fetch(url, {
        method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: isGoing, signal: stops.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  };
  // A page that was kept, or open since yesterday, has an old token. A page of now has a new one, unless somebody else is here now.
  const renew = async () => {
    const answer = await fetch("/words/", { credentials: "same-origin", cache: "no-store", redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.querySelector("[data-who]")?.dataset.who !== who()) return false;
    for (const each of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) each.value = ofToken(page).value;
    return true;
  };
  const deliver = async (url, told, how) => {
    const answer = await post(url, told, how);
    return answer.status === 403 && (await renew()) ? post(url, told, how) : answer;
  };
  const words = async (answer) =>
    (answer.headers.get("Content-Type") || "").startsWith("text/plain") ? (await answer.text()).trim() : "";
  const isAway = (answer) => answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
  const trouble = (isKept, answer) => {
    if (!isKept) return "This is not saved yet. Stay on this page, or copy your words.";
    if (!answer) return "Kept on this phone. It goes when you are online.";
    return isAway(answer) ? "Kept on this phone. Sign in, and it goes." : "Kept on this phone. We try again soon.";
  };

  const show = async (answer, isKept) => {
    if (answer.ok || answer.status === 422 || answer.status === 410) return say(await words(answer));
    return say(answer.status === 413 ? TOO_LONG : trouble(isKept, answer));
  };
  const isFinal = (answer) => answer.ok || (answer.status === 422 && isBlank());
  // Returns the answer; undefined where none came.
  const send = async () => {
    if (isSending || saved === changes || (isBlank() && !wasSent)) return undefined;
    isSending = true;
    clearTimeout(timers.rest);
    clearTimeout(timers.most);
    timers = { seal: timers.seal };
    const now = changes;
    const told = fields();
    const isKept = await keepDraft();
    // From here on what is typed is another saving: a slow one never takes the place of a newer one.
    number.value = Number(number.value) + 1;
    wasSent = true;
    let answer;
    try {
      if (text.value.length > MOST) return say(TOO_LONG);
      answer = await deliver(form.dataset.save, told, {
        isGoing: document.visibilityState === "hidden" && text.value.length < KEEPALIVE,
      });
      if (isFinal(answer)) saved = now;
      if (answer.ok) {
        isBeside = answer.headers.has("X-Beside");
        wasSaved.value = "1"; // from now on it is no new text: what was deleted meanwhile does not come back by itself
      }
      if (saved === changes) await dropDraft(place());
      await show(answer, isKept);
    } catch {
      say(trouble(isKept));
    } finally {
      isSending = false;
      // What is wrong with it stays wrong until somebody changes it.
      const isWrong = [410, 413, 422].includes(answer?.status);
      if (saved !== changes && !isWrong) later("rest", answer?.ok ? RESTS : TRIES_AGAIN, send);
    }
    return answer;
  };

  const changed = () => {
    changes += 1;
    later("seal", SEALS, keepDraft);
    anew("rest", RESTS, send);
    later("most", LONGEST, send);
  };
  form.addEventListener("input", changed);

  /* Questions: another one, none, or one again. What is typed stays. */
  const asked = form.querySelector("[data-asked]");
  const questions = asked.dataset.questions.split("|").filter(Boolean);
  const ask = (words) => {
    question.value = words;
    asked.querySelector("p").textContent = words || asked.querySelector("p").textContent;
    asked.hidden = !words;
    const unasked = form.querySelector("[data-unasked]");
    if (unasked) unasked.hidden = Boolean(words);
    const next = questions[(questions.indexOf(words) + 1) % questions.length];
    for (const button of form.querySelectorAll("button[name=ask]")) if (button.value) button.value = next;
  };

  /* Keep this: what is there goes, and only then does the page. */
  let isLeaving = false;
  const leave = async (button) => {
    if (isLeaving) return;
    isLeaving = true;
    if (!changes && isFresh && !isBlank()) changes = 1;
    for (let tries = 0; tries < 3 && (isSending || saved !== changes); tries += 1) {
      while (isSending) await new Promise((done) => setTimeout(done, 50));
      const answer = await send();
      if (!answer?.ok) {
        isLeaving = false;
        // 404 and 410: what this was is gone. The browser's own way keeps it as a text of its own.
        const isToRead = [404, 410, 422].includes(answer?.status) || isBlank();
        return isToRead ? showPlain(button) : line.scrollIntoView({ block: "nearest" });
      }
    }
    // Kept beside another page's text: the browser's own way says so, and shows which is this one.
    return isBlank() || isBeside ? showPlain(button) : location.assign(form.dataset.kept);
  };
  // There is something to read: the browser's own way shows the page. Not from within this sending: that would do nothing.
  const showPlain = (button) => {
    form.dataset.plain = "1";
    setTimeout(() => form.requestSubmit(button));
  };
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "ask") {
      event.preventDefault();
      ask(event.submitter.value);
      if (!isBlank()) changed();
    } else if (!form.dataset.plain) {
      event.preventDefault();
      leave(event.submitter);
    }
  });

  /* What an earlier page left on this phone: the newest comes back into the empty field, the others go as they are. */
  const held = new Set();
  const hold = (id) => new Promise((done) => {
    if (held.has(id) || !navigator.locks) return done(held.has(id));
    // Held as long as this page lives: no other tab takes a draft that is being written.
    navigator.locks.request(`words ${id}`, { ifAvailable: true }, (lock) => {
      if (lock) held.add(id);
      done(Boolean(lock));
      return lock ? new Promise(() => { /* until the page goes */ }) : undefined;
    });
  });
  const take = (draft) => {
    const told = new Map(draft.fields);
    for (const field of [key, writer, seen, wasSaved]) field.value = told.get(field.name) ?? "";
    number.value = Number(told.get("number")) + 1;
    wasSent = number.value > 2;
    const tapped = draft.fields.filter(([name]) => name === "feelings").map(([, value]) => value);
    for (const box of feelings()) box.checked = tapped.includes(box.value);
    ask(told.get("question") || "");
    text.value = told.get("text");
    changes += 1;
    later("rest", 0, send);
  };
  let isLooking = false;
  const look = async () => {
    if (!canKeep || isLooking) return;
    isLooking = true;
    try {
      const found = (await mine("drafts")).sort((one, other) => other.kept.at - one.kept.at);
      for (const { id, kept } of found) {
        if (id === place()) continue;
        const isOurs = await hold(id);
        // Without locks nobody knows whether it is being written: sent as it is, it counts once all the same.
        if (!isOurs && navigator.locks) continue;
        const isFree = isFresh && !changes && isBlank() && kept.url === form.dataset.save;
        if (isOurs && isFree) take(kept);
        else await pass(id, kept);
      }
    } catch { /* no store, or no network: it is tried again */ } finally {
      isLooking = false;
    }
  };
  const pass = async (id, kept) => {
    let answer = await deliver(kept.url, kept.fields);
    // What it was a change of is gone: then it is a text of its own.
    if (answer.status === 404 && isFresh) answer = await deliver(form.dataset.save, kept.fields);
    // 410: it was deleted, and its page said so.
    if (answer.ok || answer.status === 410) await dropDraft(id);
  };

  hold(place());
  if (isPending) changed();
  look();
  const again = () => { if (saved !== changes) send(); look(); };
  window.addEventListener("online", again);
  window.addEventListener("pagehide", keepDraft);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return again();
    keepDraft();
    return send();
  });
})();

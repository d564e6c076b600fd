/* Keeps help, the day, the pages to write on and to breathe with, the first question and what to do at each red level, for when there is no network; shows notes and opens what they are about. */
"use strict";

const KEPT = "kept-1";
const FILES = [/* files */];
const PAGES = ["/", "/help/", "/breathe/", "/check-in/", "/words/", "/offline/2/", "/offline/3/", "/offline/4/"];
// Nothing of a person stands on these; the first stands in for whatever was not kept.
const PUBLIC = ["/help/", "/breathe/"];
const WAITS = 8000;

const keep = async (cache, path) => {
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", headers: { "X-Keep": "1" } });
  // A phone that is not known any more is sent elsewhere: nothing of its day stays here.
  if (answer.redirected) return PUBLIC.includes(path) ? undefined : cache.delete(path);
  return answer.ok ? keepOwn(cache, path, answer) : undefined;
};

// Whose page it is: what is kept is one person's, and goes when the phone becomes somebody else's.
const OWNER = "/owner";
const ownerOf = async (answer) => /data-who="([^"]*)"/.exec(await answer.clone().text())?.[1] || "";
const keepOwn = async (cache, path, answer) => {
  const [owner, before] = [await ownerOf(answer), await (await cache.match(OWNER))?.text()];
  if (owner && before && owner !== before) await forget();
  if (owner && owner !== before) await cache.put(OWNER, new Response(owner));
  return cache.put(path, answer);
};
// Nothing of a person's day stays behind; help does.
const forget = async () => {
  const cache = await caches.open(KEPT);
  await Promise.all([OWNER, ...PAGES.filter((path) => !PUBLIC.includes(path))].map((path) => cache.delete(path)));
};

const keepAll = async () => {
  const cache = await caches.open(KEPT);
  await Promise.allSettled([...FILES.map((file) => cache.add(file)), ...PAGES.map((path) => keep(cache, path))]);
};

const soon = (request) => {
  const stops = new AbortController();
  const timer = setTimeout(() => stops.abort(), WAITS);
  return fetch(request, { signal: stops.signal }).finally(() => clearTimeout(timer));
};

const page = async (request) => {
  const { pathname: path, search } = new URL(request.url);
  const cache = await caches.open(KEPT);
  const kept = await cache.match(path);
  try {
    // Only what is kept can stand in for a slow answer.
    const answer = kept ? await soon(request) : await fetch(request);
    if (PAGES.includes(path) && !PUBLIC.includes(path)) {
      if (answer.type === "opaqueredirect" || answer.redirected) await forget();
      else if (answer.ok && !search) await keepOwn(cache, path, answer.clone());
    }
    return answer;
  } catch {
    return kept || (await cache.match(PUBLIC[0])) || Response.error();
  }
};

const file = async (request) => (await caches.match(request, { ignoreSearch: true })) || fetch(request);

self.addEventListener("install", (event) => event.waitUntil(keepAll().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => {
  const old = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(old());
});
self.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keepAll());
  if (event.data === "forget") event.waitUntil(forget());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin || address.pathname.startsWith("/staff/")) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.includes(address.pathname)) event.respondWith(file(request));
});

// A note comes as JSON that newer iPhones read by themselves (declarative web push); everywhere else it is read here.
const DECLARED = 8030;
const [ICON, BADGE] = [/* icon */, /* badge */];
// A browser wants something shown for whatever came.
const UNREAD = { title: "A short note for you" };
const read = (data) => {
  try {
    const { web_push: kind, notification } = data.json();
    return kind === DECLARED && notification.title ? notification : UNREAD;
  } catch {
    return UNREAD;
  }
};
// Only an address of ours is opened; for any other, the day.
const where = (address) => {
  const home = `${self.location.origin}/`;
  try {
    const { href } = new URL(address || "/", home);
    return href.startsWith(home) ? href : home;
  } catch {
    return home;
  }
};
const show = ({ title, body, tag, navigate }) => self.registration.showNotification(String(title), {
  body: String(body || ""), tag: String(tag || "note"), icon: ICON, badge: BADGE, lang: "en", data: { navigate: where(navigate) },
});
self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));

// Staff, an escort and a guest may have pages of ours open in this browser: those are left as they are.
const isPatients = ({ url }) => !/^\/(staff|pickup|f|shared)\//.test(new URL(url).pathname);
const open = async (address) => {
  const page = (await self.clients.matchAll({ type: "window" })).find(isPatients);
  if (!page) return self.clients.openWindow(address);
  // A browser that refuses to bring the page to the front still shows it there, for when somebody looks.
  await page.focus().catch(() => undefined);
  return page.navigate(address);
};
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(where(event.notification.data?.navigate)));
});

// The browser has a new address for notes. Only a page knows whether they are still wanted, and may write.
const renew = async () => {
  const page = await (await fetch("/messages/", { cache: "no-store", headers: { "X-Keep": "1" } })).text();
  const [key, token] = [/data-push="on" data-key="([^"]+)"/, /name="csrfmiddlewaretoken" value="([^"]+)"/].map((one) => one.exec(page)?.[1]);
  if (!key || !token) return;
  const made = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys: { p256dh, auth } } = made.toJSON();
  await fetch("/push/subscribe/", { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken: token, endpoint, p256dh, auth, renew: "1" }) });
};
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew()));

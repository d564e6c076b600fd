/* Keeps help, the day, the pages to write on and to breathe with, the first question and what to do at each red level, for when there is no network. */
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

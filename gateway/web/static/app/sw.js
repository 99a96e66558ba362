// What keeps the app on the phone. VERSION and SHELL stand above, written by the gateway: all files of one version are
// kept together or not at all, and a page is only ever given files of one. A newer version waits until no page of the
// older one is open, or until somebody who is in the middle of nothing asks for it.

const PREFIX = "baraza-app-";
const CACHE = `${PREFIX}${VERSION}`;

async function fill() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(
      SHELL.map(async (path) => {
        // Whoever is signed out is led elsewhere: that page must not be taken for this one.
        const answer = await fetch(path, { cache: "no-store", redirect: "error", credentials: "same-origin" });
        if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
        await cache.put(path, answer);
      }),
    );
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function tidy() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await clients.claim();
}

async function kept(request, path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("message", (event) => {
  if (event.data === "take up") skipWaiting();
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const named = url.pathname + url.search;
  if (SHELL.includes(named)) event.respondWith(kept(request, named));
  else if (request.mode === "navigate" && SHELL.includes(url.pathname)) event.respondWith(kept(request, url.pathname));
});

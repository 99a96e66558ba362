// Keeping the app on the phone, and taking up a newer version of it: never by itself while a page is open.

export function keepUpToDate(changed) {
  const update = { waiting: null, takeUp, look };
  let registration = null;
  let taking = false;

  function takeUp() {
    taking = true;
    update.waiting.postMessage("take up");
  }

  // Asked for where the gateway was just reached.
  function look() {
    registration?.update().catch(() => null);
  }

  async function begin() {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.addEventListener("controllerchange", () => taking && location.reload());
    registration = await navigator.serviceWorker.register("/app/sw.js");
    const ready = (worker) => {
      if (worker?.state !== "installed" || !navigator.serviceWorker.controller) return;
      update.waiting = worker;
      changed();
    };
    ready(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker.addEventListener("statechange", () => ready(worker));
    });
  }

  begin().catch(() => null); // signed out, or without a network: what is kept goes on to work
  return update;
}

// Sending what waits. Each interview bears an id that was made here, and the gateway takes an id once: so whatever
// becomes of a request, it is sent again until there is a receipt, and only then forgotten.

const FIRST = 2_000; // milliseconds until the next try; doubled each time, up to
const LAST = 300_000;
const ROOM = 40_000; // characters of envelopes in one request
const TIMEOUT = 60_000;
const FORMAT = "baraza interviews 1";

// State is one of: idle, sending, offline, signin, refused, busy, large.
export class Queue {
  #store;
  #changed;
  #token = "";
  #wait = FIRST;
  #timer = 0;

  constructor(store, changed) {
    Object.assign(this, { state: "idle", count: 0, aside: 0 });
    this.#store = store;
    this.#changed = changed;
    addEventListener("online", () => this.send());
    addEventListener("offline", () => this.#become("offline"));
  }

  async look() {
    this.count = (await this.#store.waiting()).length;
    this.#changed(this);
  }

  #become(state) {
    this.state = state;
    this.#changed(this);
  }

  // One page at a time, also where several are open: more would do no harm, and cost.
  send() {
    clearTimeout(this.#timer);
    const act = () => this.#sendAll();
    return navigator.locks ? navigator.locks.request("baraza-send", act) : act();
  }

  async #sendAll() {
    clearTimeout(this.#timer);
    await this.look();
    if (!this.count) return this.#become(navigator.onLine ? "idle" : "offline");
    let state = "idle";
    try {
      this.#become("sending");
      for (const batch of batches(await this.#store.waiting())) {
        const outcome = await this.#sendBatch(batch);
        if (outcome === "large") state = "large";
        else if (outcome !== "idle") {
          state = outcome;
          break;
        }
        await this.look();
      }
    } catch {
      state = navigator.onLine ? "busy" : "offline";
    }
    await this.look();
    this.#become(state);
    if (state === "busy" || state === "offline") this.#later();
    else this.#wait = FIRST;
  }

  #later() {
    this.#timer = setTimeout(() => this.send(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(LAST, this.#wait * 2);
  }

  async #sendBatch(batch, again = true) {
    if (!this.#token) {
      const outcome = await this.#askForToken();
      if (outcome !== "idle") return outcome;
    }
    const interviews = batch.map(({ id, key, sealed }) => ({ id, key, sealed }));
    const answer = await ask("/app/interviews", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.#token },
      body: JSON.stringify({ interviews }),
    });
    if (answer.status === 200) {
      const { receipts } = await answer.json();
      const taken = receipts.filter(({ id }) => batch.some((entry) => entry.id === id));
      this.aside += taken.filter(({ status }) => status !== "taken").length;
      await this.#store.forget(taken.map(({ id }) => id));
      return "idle";
    }
    this.#token = "";
    if (answer.status === 400 && again) return this.#sendBatch(batch, false); // the token was of an earlier session
    if (answer.status === 413) return batch.length > 1 ? this.#oneByOne(batch) : "large";
    return meaning(answer);
  }

  async #oneByOne(batch) {
    let last = "idle";
    for (const entry of batch) {
      const outcome = await this.#sendBatch([entry]);
      if (outcome !== "idle") last = outcome;
      if (outcome !== "idle" && outcome !== "large") break;
    }
    return last;
  }

  async #askForToken() {
    const answer = await ask("/app/polls", { method: "HEAD" });
    if (answer.status !== 200) return meaning(answer);
    this.took(answer);
    return "idle";
  }

  // The token that came with an answer.
  took(answer) {
    this.#token = answer.headers.get("X-CSRFToken") ?? "";
  }

  // The way out where sending never works: one file, which only the gateway can open.
  async file() {
    const entries = await this.#store.waiting();
    const interviews = entries.map(({ id, key, sealed }) => ({ id, key, sealed }));
    return { entries, text: JSON.stringify({ format: FORMAT, interviews }) };
  }
}

// Signed out, the gateway leads elsewhere.
export function meaning(answer) {
  if (answer.type === "opaqueredirect" || answer.status === 401) return "signin";
  return answer.status === 403 ? "refused" : "busy";
}

export const ask = (path, options = {}) =>
  fetch(path, {
    ...options,
    redirect: "manual",
    cache: "no-store",
    credentials: "same-origin",
    signal: AbortSignal.timeout?.(TIMEOUT),
  });

function* batches(entries) {
  let batch = [];
  let length = 0;
  for (const entry of entries) {
    if (batch.length && (length + entry.sealed.length > ROOM || batch.length === 50)) {
      yield batch;
      [batch, length] = [[], 0];
    }
    batch.push(entry);
    length += entry.sealed.length;
  }
  if (batch.length) yield batch;
}

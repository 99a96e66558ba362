// What lies on this phone, in IndexedDB. Nothing that anybody said lies there in clear:
//
//   lock   the salt of the passphrase, and a record by which a wrong one is told from the right one
//   kept   sealed with the passphrase: polls, and interviews in progress, under names that say nothing
//   queue  sealed to the gateway: finished interviews, until it has given a receipt for each
//
// A later version of the app may add to these, and never changes what is there.

import { ITERATIONS, keyOf, random, sealed, unsealed } from "./seal.js";

const NAME = "baraza";
const VERSION = 1;
const CHECK = "check";
const STORES = ["lock", "kept", "queue"];

const settled = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

export async function openStore() {
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    for (const name of STORES) {
      if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, { keyPath: "id" });
    }
  };
  const database = await settled(request);
  database.onversionchange = () => database.close();
  return new Store(database);
}

class Store {
  #database;
  #key = null;

  constructor(database) {
    this.#database = database;
  }

  // Do this in one transaction: all of it or nothing, on disk before it is called done.
  async #write(act, names = STORES) {
    const transaction = this.#database.transaction(names, "readwrite", { durability: "strict" });
    const done = new Promise((finished, failed) => {
      transaction.oncomplete = finished;
      transaction.onabort = () => failed(transaction.error);
    });
    act((name) => transaction.objectStore(name));
    await done;
  }

  #read(name, id) {
    const store = this.#database.transaction(name).objectStore(name);
    return settled(id === undefined ? store.getAll() : store.get(id));
  }

  // The lock ---------------------------------------------------------------------------------------------------------

  get isOpen() {
    return this.#key !== null;
  }

  async isLocked() {
    return Boolean(await this.#read("lock", "lock"));
  }

  async choose(passphrase) {
    const salt = random(16);
    const key = await keyOf(passphrase, salt, ITERATIONS);
    const check = await sealed(key, CHECK, CHECK);
    await this.#write((store) => {
      store("kept").clear();
      store("lock").put({ id: "lock", salt, iterations: ITERATIONS, check });
    });
    this.#key = key;
  }

  // Whether this is the passphrase.
  async unlock(passphrase) {
    const { salt, iterations, check } = await this.#read("lock", "lock");
    const key = await keyOf(passphrase, salt, iterations);
    try {
      await unsealed(key, CHECK, check);
    } catch {
      return false;
    }
    this.#key = key;
    return true;
  }

  close() {
    this.#key = null;
  }

  // A passphrase that is lost takes with it what it sealed. What waits to be sent is not among that.
  startOver() {
    this.#key = null;
    return this.#write((store) => ["lock", "kept"].forEach((name) => store(name).clear()));
  }

  async clear() {
    this.#key = null;
    await this.#write((store) => STORES.forEach((name) => store(name).clear()));
  }

  // What the passphrase sealed ---------------------------------------------------------------------------------------

  async get(id) {
    const record = await this.#read("kept", id);
    return record ? unsealed(this.#key, id, record) : null;
  }

  async put(id, content) {
    const record = { id, ...(await sealed(this.#key, id, content)) };
    await this.#write((store) => store("kept").put(record));
  }

  remove(id) {
    return this.#write((store) => store("kept").delete(id));
  }

  async names(prefix) {
    const names = await settled(this.#database.transaction("kept").objectStore("kept").getAllKeys());
    return names.filter((name) => name.startsWith(prefix));
  }

  // Every record whose name begins so. One that can't be opened is left out, and spoils no other.
  async all(prefix) {
    const records = (await this.#read("kept")).filter(({ id }) => id.startsWith(prefix));
    const opened = await Promise.allSettled(records.map((record) => unsealed(this.#key, record.id, record)));
    return opened.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  }

  // What waits to be sent --------------------------------------------------------------------------------------------

  // The interview leaves what is in progress and enters the queue in one step.
  async enqueue(envelope, label, draft) {
    const told = this.isOpen ? await sealed(this.#key, `label ${envelope.id}`, label) : null;
    await this.#write((store) => {
      store("queue").put({ ...envelope, label: told, saved: false });
      store("kept").delete(draft);
    });
  }

  waiting() {
    return this.#read("queue");
  }

  async labelOf({ id, label }) {
    if (!this.isOpen || !label) return null;
    return unsealed(this.#key, `label ${id}`, label).catch(() => null);
  }

  // Only what the gateway has given a receipt for.
  forget(ids) {
    return this.#write((store) => ids.forEach((id) => store("queue").delete(id)), ["queue"]);
  }

  async markSaved(entries) {
    await this.#write((store) => {
      for (const { id } of entries) {
        const request = store("queue").get(id); // it may have been sent meanwhile
        request.onsuccess = () => request.result && store("queue").put({ ...request.result, saved: true });
      }
    }, ["queue"]);
  }
}

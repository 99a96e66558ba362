// The polling app: the page that is open, and what leads from one to the next.

import { element, say } from "./elements.js";
import { Queue } from "./queue.js";
import { canSeal } from "./seal.js";
import { openStore } from "./store.js";
import { home } from "./home.js";
import { interviewing } from "./interviewing.js";
import { chooser, unlocker } from "./locking.js";
import { unsent } from "./unsent.js";
import { keepUpToDate } from "./update.js";

const IDLE = 10 * 60_000; // milliseconds without a touch until it locks
const STATES = ["sending", "offline", "signin", "refused", "busy", "large"];
const PAGES = { chooser, unlocker, home, interviewing, unsent };

class App {
  constructor(store) {
    this.store = store;
    this.root = document.getElementById("app");
    this.bar = document.getElementById("state");
    this.leaving = false; // by a way of ours
    this.page = "";
    this.poll = null; // the one that is asked
    this.queue = new Queue(store, () => this.drawState());
    this.update = keepUpToDate(() => this.page === "home" && this.show("home"));
    addEventListener("beforeunload", (event) => {
      if (!this.leaving && (this.queue.count || this.page === "interviewing")) event.preventDefault();
    });
    // The second tap of a double one would answer the next question.
    this.root.addEventListener("click", (event) => event.detail > 1 && event.stopPropagation(), true);
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.touched());
  }

  async start() {
    await this.queue.look();
    await this.show((await this.store.isLocked()) ? "unlocker" : "chooser");
    this.queue.send();
  }

  // Draw a page, and put whoever reads or types at its beginning.
  async show(name, about = {}) {
    this.page = name;
    const parts = await PAGES[name](this, about);
    if (this.page !== name) return;
    this.root.replaceChildren(...parts);
    this.root.dataset.page = name;
    const first = this.root.querySelector("[data-first], h1, h2");
    if (first) {
      if (!first.matches("input, button, textarea, select")) first.tabIndex = -1;
      first.focus({ preventScroll: true });
    }
    scrollTo(0, 0);
  }

  drawState() {
    const { count, state } = this.queue;
    const told = STATES.includes(state) ? `, ${say(`state_${state}`)}` : "";
    const text = (count ? say("unsent", { count }) : say("sent_all")) + told;
    const link = element("button", { type: "button", class: "quiet", onclick: () => this.show("unsent") }, text);
    this.bar.replaceChildren(link);
    this.bar.dataset.count = String(count);
    const drawn = `${count} ${state}`;
    if (this.page === "unsent" && drawn !== this.drawn) this.show("unsent");
    this.drawn = drawn;
  }

  // To where somebody signs in, and back here.
  signIn() {
    this.leaving = true;
    location.assign("/signin?to=/app/");
  }

  touched() {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.store.isOpen && this.lock(), IDLE);
  }

  lock() {
    this.store.close();
    this.poll = null;
    return this.show("unlocker");
  }
}

async function begin() {
  const root = document.getElementById("app");
  if (!canSeal()) return root.replaceChildren(element("p", { class: "notice" }, say("no_crypto")));
  return new App(await openStore()).start();
}

begin();

// The simulated phones. What they send goes to the real hooks, what they show comes from the gateway's outbox.
// No number is ever part of a URL.

const settings = JSON.parse(document.getElementById("phones").textContent);
const { say } = settings;

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const random = () => crypto.getRandomValues(new Uint32Array(2)).join("-");

// Numbers that nobody has: 555-0100 to 555-0199 are kept free for plays, in each area of North America.
const AREAS = [201, 202, 203, 205, 206, 207, 208, 209, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229];
const drawn = (count) => crypto.getRandomValues(new Uint32Array(1))[0] % count;
const freshNumber = () => `+1${AREAS[drawn(AREAS.length)]}55501${String(drawn(100)).padStart(2, "0")}`;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

class Phone {
  constructor(root, about) {
    this.root = root;
    this.about = about;
    this.find("[data-again]").addEventListener("click", () => this.again());
    this.find("[data-caller]")?.addEventListener("click", () => {
      this.again(settings.caller.number);
      this.input.value = settings.caller.start;
    });
    this.again();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  again(number = freshNumber()) {
    this.number = number;
    this.find("[data-number]").textContent = this.number;
    this.reset();
  }
}

// Text messages and chats: a list that grows.
class Messages extends Phone {
  constructor(root, about) {
    super(root, about);
    this.find("[data-write]").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      if (!text) return;
      this.input.value = "";
      this.input.focus();
      this.send({ text }, text);
    });
    this.watch();
  }

  reset() {
    this.talk ??= this.find("[data-talk]");
    this.input ??= this.find("[data-write] input");
    this.invite ??= this.talk.firstElementChild;
    this.after = 0;
    this.round = (this.round ?? 0) + 1;
    this.started = false;
    this.busyUntil = 0;
    this.talk.replaceChildren(this.invite);
    this.input.value = this.about.start;
  }

  async send(content, shown) {
    this.started = true;
    this.add("mine", shown, "");
    this.busyUntil = Date.now() + 8000;
    try {
      await post(this.about.hook, { from: this.number, id: random(), ...content });
      await this.look();
    } catch {
      this.note(say.failed);
    }
  }

  // Asks for new messages: often while an answer is awaited, else now and then.
  async watch() {
    for (;;) {
      await wait(Date.now() < this.busyUntil ? 300 : 2500);
      if (this.started && !document.hidden) await this.look().catch(() => {});
    }
  }

  async look() {
    const round = this.round;
    const answer = await post(settings.messages, { channel: this.about.channel, number: this.number, after: this.after });
    const { messages } = await answer.json();
    if (round !== this.round) return;
    for (const message of messages) {
      if (message.id <= this.after) continue;
      this.after = message.id;
      for (const part of message.parts) this.add("theirs", part.text, message.cost, part.buttons);
    }
  }

  add(whose, text, cost, buttons = []) {
    const bubble = element("div", { class: "bubble", dir: "auto" });
    bubble.textContent = text;
    const item = element("li", { class: whose }, bubble);
    if (cost) item.append(element("div", { class: "cost" }, cost));
    if (buttons.length) item.append(this.keys(buttons));
    this.talk.append(item);
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  note(text) {
    this.talk.append(element("li", { class: "quiet" }, text));
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  keys(rows) {
    const keys = element("div", { class: "keys" });
    for (const row of rows) {
      const line = element("div", { class: "row" });
      for (const { label, data } of row) {
        const button = element("button", { type: "button", dir: "auto" }, label);
        button.addEventListener("click", () => {
          button.setAttribute("aria-pressed", "true");
          this.input.focus({ preventScroll: true });
          this.send({ press: data }, label);
        });
        line.append(button);
      }
      keys.append(line);
    }
    return keys;
  }
}

// A USSD session: one screen at a time, and the whole transcript with every turn.
class Session extends Phone {
  constructor(root, about) {
    super(root, about);
    this.find("[data-dial]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.dial(this.find("[data-dial] input").value.trim());
    });
    this.find("[data-answer]").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.over) return this.hangUp(say.ended);
      if (!this.entry.value.trim()) return this.entry.focus();
      this.typed.push(this.entry.value.trim());
      this.turn();
    });
    this.find("[data-cancel]").addEventListener("click", () => this.hangUp(say.broken));
  }

  reset() {
    this.entry ??= this.find("[data-entry] input");
    this.find("[data-dial] input").value = this.about.sender;
    this.show(false);
    this.find("[data-note]").textContent = "";
  }

  show(session) {
    this.find("[data-session]").hidden = !session;
    this.find("[data-idle]").hidden = session;
  }

  hangUp(note) {
    this.show(false);
    this.find("[data-note]").textContent = note;
    this.find("[data-dial] input").focus({ preventScroll: true });
  }

  dial(code) {
    if (code !== this.about.sender) {
      this.find("[data-note]").textContent = fill(say.noCode, { code: this.about.sender });
      return;
    }
    this.session = random();
    this.typed = [];
    this.turn();
  }

  async turn() {
    const send = this.find("[data-send]");
    const body = { from: this.number, session: this.session, code: this.about.sender, text: this.typed.join("*") };
    send.disabled = true;
    let text;
    try {
      text = await (await post(this.about.hook, body)).text();
    } catch {
      return this.hangUp(say.failed);
    } finally {
      send.disabled = false;
    }
    this.over = text.startsWith("END ");
    const screen = this.find("[data-screen]");
    const shown = (screen.textContent = text.slice(4));
    this.find("[data-entry]").hidden = this.over;
    this.find("[data-cancel]").hidden = this.over;
    send.textContent = this.over ? say.close : say.send;
    this.entry.value = "";
    this.find("[data-note]").textContent = "";
    this.show(true);
    (this.over ? send : this.entry).focus({ preventScroll: true });
    // The next answer does not wait for what this screen costs.
    const cost = await post(settings.measure, { channel: this.about.channel, text: shown }).catch(() => null);
    if (cost && screen.textContent === shown) this.find("[data-cost]").textContent = (await cost.json()).cost;
  }
}

const KINDS = { sms: Messages, chat: Messages, ussd: Session };
for (const about of settings.phones) {
  new KINDS[about.medium](document.querySelector(`[data-phone="${about.medium}"]`), about);
}

// On a narrow page one phone is shown at a time.
const picks = [...document.querySelectorAll("[data-shows]")];
for (const pick of picks) {
  pick.addEventListener("click", () => {
    for (const other of picks) {
      const shown = other === pick;
      other.setAttribute("aria-pressed", String(shown));
      document.querySelector(`[data-phone="${other.dataset.shows}"]`).toggleAttribute("data-shown", shown);
    }
  });
}

// What waits to be sent, and the ways out. This page is there while the app is locked, too: what waits is sealed to
// the gateway, and needs no passphrase to be sent or saved.

import { button, element, moment, paragraph, say, sureButton } from "./elements.js";

export async function unsent(app, { kept = false }) {
  const { queue, store } = app;
  const entries = await store.waiting();
  const lines = await Promise.all(entries.map((entry) => line(store, entry)));
  const isSafe = entries.every(({ saved }) => saved);
  const back = () => app.show(store.isOpen ? "home" : "unlocker");
  return [
    element("h1", {}, say("queue_title")),
    kept ? paragraph(say("kept_lead"), "notice") : "",
    entries.length ? paragraph(say("queue_lead")) : paragraph(say("sent_all")),
    queue.aside ? paragraph(say("aside_note", { count: queue.aside }), "notice") : "",
    element("ul", { class: "plain-list" }, ...lines),
    element("div", { class: "row" },
      queue.state === "signin" ? button(say("sign_in"), () => app.signIn()) : "",
      entries.length ? button(say("send_now"), () => queue.send(), "plain") : "",
      entries.length ? button(say("save_file"), () => save(app), "plain") : "",
      element("button", { type: "button", class: "plain", "data-first": kept, onclick: back },
        say(store.isOpen ? "home" : "unlock_title"))),
    element("details", {}, element("summary", {}, say("clear")),
      paragraph(say("clear_lead")),
      isSafe ? sureButton(say("clear"), say("clear_sure"), () => clear(app)) : ""),
  ];
}

async function line(store, entry) {
  const label = await store.labelOf(entry);
  const text = label ? `${label.title[label.language]}, ${moment(label.finished)}` : say("sealed_line");
  const saved = entry.saved ? ` (${say("saved_note")})` : "";
  return element("li", { "data-id": entry.id }, element("bdi", {}, text), saved);
}

async function save(app) {
  const { entries, text } = await app.queue.file();
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const name = `baraza-interviews-${new Date().toISOString().slice(0, 10)}-${entries.length}.json`;
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  await app.store.markSaved(entries);
  await app.show("unsent");
}

async function clear(app) {
  await app.store.clear();
  await app.queue.look();
  await app.show("chooser");
}

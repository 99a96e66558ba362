// The passphrase: chosen once on this phone, and asked for each time.

import { element, form, labelled, paragraph, say, sureButton } from "./elements.js";

const SHORTEST = 10;

const secret = (use) =>
  element("input", { type: "password", autocomplete: use, maxlength: 128, "data-first": use === "current-password" });

export function chooser(app) {
  const [first, second] = [secret("new-password"), secret("new-password")];
  return [
    element("h1", {}, say("choose_title")),
    paragraph(say("choose_lead")),
    form(say("choose_button"), async () => {
      if (first.value.length < SHORTEST) return say("too_short", { count: SHORTEST });
      if (first.value !== second.value) return say("unlike");
      await app.store.choose(first.value);
      await navigator.storage?.persist?.();
      return app.show("home", { fetch: true });
    }, labelled(say("passphrase"), first), labelled(say("passphrase_again"), second)),
  ];
}

export function unlocker(app) {
  const input = secret("current-password");
  const startOver = async () => {
    await app.store.startOver();
    await app.show("chooser");
  };
  return [
    element("h1", {}, say("unlock_title")),
    form(say("unlock_button"), async () => {
      if (!(await app.store.unlock(input.value))) return say("wrong_passphrase");
      return app.show("home", { fetch: true });
    }, labelled(say("passphrase"), input)),
    element("details", {}, element("summary", {}, say("forgot")), paragraph(say("forgot_lead")),
      sureButton(say("start_over"), say("start_over_sure"), startOver)),
  ];
}

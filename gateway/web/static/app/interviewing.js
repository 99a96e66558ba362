// One interview: consent read aloud, question after question, and the end. After every answer it is sealed and on disk.

import { button, element, form, labelled, paragraph, say, sureButton } from "./elements.js";
import { field } from "./fields.js";
import { draftName, pollOf } from "./home.js";
import { sealedTo } from "./seal.js";
import { CONSENT, walk } from "./walk.js";

const FORMAT = 1;

export async function interviewing(app, { draft }) {
  let poll, way;
  try {
    poll = await pollOf(app, draft);
    way = walk(poll, draft);
  } catch {
    return stranded(app, draft);
  }
  const language = poll.languages.find(({ code }) => code === draft.language);
  const keep = async (changes) => {
    const changed = { ...draft, ...changes };
    await app.store.put(draftName(draft.id), changed);
    await app.show("interviewing", { draft: changed });
  };
  const spoken = { lang: language.code, dir: language.direction };
  const says = way.says.map((text) => element("p", { class: "said", ...spoken }, text));
  if (way.outcome) return ended(app, poll, draft, way, says, spoken, keep);
  const { asked } = way;
  const isConsent = way.at === CONSENT;
  const answer = (value) => keep(isConsent ? { consent: value } : { given: [...draft.given, [way.at, value]] });
  const question = isConsent ? consentOf(poll, language.code) : asked;
  const top = isConsent ? say("read_aloud") : say("question_n", { number: draft.given.length + 1 });
  return [
    paragraph(top, "soft small"),
    ...says,
    element("section", { class: "question", "data-question": way.at },
      element("h1", { class: "legend", ...spoken }, question.text),
      question.hint ? element("p", { class: "soft", ...spoken }, question.hint) : "",
      field(question, { poll, language: language.code, answer })),
    !isConsent && !asked.required && asked.type !== "statement" ? button(say("skip"), () => answer(null), "plain") : "",
    element("div", { class: "row ways" },
      isConsent ? "" : button(say("back"), () => keep(stepBack(draft)), "plain"),
      button(say("pause"), () => app.show("home"), "plain"),
      isConsent ? "" : sureButton(say("leave"), say("leave_sure"), () => finish(app, draft, "left"))),
  ];
}

// What was said can't be walked here: by a mistake, or because another version of the app wrote it. It is not lost: the
// gateway takes it, or puts it aside whole.
const stranded = (app, draft) => [
  element("h1", {}, say("stuck")),
  element("div", { class: "row" },
    button(say("pause"), () => app.show("home"), "plain"),
    sureButton(say("leave"), say("leave_sure"), () => finish(app, draft, "left"))),
];

function consentOf(poll, language) {
  const options = ["yes", "no"].map((id) => ({ id, label: poll.words[language][id] }));
  return { type: "yes-no", text: poll.consent.text[language], hint: "", options };
}

// To the question before: what was given to it is asked anew.
const stepBack = ({ given }) => (given.length ? { given: given.slice(0, -1) } : { consent: "" });

function ended(app, poll, draft, way, says, spoken, keep) {
  const agreed = poll.questions.some(({ id, type }) => type === "phone-consent" && way.answers[id] === "yes");
  const input = element("input", { type: "tel", maxlength: 40, dir: "ltr", value: draft.number });
  return [
    element("h1", {}, say("finish_title")),
    ...says,
    form(say("finish"), () => finish(app, { ...draft, number: agreed ? input.value.trim() : "" }, ""),
      ...(agreed ? [labelled(say("number_label"), input, say("number_hint"))] : [])),
    element("div", { class: "row ways" }, button(say("back"), () => keep(stepBack(draft)), "plain")),
  ];
}

// Seal it to the gateway and put it into the queue; from then on nothing on this phone opens it.
async function finish(app, draft, end) {
  const { user, key } = await app.store.get("polls");
  const { id, survey, hash, wave, language, seed, consent, given, number, started } = draft;
  const told = { survey, hash, wave, language, seed, consent, given, number, started };
  const finished = new Date().toISOString();
  const envelope = await sealedTo(key, id, { format: FORMAT, id, ...told, end, finished, interviewer: user });
  await app.store.enqueue(envelope, { title: draft.title, language, finished }, draftName(id));
  await app.queue.look();
  await app.show("unsent", { kept: true });
  app.queue.send();
}

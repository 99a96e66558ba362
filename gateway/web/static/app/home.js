// The first page once unlocked: what is in progress, the polls that may be asked, and how this phone stands.

import { button, element, labelled, moment, pageLanguage, paragraph, say, sureButton } from "./elements.js";
import { ask, meaning } from "./queue.js";

const DRAFT = "draft ";
const POLL = "poll ";

// A poll as it is kept, under a name that says nothing; read once while it is asked.
export async function pollOf(app, { lies }) {
  if (app.poll?.lies !== lies) app.poll = { lies, poll: await app.store.get(lies) };
  return app.poll.poll;
}

export const draftName = (id) => `${DRAFT}${id}`;

// Fetch the polls and keep them. Definitions stay as long as an interview in progress needs them: it goes on in the
// version in which it began, whatever becomes of the poll. Returns what is wrong, "" for nothing.
export async function fetchPolls(app) {
  const { store, queue } = app;
  const known = await store.get("polls");
  const headers = known ? { "If-None-Match": known.etag } : {};
  let answer;
  try {
    answer = await ask("/app/polls", { headers });
  } catch {
    return "offline";
  }
  if (answer.status === 304 || answer.status === 200) {
    queue.took(answer);
    app.update.look();
    queue.send();
  }
  if (answer.status === 304) {
    await store.put("polls", { ...known, at: new Date().toISOString() });
    return "";
  }
  if (answer.status !== 200) return meaning(answer);
  const { user, key, polls } = await answer.json();
  const drafts = await store.all(DRAFT);
  const here = [...(known?.list ?? []), ...drafts.map(({ survey, hash, lies }) => ({ name: survey, hash, lies }))];
  const list = polls.map(({ wave, survey: { name, hash, title, languages } }) => {
    const same = here.find((one) => one.name === name && one.hash === hash);
    return { wave, name, hash, title, languages, lies: same?.lies ?? `${POLL}${crypto.randomUUID()}` };
  });
  for (const [at, { survey }] of polls.entries()) await store.put(list[at].lies, survey);
  const etag = answer.headers.get("ETag");
  await store.put("polls", { user, key, etag, list, at: new Date().toISOString() });
  const needed = [...list, ...drafts].map(({ lies }) => lies);
  await Promise.all((await store.names(POLL)).filter((name) => !needed.includes(name)).map((name) => store.remove(name)));
  app.poll = null;
  return "";
}

export async function home(app, { fetch = false, problem = "" }) {
  const { store } = app;
  const told = (found) => app.page === "home" && app.show("home", { problem: found });
  if (fetch) fetchPolls(app).then(told, () => null); // locked meanwhile: it is asked again
  const known = (await store.get("polls")) ?? { list: [], at: "" };
  const drafts = await store.all(DRAFT);
  const isKept = (await navigator.storage?.persisted?.()) ?? false;
  return [
    element("h1", {}, say("polls_title")),
    problem ? problemOf(app, problem) : "",
    app.update.waiting && !drafts.length
      ? element("p", { class: "notice" }, say("update_ready"), button(say("update_now"), () => {
        app.leaving = true;
        app.update.takeUp();
      }, "plain"))
      : "",
    ...(drafts.length ? [element("h2", {}, say("going_title")), ...drafts.map((draft) => inProgress(app, draft))] : []),
    ...known.list.map((poll) => offered(app, poll)),
    known.list.length ? "" : paragraph(say("no_polls")),
    known.at ? paragraph(say("fetched", { when: moment(known.at) }), "soft small") : "",
    element("div", { class: "row" },
      button(say("fetch"), () => app.show("home", { fetch: true }), "plain"),
      button(say("lock"), () => app.lock(), "plain")),
    paragraph(say(isKept ? "storage_kept" : "storage_loose"), "soft small"),
  ];
}

function problemOf(app, problem) {
  const sign = problem === "signin" ? button(say("sign_in"), () => app.signIn(), "plain") : "";
  return element("p", { class: "notice" }, say(`state_${problem}`), sign);
}

const titled = (title, language) => element("span", { dir: "auto" }, title[language] ?? Object.values(title)[0]);

function offered(app, poll) {
  const { languages } = poll;
  const select = element("select", {},
    ...languages.map(({ code, name }) => element("option", { value: code, lang: code }, name)));
  const begin = () => app.show("interviewing", { draft: drafted(poll, select.value) });
  return element("section", { class: "panel stack" },
    element("h2", {}, titled(poll.title, pageLanguage)),
    languages.length > 1 ? labelled(say("interview_language"), select) : "",
    button(say("begin"), begin));
}

function inProgress(app, draft) {
  const discard = async () => {
    await app.store.remove(draftName(draft.id));
    await app.show("home");
  };
  return element("section", { class: "panel stack" },
    element("h3", {}, titled(draft.title, draft.language)),
    paragraph(moment(draft.started), "soft small"),
    element("div", { class: "row" },
      button(say("go_on"), () => app.show("interviewing", { draft })),
      sureButton(say("discard"), say("discard_sure"), discard)));
}

// An interview that begins now. Its id is what the gateway takes it once by; the seed is what chance is drawn from.
function drafted(poll, language) {
  return {
    id: crypto.randomUUID(),
    survey: poll.name,
    hash: poll.hash,
    lies: poll.lies,
    wave: poll.wave,
    title: poll.title,
    language,
    seed: crypto.getRandomValues(new Uint32Array(1))[0],
    consent: "",
    given: [],
    number: "",
    started: new Date().toISOString(),
  };
}

// The planner: which question comes next, in which words, and how it ends. What surveys/engine.py and surveys/plan.py
// do with a poll as surveys/portable_survey.py writes it. Pure: the whole way is walked anew from what was given.
//
//   walk(poll, { language, seed, consent, given: [[id, value], ...] })
//     -> { at, asked, says, outcome, answers }
//
// `asked` is the question that is open, as this person gets it; `says` what is to be said before it. With nothing open
// `outcome` says how it ended. Places in quotas are taken to be free: the gateway knows whether they are.

import { drawnArm, drawnOrder, drawnStatement } from "./draws.js";
import { written } from "./dates.js";
import { evaluate, holds } from "./evaluate.js";

export const CONSENT = "consent";
const HOLE = /\{([a-z][a-z0-9_.]*)\}/g;
const LONGEST_PIECE = 100;
const ATTACHED = { picture: "no_picture", voice: "no_voice" };

export function walk(poll, interview) {
  const { consent, given } = interview;
  const way = new Way(poll, interview);
  if (!consent) return way.open({ id: CONSENT, type: "yes-no", text: poll.consent.text[interview.language] });
  if (consent !== "yes") return way.end("refused", poll.words[interview.language].refused);
  const left = [...given];
  for (const question of inOrder(poll, interview.seed)) {
    if (way.outcome) break;
    if (!way.isCalledFor(question)) continue;
    if (way.passes(question)) continue;
    if (!left.length) return way.open(way.formed(question));
    const [id, value] = left.shift();
    if (id !== question.id) throw new Error(`${id} was answered where ${question.id} is asked`);
    way.answers[id] = value;
    way.says = [];
  }
  return way.outcome ? way : way.end("completed", way.piped(poll.thanks));
}

export function inOrder(poll, seed) {
  const order = poll.questions.map((_, place) => place);
  for (const { name, start, blocks } of poll.shuffles) {
    let at = start;
    const cut = blocks.map((length) => order.slice(at, (at += length)));
    const drawn = drawnOrder(blocks.map((_, block) => String(block)), seed, name);
    order.splice(start, at - start, ...drawn.flatMap((block) => cut[Number(block)]));
  }
  return order.map((place) => poll.questions[place]);
}

class Way {
  constructor(poll, { language, seed }) {
    Object.assign(this, { poll, language, seed, answers: {}, says: [], at: "", asked: null, outcome: "" });
    this.questions = new Map(poll.questions.map((question) => [question.id, question]));
    this.words = poll.words[language];
  }

  open(asked) {
    return Object.assign(this, { at: asked.id, asked });
  }

  end(outcome, text) {
    if (text) this.says.push(text);
    return Object.assign(this, { outcome, at: "", asked: null });
  }

  isCalledFor(question) {
    const { options } = question;
    return holds(question.when, this.answers) && (!options.length || this.offered(question).length > 0);
  }

  offered(question) {
    return question.options.filter((option) => holds(option.when, this.answers));
  }

  // What asks nothing, or can't be asked here: done, and the way goes on.
  passes(question) {
    switch (question.type) {
      case "arm":
        this.answers[question.id] = drawnArm(question.arms, this.seed, question.id);
        return true;
      case "value":
        this.answers[question.id] = question.value === null ? null : evaluate(question.value, this.answers);
        return true;
      case "note":
        this.says.push(this.piped(this.wording(question)));
        return true;
      case "end": {
        const text = this.wording(question);
        const thanks = question.outcome === "completed" ? this.poll.thanks : {};
        this.end(question.outcome, this.piped(Object.keys(text).length ? text : thanks));
        return true;
      }
      case "quota":
        return true;
      case "picture":
      case "voice":
        this.answers[question.id] = null;
        this.says.push(this.words[ATTACHED[question.type]]);
        return true;
      case "statement":
        if (this.statement(question)) return false;
        this.answers[question.id] = null;
        return true;
    }
    return false;
  }

  wording(question) {
    return question.instead.find((one) => holds(one.when, this.answers))?.text ?? question.text;
  }

  // The question as this person gets it: its wording, its options and their order, in one language.
  formed(question) {
    const { language } = this;
    const ids = this.offered(question).map((option) => option.id);
    const drawn = question.draws ? drawnOrder(ids, this.seed, question.id) : ids;
    const options = drawn.map((id) => {
      const { label } = question.options.find((option) => option.id === id);
      return { id, label: label[language] };
    });
    const made = { ...question, options, text: this.piped(this.wording(question)), hint: this.piped(question.hint) };
    if (question.type === "statement") {
      made.statement = this.statement(question);
      made.options = ["agree", "disagree", "pass"].map((id) => ({ id, label: this.words[id] }));
      made.text = `${made.text}\n${question.options.find((one) => one.id === made.statement).label[language]}`;
    }
    if (question.type === "actor") made.taken = question.apart.map((id) => this.answers[id]).filter(Boolean);
    if (question.report) made.hint = [made.hint, this.lastTime(question)].filter(Boolean).join("\n");
    if ("most" in made) made.most = Math.min(made.most, options.length);
    return made;
  }

  // What the same reporter said of the same in an earlier wave.
  lastTime(question) {
    const { kind, about, actor, other } = question.report;
    const key = [kind, about, ...[actor, other].filter(Boolean).map((id) => String(this.answers[id]))];
    const found = this.poll.actors?.last.find((one) => key.length === one.length - 1 && key.every((part, at) => part === one[at]));
    if (!found) return "";
    const said = this.shown(question, found.at(-1)).replaceAll("{", "(").replaceAll("}", ")"); // no template
    return this.words.last_time.replace("{said}", () => said);
  }

  statement(question) {
    const here = `${question.id.slice(0, question.id.lastIndexOf("."))}.`;
    const votes = Object.entries(this.answers).filter(([name, vote]) => name.startsWith(here) && Array.isArray(vote));
    const seen = new Set(votes.map(([, vote]) => vote[0]));
    const left = question.options.filter((one) => !seen.has(one.id) && one.label[this.language]);
    return drawnStatement(left.map((one) => one.id), this.seed, question.id);
  }

  // Earlier answers ------------------------------------------------------------------------------------------------

  piped(text) {
    return (text[this.language] ?? "").replaceAll(HOLE, (hole, name) => {
      const question = this.questions.get(name);
      if (!question) return hole;
      const value = this.answers[name] ?? null;
      if (value === null) return "…";
      const shown = this.shown(question, value).split(/\s+/u).filter(Boolean).join(" ");
      return [...shown].slice(0, LONGEST_PIECE).join("");
    });
  }

  // An answer as a person reads it.
  shown(question, value) {
    switch (question.type) {
      case "yes-no":
      case "one-of":
      case "phone-consent":
      case "tie":
      case "attitude":
      case "power":
      case "many-of": {
        const chosen = this.formed({ ...question, text: {}, instead: [], hint: {}, report: null }).options;
        return chosen.filter(({ id }) => [value].flat().includes(id)).map(({ label }) => label).join(", ");
      }
      case "ranking": {
        const labels = new Map(question.options.map(({ id, label }) => [id, label[this.language]]));
        return value.map((id) => labels.get(id) ?? id).join(", ");
      }
      case "number":
      case "scale":
        return decimal(value, this.poll.languages.find(({ code }) => code === this.language).decimal);
      case "date":
        return written(value, question.calendar, this.poll.months[question.calendar][this.language]);
      case "place":
        return placeName(this.poll.gazetteers[question.gazetteer], value, this.language);
      case "statement":
        return value.join(", ");
      case "actor":
        return actorName(this.poll, value);
    }
    return String(value);
  }
}

// Somebody new is [name, kind, reason], somebody known a code.
export const actorName = ({ actors }, value) =>
  Array.isArray(value) ? value[0] : actors?.known.find(({ code }) => code === value)?.name ?? value;

// Up to six digits behind the sign, and no zeros at the end.
function decimal(value, sign) {
  const text = value.toFixed(6).replace(/\.?0+$/, "");
  return text.replace(".", sign);
}

const nameOf = (place, language) => place.names[language] || place.names[""];

export const placeName = (gazetteer, id, language) => {
  const place = gazetteer?.places.find((one) => one.id === id);
  return place ? nameOf(place, language) : id;
};

// A place with what it lies in.
export function placeLabel(byId, place, language) {
  const names = [];
  for (let at = place; at; at = byId.get(at.parent)) names.push(nameOf(at, language));
  return names.slice(0, 3).join(", ");
}

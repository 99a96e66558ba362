// How each type of question is answered on the screen: by a button that answers at once, or by a form.
// Each takes the question as walk.js gives it, and calls `answer` with the value as it is stored.

import { monthsOf, fits, value as dateValue, written, parts } from "./dates.js";
import { button, element, form, labelled, paragraph, say } from "./elements.js";
import { placeLabel } from "./walk.js";

const POINTS = 11; // a scale of at most so many points is shown as buttons
const UNBOUNDED = 999_999;
const SHOWN = 12; // places at a time
const LONGEST = { open: 4_000, remark: 4_000, proposal: 140 };

export function field(question, { poll, language, answer }) {
  const made = FIELDS[question.type](question, answer, { poll, language });
  return element("div", { class: "stack" }, ...[made].flat());
}

const option = (text, act, attributes = {}) =>
  element("button", { type: "button", class: "option", dir: "auto", onclick: act, ...attributes }, text);

const options = (question, answer) =>
  element("div", { class: "options" }, ...question.options.map(({ id, label }) => option(label, () => answer(id))));

const votes = (question, answer) => options(question, (vote) => answer([question.statement, vote]));

function several(question, answer) {
  const boxes = question.options.map(({ id, label }) => {
    const box = element("input", { type: "checkbox", value: id });
    return [box, element("label", { class: "option" }, box, element("span", { dir: "auto" }, label))];
  });
  return form(say("next"), () => {
    const chosen = boxes.filter(([box]) => box.checked).map(([box]) => box.value);
    if (!chosen.length) return say("choose_some");
    if (chosen.length > question.most) return say("at_most", { count: question.most });
    return answer(chosen);
  }, element("div", { class: "options" }, ...boxes.map(([, label]) => label)));
}

function ranking(question, answer) {
  let ranked = [];
  const list = element("div", { class: "options" });
  const draw = () => list.replaceChildren(...question.options.map(({ id, label }) => {
    const rank = ranked.indexOf(id) + 1;
    const press = () => {
      ranked.push(id);
      if (question.most === question.options.length && ranked.length === question.most - 1) {
        ranked.push(...question.options.map((one) => one.id).filter((one) => !ranked.includes(one)));
      }
      draw();
      list.querySelector("button:not(:disabled)")?.focus();
    };
    const text = rank ? `${rank}. ${label}` : label;
    return option(text, press, { disabled: rank > 0 || ranked.length >= question.most, "aria-pressed": String(rank > 0) });
  }));
  draw();
  const again = button(say("rank_again"), () => { ranked = []; draw(); }, "plain");
  return [paragraph(say("in_order"), "soft"), form(say("next"), () =>
    ranked.length === question.most ? answer(ranked) : say("rank_all", { count: question.most }), list, again)];
}

// Numbers ----------------------------------------------------------------------------------------------------------

// Digits of any script, and either decimal sign.
export function numberOf(text) {
  const plain = text.normalize("NFKC").replace(/\p{Nd}/gu, (digit) => {
    let zero = digit.codePointAt(0);
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && digit.codePointAt(0) - zero < 9) zero -= 1;
    return digit <= "9" ? digit : String(digit.codePointAt(0) - zero);
  }).replace(/[,٫]/u, ".").replace(/\s/gu, "").replace(/−/u, "-");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

function scale(question, answer, { language }) {
  const [low, high] = [question.low, question.high];
  if (high - low >= POINTS) return number(question, answer, { language });
  const points = Array.from({ length: high - low + 1 }, (_, place) => low + place);
  const [first, last] = question.ends.map((end) => end[language]);
  const ends = first ? paragraph(`${low} = ${first}, ${high} = ${last}`, "soft") : null;
  return [ends ?? "", element("div", { class: "points" }, ...points.map((point) => option(String(point), () => answer(point))))];
}

function number(question, answer, { language }) {
  const { low, high, whole } = question;
  const bounded = low > -UNBOUNDED || high !== UNBOUNDED;
  const range = bounded ? say("number_range", { low, high }) : say("number_any");
  const input = element("input", { type: "text", inputmode: whole ? "numeric" : "decimal", maxlength: 20, dir: "ltr" });
  return form(say("next"), () => {
    const found = numberOf(input.value);
    const fitting = found !== null && found >= low && found <= high && (!whole || Number.isInteger(found));
    return fitting ? answer(found) : range;
  }, labelled(range, input, question.unit?.[language] ?? ""));
}

// Words ------------------------------------------------------------------------------------------------------------

function words(question, answer) {
  const input = element("textarea", { rows: 4, maxlength: LONGEST[question.type], dir: "auto" });
  return form(say("next"), () => (input.value.trim() ? answer(input.value) : say("write_answer")),
    labelled(say("own_words"), input));
}

// Dates ------------------------------------------------------------------------------------------------------------

function dated(question, answer, { poll, language }) {
  const { precision, calendar, low, high } = question;
  const names = poll.months[calendar][language];
  const digits = (length) => element("input", { type: "text", inputmode: "numeric", maxlength: length, dir: "ltr" });
  const [day, year] = [digits(2), digits(4)];
  const month = element("select", {}, element("option", { value: "" }, "–"),
    ...Array.from({ length: monthsOf(calendar) }, (_, at) => element("option", { value: at + 1 }, names[at])));
  const now = new Date();
  year.placeholder = String(parts(calendar, now.getFullYear(), now.getMonth() + 1, now.getDate())[0]);
  const shown = [[day, "day", ["day"]], [month, "month", ["day", "month"]], [year, "year", ["day", "month", "year"]]];
  const inputs = shown.filter(([, , of]) => of.includes(precision)).map(([input, name]) => labelled(say(name), input));
  const edge = (bound) => (bound ? written(bound, calendar, names) : "…");
  return form(say("next"), () => {
    const found = dateValue(precision, calendar, numberOf(year.value), Number(month.value), numberOf(day.value));
    if (!found) return say("no_such_day");
    return fits(found, low, high) ? answer(found) : say("date_range", { low: edge(low), high: edge(high) });
  }, element("div", { class: "parts" }, ...inputs));
}

// Places -----------------------------------------------------------------------------------------------------------

export const plain = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

function place(question, answer, { poll, language }) {
  const gazetteer = poll.gazetteers[question.gazetteer] ?? { places: [], left_out: 0 };
  const byId = new Map(gazetteer.places.map((one) => [one.id, one]));
  const asked = gazetteer.places.filter(({ level }) => !question.level || level === question.level);
  const known = asked.map((one) => [one, plain([...Object.values(one.names), ...one.also].join(" | "))]);
  const list = element("div", { class: "options", role: "group" });
  const input = element("input", { type: "text", maxlength: 80, dir: "auto", spellcheck: "false" });
  const draw = () => {
    const typed = plain(input.value);
    if (!typed && known.length > SHOWN) return list.replaceChildren();
    const starts = (text) => text.startsWith(typed) || text.includes(` ${typed}`);
    const found = known.filter(([, text]) => text.includes(typed)).sort((a, b) => starts(b[1]) - starts(a[1]));
    const buttons = found.slice(0, SHOWN).map(([one]) => option(placeLabel(byId, one, language), () => answer(one.id)));
    return list.replaceChildren(...(buttons.length ? buttons : [paragraph(say("no_place"), "soft")]));
  };
  input.addEventListener("input", draw);
  draw();
  const left = gazetteer.left_out ? paragraph(say("left_out", { count: gazetteer.left_out }), "notice") : "";
  return [labelled(say("find_place"), input), list, left];
}

// Actors -----------------------------------------------------------------------------------------------------------

// Who is meant is always pressed, never guessed. Somebody new needs a kind, and a single person a reason.
function actor(question, answer, { poll, language }) {
  const words = poll.words[language];
  const said = (key, name) => words[key].replace("{name}", () => name);
  const taken = new Set(question.taken.map((value) => (Array.isArray(value) ? plain(value[0]) : value)));
  const left = (poll.actors?.known ?? []).filter(({ code }) => !taken.has(code));
  const known = left.map((one) => [one, plain([one.name, ...one.also, one.code].join(" | "))]);
  const list = element("div", { class: "options", role: "group" });
  const input = element("input", { type: "text", maxlength: 120, dir: "auto", spellcheck: "false" });
  const named = () => input.value.trim().split(/\s+/u).join(" ");
  const describe = (name, kind) => {
    const reason = element("textarea", { rows: 3, maxlength: LONGEST.open, dir: "auto" });
    list.replaceChildren(form(say("next"), () => (reason.value.trim() ? answer([name, kind, reason.value.trim()]) : say("write_answer")),
      labelled(said("actor_reason", name), reason)));
    reason.focus();
  };
  const kinds = (name) => {
    const buttons = ["group", "organisation", "office", "individual"].map((kind) =>
      option(words[`kind_${kind}`], () => (kind === "individual" ? describe(name, kind) : answer([name, kind, ""]))));
    list.replaceChildren(paragraph(said("actor_kind", name), "soft"), ...buttons);
    buttons[0].focus();
  };
  const fresh = () => {
    const name = named();
    const same = left.find((one) => [one.name, ...one.also].some((each) => plain(each) === plain(name)));
    if (!question.new || !plain(name) || same) return [];
    return [taken.has(plain(name)) ? paragraph(words.actor_twice, "soft") : option(said("actor_new", name), () => kinds(name))];
  };
  const draw = () => {
    const typed = plain(input.value);
    if (!typed && known.length > SHOWN) return list.replaceChildren();
    const starts = (text) => text.startsWith(typed) || text.includes(` ${typed}`);
    const found = known.filter(([, text]) => text.includes(typed)).sort((a, b) => starts(b[1]) - starts(a[1]));
    const buttons = found.slice(0, SHOWN).map(([one]) => option(one.name, () => answer(one.code)));
    const shown = [...buttons, ...fresh()];
    return list.replaceChildren(...(shown.length ? shown : [paragraph(say("no_actor"), "soft")]));
  };
  input.addEventListener("input", draw);
  draw();
  return [labelled(say("find_place"), input), list];
}

const FIELDS = {
  "yes-no": options,
  "one-of": options,
  "phone-consent": options,
  "many-of": several,
  ranking,
  scale,
  number,
  open: words,
  proposal: words,
  date: dated,
  place,
  statement: votes,
  actor,
  tie: options,
  attitude: options,
  power: several,
  remark: words,
};

// Small parts that every page of the app is made of. What people say is only ever set as text.

const settings = JSON.parse(document.getElementById("texts").textContent);

export const pageLanguage = settings.language;

// A text of the page, with its places filled in.
export const say = (name, values = {}) =>
  settings.say[name].replace(/\{(\w+)\}/g, (whole, place) => String(values[place] ?? whole));

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const button = (text, act, kind = "") =>
  element("button", { type: "button", class: kind || null, onclick: act }, text);

export const paragraph = (text, kind = null) => element("p", { class: kind }, text);

// A button that asks once more before it acts.
export function sureButton(text, sure, act) {
  const made = button(text, () => {
    if (made.dataset.sure) return act();
    made.dataset.sure = "yes";
    made.textContent = sure;
    return null;
  }, "plain");
  return made;
}

// A form of one field or more; `act` gives the problem, if there is one.
export function form(submit, act, ...children) {
  const problem = element("p", { role: "alert", class: "problem", hidden: true });
  const made = element("form", { class: "fields", novalidate: true, autocomplete: "off" }, ...children, problem,
    element("div", { class: "row" }, element("button", {}, submit)));
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    const found = await act();
    if (!found) return;
    problem.textContent = found;
    problem.hidden = false;
  });
  return made;
}

export function labelled(text, input, hint = "") {
  const id = `field-${text.length}-${Math.random().toString(36).slice(2)}`;
  input.id = id;
  const told = hint ? element("p", { class: "soft small", id: `${id}-hint` }, hint) : null;
  if (told) input.setAttribute("aria-describedby", told.id);
  return element("div", { class: "field" }, element("label", { for: id }, text), told, input);
}

export const moment = (iso) =>
  new Date(iso).toLocaleString(pageLanguage, { dateStyle: "medium", timeStyle: "short", numberingSystem: "latn" });

// A poll that is being written: checked a moment after the last key, and problems lead to their line.

const form = document.getElementById("writing");
const source = form.elements.source;
const shown = document.querySelector("[data-verdict]");
const cursor = form.querySelector("[data-cursor]");
const QUIET = 400;

let waiting, asking, checked = source.value, out = false;
let written = "unsaved" in form.dataset ? null : source.value;

async function check() {
  if (source.value === checked && !out) return;
  asking?.abort();
  asking = new AbortController();
  const sent = source.value;
  try {
    let answer = await ask();
    if (answer.status === 400 && (await renew())) answer = await ask();
    out = answer.status === 401;
    if (!answer.ok) return say(out ? form.dataset.out : form.dataset.lost);
    shown.innerHTML = await answer.text();
    checked = sent;
  } catch (error) {
    if (error.name !== "AbortError") say(form.dataset.lost);
  }
}

function ask() {
  return fetch(form.dataset.check, { method: "POST", body: new FormData(form), signal: asking.signal });
}

// Who signed in anew on another page has another token for their forms: this one takes it too.
async function renew() {
  const answer = await fetch(location.href, { signal: asking.signal });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("#writing [name=csrf_token]")?.value;
  if (token) form.elements.csrf_token.value = token;
  return Boolean(token);
}

function say(sentence) {
  shown.querySelector("[role=status]").textContent = sentence;
}

// The place of a line and column, both counted from 1, in the text.
function place(line, column) {
  const lines = source.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
  const text = lines[line - 1] ?? "";
  return before + [...text].slice(0, column - 1).join("").length;
}

function tell() {
  const before = source.value.slice(0, source.selectionEnd).split("\n");
  const values = { line: before.length, column: [...before.at(-1)].length + 1 };
  cursor.textContent = form.dataset.at.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  cursor.hidden = false;
}

// A text area does not scroll to where its caret is put: what stands above is measured in a copy of it.
function lead(line, column) {
  const at = place(line, column);
  const copy = source.cloneNode();
  copy.removeAttribute("id");
  copy.rows = 1;
  copy.value = source.value.slice(0, at);
  source.after(copy);
  const above = copy.scrollHeight;
  copy.remove();
  source.focus();
  source.setSelectionRange(at, at);
  source.scrollTop = Math.max(0, above - source.clientHeight / 2);
  tell();
}

source.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, QUIET);
});
for (const name of ["keyup", "click", "focus", "input"]) source.addEventListener(name, tell);

shown.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  lead(Number(link.dataset.line), Number(link.dataset.column));
});

// Back from the page where they signed in.
for (const name of ["focus", "pageshow"]) window.addEventListener(name, () => out && check());
document.addEventListener("visibilitychange", () => out && !document.hidden && check());

form.addEventListener("submit", () => (written = source.value));
window.addEventListener("beforeunload", (event) => {
  if (source.value !== written) event.preventDefault();
});

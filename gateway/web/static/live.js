// Parts of a page that renew themselves: an element with data-live is filled from there every few seconds.
// A "-" in the address stands for the survey that is chosen.

const parts = [...document.querySelectorAll("[data-live]")];

async function renew(part) {
  const survey = part.dataset.survey;
  const answer = await fetch(part.dataset.live.replace("/-", `/${survey}`));
  if (!answer.ok || survey !== part.dataset.survey) return;
  const html = await answer.text();
  if (html === part.dataset.shown || part.contains(document.activeElement)) return;
  const first = !part.dataset.shown;
  part.dataset.shown = html;
  const before = first ? [] : [...part.querySelectorAll(".chart .bar")].map((bar) => bar.getAttribute("width"));
  part.innerHTML = html;
  // Bars grow from where they were.
  const bars = [...part.querySelectorAll(".chart .bar")];
  if (before.length !== bars.length) return;
  for (const [index, bar] of bars.entries()) {
    const width = bar.getAttribute("width");
    bar.setAttribute("width", before[index]);
    requestAnimationFrame(() => requestAnimationFrame(() => bar.setAttribute("width", width)));
  }
}

for (const part of parts) {
  const every = Number(part.dataset.every || 2500);
  const go = async () => {
    if (!document.hidden) await renew(part).catch(() => {});
    setTimeout(go, every);
  };
  go();
}

const choices = [...document.querySelectorAll("[data-choices] button")];
for (const choice of choices) {
  choice.addEventListener("click", () => {
    for (const other of choices) other.setAttribute("aria-pressed", String(other === choice));
    for (const part of parts) {
      part.dataset.survey = choice.dataset.survey;
      renew(part).catch(() => {});
    }
  });
}

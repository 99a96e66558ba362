// The map of actors, to move about in. What it shows stands in the SVG and in the tables of the page, too; positions
// come from the server and stay as they are, whatever is chosen.

import { Plane, shaped, style, whole, write } from "./actors_drawing.js";

const root = document.getElementById("network");
const form = document.getElementById("choose");
const at = (id) => document.getElementById(id);
const says = JSON.parse(root.dataset.says);
const said = (word) => says.words[word] ?? word; // the map's own words, as this page's language has them
const LARGE = 3000; // from so many ties in a wave on they are painted by ourselves
const NAMED = matchMedia("(max-width: 40rem)").matches ? 6 : 60; // so many names fit
const LEVELS = { "+": "supports", "−": "opposes", "=": "neutral", "?": "unknown", " ": "unknown" };
const THERE = { "+": "together", "-": "against", 0: "neither" };

const [{ default: cytoscape }, map] = await Promise.all([
  import("./vendor/cytoscape-3.30.4.esm.min.js"),
  fetch(root.dataset.map, { credentials: "same-origin" }).then((answer) => {
    if (!answer.ok) throw new Error(`the map: ${answer.status}`);
    return answer.json();
  }),
]);

const { actors, ties, waves } = map;
const count = ties.from.length;
const near = actors.map(() => []); // the ties of each actor
for (let tie = 0; tie < count; tie += 1) {
  near[ties.from[tie]].push(tie);
  near[ties.to[tie]].push(tie);
}
const sizesOf = new Map(); // by what they hang on; those of other measures come from the server
const views = [];
const CROWDED = Math.min(1, Math.sqrt(200 / actors.length)); // many actors are drawn small, or nobody would see a tie
let picked = -1;

// What is chosen ------------------------------------------------------------------------------------------------------

function chosen() {
  const types = new Set([...form.querySelectorAll("[name=type]:checked")].map((box) => map.types.indexOf(box.value)));
  return {
    types,
    issue: at("issue").value,
    size: at("size").value,
    group: at("group").value,
    kind: at("kind").value,
    area: at("area").value,
    mark: at("mark").checked,
  };
}

const fits = (actor, look) => (!look.kind || actors[actor][2] === look.kind) && (!look.area || actors[actor][3] === look.area);

// What became of a tie: how it is drawn, or nothing.
function drawnAs(tie, wave, look) {
  if (!look.types.has(ties.type[tie])) return "";
  const now = ties.state[wave][tie];
  const before = wave > 0 ? ties.state[wave - 1][tie] : "?";
  if (now in THERE) {
    if (!look.mark || wave === 0) return THERE[now];
    return THERE[now] + (before === "." ? " new" : before in THERE && before !== now ? " turned" : "");
  }
  if (!look.mark || !(before in THERE)) return "";
  return now === "." ? "gone" : "silent";
}

async function sizes(wave, look) {
  const types = look.types.size === map.types.length ? "" : [...look.types].sort((a, b) => a - b).join();
  const key = `${look.size} ${wave} ${types}`;
  if (sizesOf.has(key)) return sizesOf.get(key);
  let found;
  if (look.size === "ties") {
    found = actors.map((_, actor) => near[actor].filter((tie) => look.types.has(ties.type[tie]) && ties.state[wave][tie] in THERE).length);
  } else {
    const asked = new URLSearchParams({ wave: waves[wave], size: look.size });
    if (types) for (const type of look.types) asked.append("type", map.types[type]);
    found = await (await fetch(`${root.dataset.sizes}?${asked}`)).json();
  }
  sizesOf.set(key, found);
  return found;
}

// Drawing -------------------------------------------------------------------------------------------------------------

const quick = count > LARGE;

class View {
  constructor(figure, wave) {
    this.wave = wave;
    this.stage = document.createElement("div");
    this.stage.className = "stage";
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-describedby", "keys");
    figure.append(this.stage);
    this.shown = new Map(); // ties that are drawn, and how
  }

  tie(tie, as) {
    const width = 1 + 0.3 * Number(ties.strength[this.wave][tie]);
    const way = ties.way[tie] === "1" ? " way" : "";
    return { group: "edges", data: { id: `t${tie}`, source: `a${ties.from[tie]}`, target: `a${ties.to[tie]}`, width }, classes: as + way };
  }

  wanted(look) {
    const found = new Map();
    for (let tie = 0; tie < count; tie += 1) {
      const as = drawnAs(tie, this.wave, look);
      if (as && fits(ties.from[tie], look) && fits(ties.to[tie], look)) found.set(tie, as);
    }
    return found;
  }

  nodes(look, size, shapes) {
    const most = Math.max(...size, 0);
    const order = size.map((_, actor) => actor).sort((one, other) => size[other] - size[one]);
    this.order = order.filter((actor) => fits(actor, look));
    const named = new Set(this.order.slice(0, NAMED));
    const signs = look.issue ? map.attitudes[look.issue][this.wave] : "";
    return actors.map(([, name, , , x, y], actor) => {
      const there = map.asked[this.wave][actor] === "1" || near[actor].some((tie) => ties.state[this.wave][tie] in THERE);
      const classes = [there ? "" : "silent", look.issue ? LEVELS[signs[actor]] : "", named.has(actor) ? "named" : "", fits(actor, look) ? "" : "out", actor === picked ? "picked" : ""];
      return {
        group: "nodes",
        data: {
          id: `a${actor}`,
          label: look.issue ? `${signs[actor] === " " ? "?" : signs[actor]} ${name}` : name,
          size: CROWDED * (14 + 34 * Math.sqrt(most > 0 ? size[actor] / most : 0.15)),
          shape: shapes[actor],
        },
        position: { x, y },
        classes: classes.filter(Boolean).join(" "),
      };
    });
  }

  async draw(look, shapes) {
    const nodes = this.nodes(look, await sizes(this.wave, look), shapes);
    const wanted = this.wanted(look);
    this.stage.setAttribute("aria-label", says.wave.replace("{wave}", waves[this.wave]));
    if (!this.cy) {
      this.cy = cytoscape({
        container: this.stage,
        elements: quick ? nodes : [...nodes, ...[...wanted].map(([tie, as]) => this.tie(tie, as))],
        style: style(CROWDED),
        layout: { name: "preset", fit: true, padding: 30 },
        minZoom: 0.1,
        maxZoom: 8,
        autoungrabify: true,
        boxSelectionEnabled: false,
        selectionType: "single",
        textureOnViewport: quick,
        hideEdgesOnViewport: false,
        pixelRatio: quick ? 1 : "auto",
      });
      if (quick) this.plane = new Plane(this.stage, this.cy, map);
      this.listen();
    } else {
      this.cy.batch(() => {
        for (const node of nodes) {
          const held = this.cy.getElementById(node.data.id);
          held.data(node.data);
          held.classes(node.classes);
        }
        if (quick) return;
        const gone = this.cy.collection([...this.shown.keys()].filter((tie) => !wanted.has(tie)).map((tie) => this.cy.getElementById(`t${tie}`)));
        this.cy.remove(gone);
        const come = [];
        for (const [tie, as] of wanted) {
          if (!this.shown.has(tie)) come.push(this.tie(tie, as));
          else {
            const next = this.tie(tie, as);
            const held = this.cy.getElementById(next.data.id);
            if (this.shown.get(tie) !== as) held.classes(next.classes);
            if (held.data("width") !== next.data.width) held.data("width", next.data.width);
          }
        }
        this.cy.add(come);
      });
    }
    this.shown = wanted;
    this.plane?.set(wanted, picked);
    if (!quick) write(this.cy, true);
  }

  listen() {
    if (!quick) this.cy.on("zoom", () => write(this.cy));
    this.cy.on("tap", "node", (event) => pick(Number(event.target.id().slice(1))));
    this.cy.on("tap", (event) => {
      if (event.target === this.cy) pick(-1);
    });
    this.cy.on("pan zoom", () => {
      if (moving) return;
      moving = true;
      for (const other of views) if (other !== this) other.cy?.viewport({ zoom: this.cy.zoom(), pan: this.cy.pan() });
      moving = false;
    });
    this.stage.addEventListener("keydown", (event) => {
      const key = event.key;
      const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[key];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (step) this.cy.panBy({ x: step[0], y: step[1] });
      else if (key === "+" || key === "=") this.zoom(1.25);
      else if (key === "-") this.zoom(0.8);
      else if (key === "0") whole(this.cy, quick);
      else if (key === "n" || key === "N") stepOn(1);
      else if (key === "p" || key === "P") stepOn(-1);
      else if (key === "Enter" && picked >= 0) location.assign(addressOf(picked));
      else if (key === "Escape") pick(-1);
      else return;
      event.preventDefault();
    });
  }

  zoom(by) {
    const middle = { x: this.cy.width() / 2, y: this.cy.height() / 2 };
    this.cy.zoom({ level: this.cy.zoom() * by, renderedPosition: middle });
  }
}

let moving = false;

const addressOf = (actor) => root.dataset.actor.replace("/-", `/${actors[actor][0]}`);

function stepOn(by) {
  const order = views[0].order;
  if (!order.length) return;
  const place = order.indexOf(picked);
  pick(order[(place + by + order.length) % order.length]);
}

// The actor that is picked: in words beside the picture, its ties to go along.
function pick(actor, centred = true) {
  picked = actor;
  for (const { cy, plane, shown } of views) {
    plane?.set(shown, actor);
    cy.batch(() => {
      cy.elements(".picked").removeClass("picked");
      if (actor < 0) return;
      const node = cy.getElementById(`a${actor}`);
      node.addClass("picked");
      node.connectedEdges().addClass("picked");
    });
    const node = cy.getElementById(`a${actor}`);
    if (actor < 0 || !centred) continue;
    const { x, y } = node.renderedPosition();
    if (x < 40 || y < 40 || x > cy.width() - 40 || y > cy.height() - 40) cy.center(node);
  }
  tell();
}

function tell() {
  const box = at("picked");
  box.hidden = picked < 0;
  box.replaceChildren();
  if (picked < 0) return;
  const [, name, kind, area] = actors[picked];
  const look = chosen();
  const { wave } = views[0];
  const title = document.createElement("h2");
  title.append(Object.assign(document.createElement("bdi"), { textContent: name }));
  const about = document.createElement("p");
  about.className = "soft";
  const sign = look.issue ? map.attitudes[look.issue][wave][picked] : "";
  about.textContent = [said(kind), area, look.issue && `${look.issue}: ${says.attitudes[LEVELS[sign]]}`].filter(Boolean).join("; ");
  const list = document.createElement("ul");
  list.className = "picked-ties";
  for (const tie of near[picked]) {
    const as = ties.state[wave][tie];
    if (!(as in THERE) || !look.types.has(ties.type[tie])) continue;
    const other = ties.from[tie] === picked ? ties.to[tie] : ties.from[tie];
    const go = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: actors[other][1] });
    go.addEventListener("click", () => pick(other));
    const item = document.createElement("li");
    const how = as === "+" ? says.with : as === "-" ? says.against : says.neither;
    item.append(go, ` ${said(map.types[ties.type[tie]])}, ${how}`);
    list.append(item);
  }
  if (!list.children.length) list.append(Object.assign(document.createElement("li"), { textContent: says.nothing }));
  const open = Object.assign(document.createElement("a"), { href: addressOf(picked), textContent: says.open, className: "button plain" });
  box.append(title, about, list, open);
}

// Choosing ------------------------------------------------------------------------------------------------------------

function asked() {
  const query = new URLSearchParams(new FormData(form));
  if ([...form.querySelectorAll("[name=type]")].every((box) => box.checked)) query.delete("type");
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  return query;
}

let renewing;
function renew() {
  clearTimeout(renewing);
  const query = asked();
  history.replaceState(null, "", `${root.dataset.page}?${query}`);
  renewing = setTimeout(async () => {
    const answer = await fetch(`${root.dataset.page}?${query}&part=1`);
    if (answer.ok) at("below").innerHTML = await answer.text();
  }, 250);
}

async function show() {
  const look = chosen();
  const wave = waves.indexOf(Number(at("wave").value));
  views[0].wave = wave;
  at("slider").value = wave;
  at("slid").textContent = waves[wave];
  at("slider").setAttribute("aria-valuetext", says.wave.replace("{wave}", waves[wave]));
  const shapes = shaped(actors.length, look.group ? map.groups[look.group].map(said) : null, at("legend"));
  for (const view of views) await view.draw(look, shapes);
  search();
  if (picked >= 0) pick(picked, false);
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function search() {
  const wanted = plain(at("find").value.trim());
  const found = wanted ? views[0].order.filter((actor) => plain(actors[actor][1]).includes(wanted)) : [];
  for (const { cy } of views) {
    cy.batch(() => {
      cy.nodes(".hit").removeClass("hit");
      for (const actor of found.slice(0, 50)) cy.getElementById(`a${actor}`).addClass("hit");
    });
  }
  const hits = at("hits");
  hits.hidden = !wanted;
  hits.replaceChildren(
    ...found.slice(0, 8).map((actor) => {
      const go = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: actors[actor][1] });
      go.addEventListener("click", () => pick(actor));
      const item = document.createElement("li");
      item.append(go);
      return item;
    }),
    Object.assign(document.createElement("li"), { textContent: says.found.replace("{n}", found.length), className: "soft" }),
  );
  return found;
}

for (const figure of root.querySelectorAll("figure")) {
  const beside = views.length ? at("beside").value : at("wave").value;
  views.push(new View(figure, waves.indexOf(Number(beside))));
}
await show();
root.classList.add("drawn");
root.classList.toggle("large", quick);
for (const view of views) {
  view.cy.resize();
  whole(view.cy, quick);
}
for (const id of ["tools", "slide", "changes"]) at(id).hidden = false;
for (const id of ["waves", "show"]) at(id).hidden = true;
requestAnimationFrame(() => requestAnimationFrame(() => {
  performance.mark("drawn");
  root.dataset.drawn = "";
}));

form.addEventListener("change", (event) => {
  if (event.target.id === "beside") form.requestSubmit(); // another picture stands on the page then
  else if (event.target.id === "mark") show();
  else if (event.target.id !== "find" && event.target.id !== "slider") show().then(renew);
});
at("slider").addEventListener("input", () => {
  at("wave").value = waves[at("slider").value];
  show().then(renew);
});
at("find").addEventListener("input", () => {
  search();
  renew();
});
form.addEventListener("submit", (event) => {
  if (document.activeElement !== at("find")) return;
  event.preventDefault();
  const [first] = search();
  if (first !== undefined) pick(first);
});
at("nearer").addEventListener("click", () => views[0].zoom(1.25));
at("farther").addEventListener("click", () => views[0].zoom(0.8));
at("whole").addEventListener("click", () => whole(views[0].cy, quick));
at("next").addEventListener("click", () => stepOn(1));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { cy, plane } of views) {
    cy.style(style(CROWDED));
    plane?.paint();
  }
});

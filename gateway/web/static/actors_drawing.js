// How the map of actors is drawn: the style sheet of its actors and ties, and a plane for very many ties.

const SHAPES = ["ellipse", "rectangle", "triangle", "diamond", "pentagon", "hexagon", "star"];
const GLYPHS = ["●", "■", "▲", "◆", "⬟", "⬢", "★"];

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function style(crowded) {
  const [ink, soft, surface, bar, wash, line, focus] = ["--ink", "--ink-soft", "--surface", "--bar", "--bar-wash", "--line-strong", "--focus"].map(token);
  return [
    { selector: "node", style: { width: "data(size)", height: "data(size)", shape: "data(shape)", "background-color": wash, "border-width": 1.5 * crowded, "border-color": ink, color: ink, "font-size": 13, "font-family": token("--text"), "text-valign": "bottom", "text-margin-y": 3, "text-outline-width": 2, "text-outline-color": surface, "min-zoomed-font-size": 7 } },
    { selector: "node.named, node.picked, node.hit", style: { label: "data(label)" } },
    { selector: "node.supports", style: { "background-color": bar } },
    { selector: "node.opposes", style: { "background-color": surface, "border-width": 3.5 * crowded } },
    { selector: "node.unknown", style: { "background-color": surface, "border-style": "dashed" } },
    { selector: "node.silent", style: { opacity: 0.35, "border-style": "dotted" } },
    { selector: "node.out", style: { display: "none" } },
    { selector: "node.hit", style: { "border-color": focus, "border-width": 4 } },
    { selector: "node.picked", style: { "border-color": focus, "border-width": 5, "z-index": 9 } },
    { selector: "edge", style: { width: "data(width)", "line-color": line, opacity: 0.6, "curve-style": "straight" } },
    { selector: "edge.way", style: { "target-arrow-shape": "triangle", "target-arrow-color": line, "arrow-scale": 0.8 } },
    { selector: "edge.against", style: { "line-style": "dashed", opacity: 0.9 } },
    { selector: "edge.new", style: { "line-color": ink, opacity: 1 } },
    { selector: "edge.turned", style: { "line-color": focus, "target-arrow-color": focus, opacity: 1 } },
    { selector: "edge.gone", style: { "line-style": "dotted", "line-color": soft, opacity: 0.7 } },
    { selector: "edge.silent", style: { "line-style": "dotted", opacity: 0.25 } },
    { selector: "edge.picked", style: { "line-color": focus, "target-arrow-color": focus, opacity: 1 } },
  ];
}

// Names keep a size that can be read, from however far one looks; `anew`: some are new.
export function write(cy, anew = false) {
  const size = Math.max(13, 12 / cy.zoom());
  if (!anew && Math.abs(size - (cy.scratch("written") ?? 0)) < 0.5) return;
  cy.scratch("written", size);
  cy.nodes().style({ "font-size": size, "text-outline-width": size / 6 });
}

// All of it, whatever room names take: these follow how far away it is.
export function whole(cy, quick) {
  if (!quick) cy.nodes().style({ "font-size": 1 });
  cy.fit(undefined, 30);
  if (!quick) write(cy, true);
}

// Thousands of ties are lines on a plane of their own under the actors: as elements of the library they take seconds.
// While the picture moves the plane is only shifted, and painted anew when it rests.
export class Plane {
  // `map` is what the server tells of all waves.
  constructor(stage, cy, map) {
    this.map = map;
    this.cy = cy;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "plane";
    stage.prepend(this.canvas);
    this.paths = new Map();
    cy.on("pan zoom resize", () => this.move());
  }

  // `wanted`: how each tie is drawn. `own`: the actor whose ties stand out.
  set(wanted, own) {
    const { actors, ties } = this.map;
    this.paths.clear();
    for (const [tie, as] of wanted) {
      const [one, other] = [ties.from[tie], ties.to[tie]];
      const kind = one === own || other === own ? "picked" : as;
      if (!this.paths.has(kind)) this.paths.set(kind, new Path2D());
      const path = this.paths.get(kind);
      path.moveTo(actors[one][4], actors[one][5]);
      path.lineTo(actors[other][4], actors[other][5]);
    }
    this.paint();
  }

  paint() {
    const { cy, canvas } = this;
    const [ink, line, focus] = ["--ink", "--line-strong", "--focus"].map(token);
    this.at = { zoom: cy.zoom(), ...cy.pan() };
    canvas.width = cy.width();
    canvas.height = cy.height();
    canvas.style.transform = "";
    const pen = canvas.getContext("2d");
    pen.setTransform(this.at.zoom, 0, 0, this.at.zoom, this.at.x, this.at.y);
    for (const [kind, path] of this.paths) {
      const is = (word) => kind.split(" ").includes(word);
      pen.globalAlpha = is("picked") ? 1 : is("new") || is("turned") ? 0.8 : is("silent") ? 0.1 : is("against") || is("gone") ? 0.35 : 0.2;
      pen.strokeStyle = is("picked") || is("turned") ? focus : is("new") ? ink : line;
      pen.lineWidth = (is("picked") ? 2 : 1) / this.at.zoom;
      pen.setLineDash((is("against") ? [6, 5] : is("gone") || is("silent") ? [2, 3] : []).map((length) => length / this.at.zoom));
      pen.stroke(path);
    }
  }

  move() {
    if (!this.at) return;
    const [zoom, pan] = [this.cy.zoom() / this.at.zoom, this.cy.pan()];
    this.canvas.style.transform = `translate(${pan.x - this.at.x * zoom}px, ${pan.y - this.at.y * zoom}px) scale(${zoom})`;
    clearTimeout(this.rests);
    this.rests = setTimeout(() => this.paint(), 150);
  }
}

// Camps are told apart by shape: no colour stands for a party.
// `of`: what each of `count` actors counts to, or nothing; `legend`: where it is said what stands for what.
export function shaped(count, of, legend) {
  if (!of) {
    legend.textContent = "";
    return Array(count).fill(SHAPES[0]);
  }
  const held = new Map();
  for (const group of of) if (group) held.set(group, (held.get(group) || 0) + 1);
  const order = [...held.keys()].sort((one, other) => held.get(other) - held.get(one) || one.localeCompare(other));
  const place = new Map(order.map((group, index) => [group, Math.min(index + 1, SHAPES.length - 1)]));
  legend.textContent = order.slice(0, SHAPES.length - 1).map((group) => `${GLYPHS[place.get(group)]} ${group}`).join("   ");
  return of.map((group) => SHAPES[group ? place.get(group) : 0]);
}

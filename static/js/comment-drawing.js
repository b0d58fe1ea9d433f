// Drawing over the picture of a stage: what is drawn goes with the new comment, the chosen comment's drawing is shown at its
// frame. Its SVG is the server's (tasks/templatetags/drawings.py); what is drawn just now is made here in the same way.
import { Strokes } from "./strokes.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const INKS = ["#ff453a", "#ffd60a", "#32d74b", "#0a84ff", "#ffffff", "#111111"];
const [PLACES, LONGER_SIDE, WIDTH] = [10000, 1000, 60];
const [MOST_STROKES, MOST_POINTS] = [40, 400];
const TURN = Math.PI / 7;
const NEAR = 15; // places between two points of a pen

const picture = document.querySelector("[data-stage]:not(.stage--audio) [data-stage-picture]");
const form = () => document.querySelector("#comment-new");
const made = (name, facts = {}) => {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(facts)) element.setAttribute(key, value);
  return element;
};
const short = (number) => String(Number(number.toFixed(2)));
const line = (points) => {
  const all = points.length > 1 ? points : [points[0], [points[0][0] + 0.01, points[0][1]]];
  return all.map(([x, y], place) => `${place ? "L" : "M"}${short(x)} ${short(y)}`).join("");
};
const PATHS = {
  pen: line,
  box: ([[x, y], [toX, toY]]) => `${line([[x, y], [toX, y], [toX, toY], [x, toY]])}Z`,
  arrow(points, thick) {
    const [[x, y], [toX, toY]] = points;
    const [way, size] = [Math.atan2(toY - y, toX - x), Math.max(4 * thick, 25)];
    const [one, two] = [TURN, -TURN].map((turn) => [toX - size * Math.cos(way + turn), toY - size * Math.sin(way + turn)]);
    return line(points) + line([one, [toX, toY], two]);
  },
};

class Easel {
  strokes = new Strokes();

  tool = "pen";

  colour = 0;

  constructor() {
    const sizer = picture.querySelector(".stage__sizer");
    const [width, height] = ["width", "height"].map((name) => Number(sizer.getAttribute(name)));
    [this.width, this.height] = [width, height].map((side) => (side * LONGER_SIDE) / Math.max(width, height));
    this.shown = made("svg", { class: "drawing-layer", "aria-hidden": "true" });
    this.sheet = made("svg", { class: "drawing-layer", viewBox: `0 0 ${this.width} ${this.height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    picture.append(this.shown, this.sheet);
    const { sheet } = this;
    sheet.addEventListener("pointerdown", (event) => this.press(event));
    sheet.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) sheet.addEventListener(name, () => this.lift());
  }

  get isOn() { return this.sheet.classList.contains("drawing-layer--on"); }

  turn(isOn) {
    this.sheet.classList.toggle("drawing-layer--on", isOn);
    if (isOn) document.dispatchEvent(new CustomEvent("comment:pin"));
    this.renew();
  }

  // The tools stand in a form that the server draws anew.
  renew() {
    const tools = form()?.querySelector("[data-drawing-tools]");
    if (!tools) return;
    tools.hidden = !this.isOn;
    form().querySelector("[data-draw]").setAttribute("aria-pressed", String(this.isOn));
    for (const button of tools.querySelectorAll("[data-draw-tool]")) button.setAttribute("aria-pressed", String(button.dataset.drawTool === this.tool));
    for (const button of tools.querySelectorAll("[data-draw-colour]")) button.setAttribute("aria-pressed", String(Number(button.dataset.drawColour) === this.colour));
    for (const button of tools.querySelectorAll("[data-draw-undo], [data-draw-clear]")) button.disabled = !this.strokes.acts.length;
  }

  point({ clientX, clientY }) {
    const { left, top, width, height } = this.sheet.getBoundingClientRect();
    const part = (at, whole) => Math.round(Math.min(1, Math.max(0, at / whole)) * PLACES);
    return [part(clientX - left, width), part(clientY - top, height)];
  }

  press(event) {
    if (event.button || this.strokes.acts.length >= MOST_STROKES) return;
    event.preventDefault();
    this.sheet.setPointerCapture(event.pointerId);
    const at = this.point(event);
    const points = ["arrow", "box"].includes(this.tool) ? [at, at] : [at];
    this.line = { tool: this.tool, colour: this.colour, width: WIDTH, points };
    this.draw();
  }

  move(event) {
    if (!this.line) return;
    const { tool, points } = this.line;
    if (tool === "point") points[0] = this.point(event);
    else if (tool !== "pen") points[1] = this.point(event);
    else {
      for (const one of event.getCoalescedEvents?.() ?? [event]) {
        const [at, last] = [this.point(one), points.at(-1)];
        if (Math.hypot(at[0] - last[0], at[1] - last[1]) >= NEAR) points.push(at);
      }
    }
    this.draw();
  }

  lift() {
    if (!this.line) return;
    const { points } = this.line;
    const step = Math.max(1, (points.length - 1) / (MOST_POINTS - 1));
    const kept = Array.from({ length: Math.min(points.length, MOST_POINTS) }, (_, place) => points[Math.round(place * step)]);
    this.strokes.add({ ...this.line, points: kept });
    this.line = undefined;
    this.changed();
  }

  changed() {
    const field = form().elements.drawing;
    field.value = this.strokes.acts.length ? JSON.stringify({ v: 1, strokes: this.strokes.acts }) : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    this.draw();
    this.renew();
  }

  draw() {
    this.sheet.replaceChildren(...[...this.strokes.acts, ...(this.line ? [this.line] : [])].map((one) => this.stroke(one)));
  }

  stroke({ tool, colour, width, points }) {
    const at = points.map(([x, y]) => [(x * this.width) / PLACES, (y * this.height) / PLACES]);
    const [thick, ink] = [(width * LONGER_SIDE) / PLACES, INKS[colour]];
    const facts = { stroke: ink, "stroke-width": short(thick) };
    if (tool === "point") {
      const [[cx, cy], r] = [at[0], Math.max(2.5 * thick, 12)];
      return made("circle", { cx: short(cx), cy: short(cy), r: short(r), fill: ink, "fill-opacity": "0.35", ...facts });
    }
    return made("path", { d: PATHS[tool](at, thick), fill: "none", ...facts, "stroke-linecap": "round", "stroke-linejoin": "round" });
  }

  undo() {
    this.strokes.undo();
    this.changed();
  }

  empty() {
    this.strokes = new Strokes();
    this.changed();
  }

  // The drawing of the chosen comment, while the film stands where that does.
  choose(comment) {
    const drawing = comment?.querySelector(":scope > .comment__drawing > svg");
    const place = comment?.querySelector(":scope > p > [data-marker-frame]")?.dataset;
    this.range = place && [Number(place.markerFrame), Number(place.markerOut ?? place.markerFrame)];
    this.shown.replaceChildren(...(drawing ? drawing.cloneNode(true).children : []));
    for (const name of ["viewBox", "preserveAspectRatio"]) if (drawing) this.shown.setAttribute(name, drawing.getAttribute(name));
  }

  follow({ frame, isPlaying }) {
    const isThere = !this.range || (frame >= this.range[0] && frame <= this.range[1]);
    this.shown.classList.toggle("drawing-layer--away", !isThere || (isPlaying && this.range?.[0] === this.range?.[1]));
  }
}

const easel = picture?.querySelector(".stage__sizer") && form()?.elements.drawing ? new Easel() : null;

if (easel) {
  easel.choose(document.querySelector(".thread__list > .comment--chosen"));
  document.addEventListener("comment:chosen", ({ detail }) => easel.choose(detail.comment));
  picture.closest("[data-stage]").addEventListener("stage:frame", ({ detail }) => easel.follow(detail));
  document.addEventListener("htmx:afterSwap", () => easel.renew());
  document.addEventListener("reset", ({ target }) => {
    if (target !== form()) return;
    easel.strokes = new Strokes();
    target.elements.drawing.value = "";
    easel.draw();
    easel.turn(false);
  });
  document.addEventListener("click", ({ target }) => {
    const { drawTool, drawColour, drawUndo, drawClear, draw } = target.closest("button")?.dataset ?? {};
    if (draw !== undefined) easel.turn(!easel.isOn);
    else if (drawUndo !== undefined) easel.undo();
    else if (drawClear !== undefined) easel.empty();
    else if (drawTool) easel.tool = drawTool;
    else if (drawColour) easel.colour = Number(drawColour);
    else return;
    easel.renew();
  });
  document.addEventListener("comment:draw", () => easel.turn(!easel.isOn));
}

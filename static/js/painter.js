// Masks painted over the picture of another field (data-mask): the dialog with its canvas, and what becomes of it.
import { examined } from "./upload-state.js";
import { BoundingBox } from "./bounding-box.js";
import { followPicture } from "./picture-source.js";
import { Strokes, asPicture } from "./strokes.js";

const PAINT = "oklch(64% 0.25 340)";
// The longer side of the canvas on the page; the mask itself has the picture's own size.
const SHOWN_SIDE = 1600;
const ZOOM = { least: 1, most: 8, step: 1.5 };

class Painter {
  strokes = new Strokes();
  pointers = new Map();
  zoom = 1;

  constructor(field) {
    this.field = field;
    this.part = (name) => field.querySelector(`[data-${name}]`);
    this.dialog = this.part("painter");
    this.canvas = this.part("canvas");
    this.context = this.canvas.getContext("2d");
    this.frame = new BoundingBox(this.part("surface"), { box: this.part("box"), numbers: this.part("numbers"), changed() {}, done() {} });
    this.use("brush");
    this.listen();
    followPicture(field, (picture, { isFirst }) => this.follow(picture, isFirst));
  }

  listen() {
    this.field.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-act], [data-tool]");
      if (button?.dataset.tool) this.use(button.dataset.tool);
      else if (button) this[button.dataset.act]();
    });
    // Enter in a number would send the form.
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    const surface = this.part("surface");
    surface.addEventListener("pointerdown", (event) => this.press(event));
    surface.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) surface.addEventListener(name, (event) => this.lift(event));
    addEventListener("resize", () => this.dialog.open && this.fit());
  }

  follow(picture, isFirst) {
    this.picture = picture?.url ? picture : undefined;
    for (const name of ["open", "open-again"]) this.part(name).disabled = !this.picture;
    this.part("no-picture").hidden = Boolean(picture);
    this.part("no-size").hidden = !picture || Boolean(picture.url);
    if (isFirst) return;
    this.strokes = new Strokes();
    this.base = undefined;
    // A mask belongs to the picture it was painted over.
    this.part("value").value = "";
    this.part("summary").hidden = true;
    this.part("offer").hidden = false;
  }

  async open() {
    const { url, width, height } = this.picture;
    this.part("picture").src = url;
    const scale = Math.min(1, SHOWN_SIDE / Math.max(width, height));
    Object.assign(this.canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    if (!this.strokes.acts.length) this.base = await this.earlier();
    this.frame.over(this.picture);
    this.part("problem").hidden = true;
    this.dialog.showModal();
    this.zoom = 1;
    this.fit();
    this.draw();
  }

  // The mask that the field holds already, to be painted on.
  async earlier() {
    const { value, dataset } = this.part("value");
    if (!value || !dataset.whole) return undefined;
    const picture = new Image();
    picture.src = dataset.whole;
    return picture.decode().then(() => picture, () => undefined);
  }

  fit() {
    const { width, height } = this.picture;
    const scroller = this.part("scroller");
    const fitting = Math.min(scroller.clientWidth, (scroller.clientHeight * width) / height);
    const { style } = this.part("surface");
    style.setProperty("--sides", width / height);
    style.inlineSize = `${fitting * this.zoom}px`;
    this.part("zoom").textContent = `${Math.round(this.zoom * 100)} %`;
  }

  enlarge(factor, { clientX, clientY } = {}) {
    const scroller = this.part("scroller");
    const area = scroller.getBoundingClientRect();
    const [x, y] = [(clientX ?? area.left + area.width / 2) - area.left, (clientY ?? area.top + area.height / 2) - area.top];
    const before = this.zoom;
    this.zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, before * factor));
    const grown = this.zoom / before;
    this.fit();
    scroller.scrollTo((scroller.scrollLeft + x) * grown - x, (scroller.scrollTop + y) * grown - y);
  }

  nearer = () => this.enlarge(ZOOM.step);
  farther = () => this.enlarge(1 / ZOOM.step);

  use(tool) {
    this.tool = tool;
    const isShape = ["rectangle", "ellipse"].includes(tool);
    for (const button of this.field.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    this.frame.isOn = isShape;
    this.part("box").hidden = !isShape;
    this.part("box").classList.toggle("bounding-box--round", tool === "ellipse");
    this.part("shape").hidden = !isShape;
    this.part("brush").hidden = isShape;
    if (this.dialog.open) this.fit();
  }

  draw() {
    this.strokes.draw(this.context, { scale: this.canvas.width / this.picture.width, colour: PAINT, base: this.base });
    this.part("undo").disabled = !this.strokes.acts.length;
    this.part("redo").disabled = !this.strokes.undone.length;
  }

  press(event) {
    this.pointers.set(event.pointerId, event);
    if (this.pointers.size === 2) this.line = undefined;
    if (this.frame.isOn || event.button || this.pointers.size > 1) return;
    event.preventDefault();
    this.part("surface").setPointerCapture(event.pointerId);
    const longer = Math.max(this.picture.width, this.picture.height);
    const size = (this.part("size").valueAsNumber / 100) * longer;
    this.line = { shape: "line", erases: this.tool === "eraser", size, points: [this.frame.point(event)] };
    this.paint();
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    if (this.pointers.size === 2) this.pinch(before, event);
    this.pointers.set(event.pointerId, event);
    if (!this.line) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.line.points.push(this.frame.point(one));
    this.paint();
  }

  // Two fingers move the picture and change its size.
  pinch(before, event) {
    const other = [...this.pointers.values()].find((one) => one.pointerId !== event.pointerId);
    const far = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    this.part("scroller").scrollBy((before.clientX - event.clientX) / 2, (before.clientY - event.clientY) / 2);
    if (far(before) > 0) this.enlarge(far(event) / far(before), event);
  }

  lift(event) {
    this.pointers.delete(event.pointerId);
    if (!this.line) {
      if (!this.pointers.size) this.draw();
      return;
    }
    this.strokes.add(this.line);
    this.line = undefined;
    this.draw();
  }

  paint() {
    this.draw();
    this.strokes.drawAct(this.context, this.line);
  }

  addShape(erases = false) {
    this.strokes.add({ shape: this.tool, erases, box: this.frame.at });
    this.draw();
    this.part("voice").textContent = this.field.dataset[erases ? "cutWords" : "addedWords"];
  }

  cutShape() {
    this.addShape(true);
  }

  undo() {
    this.strokes.undo();
    this.draw();
  }

  redo() {
    this.strokes.redo();
    this.draw();
  }

  empty() {
    this.strokes.add({ shape: "nothing" });
    this.draw();
  }

  key(event) {
    if (event.key === "Enter" && !event.target.closest("button")) {
      event.preventDefault();
      if (this.frame.isOn) this.addShape();
    } else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (event.shiftKey) this.redo();
      else this.undo();
    }
  }

  stop() {
    this.dialog.close();
  }

  async save() {
    const { dataset } = this.field;
    const button = this.part("save");
    button.setAttribute("aria-busy", "true");
    try {
      const { isEmpty, blob } = await asPicture(this.strokes, this.picture, this.base);
      if (isEmpty) return this.complain(dataset.emptyWords);
      const answer = await this.send(blob);
      const stored = await answer.json();
      if (!answer.ok) return this.complain(stored.errors?.join(" ") || dataset.brokenWords);
      const told = await examined(stored);
      if (told.state !== "ready") return this.complain(told.words || dataset.brokenWords);
      this.field.dispatchEvent(new CustomEvent("portal:picked", { bubbles: true, detail: { ...told, name: dataset.paintedWords } }));
      this.dialog.close();
      this.part("open-again").focus();
    } catch {
      this.complain(dataset.brokenWords);
    } finally {
      button.removeAttribute("aria-busy");
    }
    return undefined;
  }

  send(blob) {
    const body = new FormData();
    body.append("file", blob, "mask.png");
    body.append("mask", "1");
    const token = this.field.closest("form").querySelector("[name=csrfmiddlewaretoken]").value;
    const headers = { "X-CSRFToken": token, Accept: "application/json" };
    return fetch(this.field.dataset.maskUrl, { method: "POST", body, headers });
  }

  complain(text) {
    const problem = this.part("problem");
    problem.textContent = text;
    problem.hidden = false;
  }
}

document.querySelectorAll("[data-mask]").forEach((field) => new Painter(field));

// A picture on a stage: buttons, Ctrl and wheel, two fingers or + and - enlarge it; what is enlarged is moved by dragging,
// the wheel or the arrows, and 0 shows it whole. It is moved by a transform alone, so that what is laid over it moves along.
const MOST = 8;
const STEP = 1.5;
const PAN = 60; // pixels

class Zoom {
  #scale = 1;

  #x = 0;

  #y = 0;

  #fingers = new Map();

  constructor(stage, view) {
    Object.assign(this, { stage, view, picture: view.querySelector("[data-stage-picture]") });
    stage.addEventListener("click", ({ target }) => this.#act(target.closest("[data-zoom-act]")?.dataset.zoomAct));
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    view.addEventListener("keydown", (event) => this.#key(event));
    view.addEventListener("pointerdown", (event) => this.#down(event));
    view.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) view.addEventListener(name, ({ pointerId }) => this.#fingers.delete(pointerId));
    this.#apply();
  }

  #act(act) {
    const { clientWidth: width, clientHeight: height } = this.view;
    if (act === "in") this.#zoom(STEP, width / 2, height / 2);
    else if (act === "out") this.#zoom(1 / STEP, width / 2, height / 2);
    else if (act === "fit") this.#zoom(1 / this.#scale, 0, 0);
    else return false;
    return true;
  }

  // What is at (x, y) of the view stays there.
  #zoom(factor, x, y) {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    const { offsetLeft, offsetTop } = this.picture;
    const [px, py] = [x - offsetLeft, y - offsetTop];
    this.#x = px - ((px - this.#x) * scale) / this.#scale;
    this.#y = py - ((py - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#apply();
  }

  #pan(x, y) {
    this.#x += x;
    this.#y += y;
    this.#apply();
  }

  #apply() {
    const { offsetWidth: width, offsetHeight: height } = this.picture;
    const within = (at, size) => Math.min(0, Math.max(size * (1 - this.#scale), at));
    this.#x = within(this.#x, width);
    this.#y = within(this.#y, height);
    this.picture.style.transform = this.#scale === 1 ? "" : `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    this.view.classList.toggle("is-zoomed", this.#scale > 1);
    this.stage.querySelector("[data-zoom-number]").textContent = `${Math.round(this.#scale * 100)} %`;
  }

  #wheel(event) {
    if (!event.ctrlKey && this.#scale === 1) return;
    event.preventDefault();
    const { left, top } = this.view.getBoundingClientRect();
    if (event.ctrlKey) this.#zoom(Math.exp(-event.deltaY / 200), event.clientX - left, event.clientY - top);
    else this.#pan(-event.deltaX, -event.deltaY);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { "+": "in", "=": "in", "-": "out", 0: "fit" }[event.key];
    const pan = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] }[event.key];
    if (act) this.#act(act);
    else if (pan && this.#scale > 1) this.#pan(...pan);
    else return;
    event.preventDefault();
  }

  #down(event) {
    if (event.pointerType === "mouse" && (event.button || this.#scale === 1)) return;
    this.#fingers.set(event.pointerId, event);
    if (this.#scale > 1) this.view.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    this.#fingers.set(event.pointerId, event);
    if (this.#fingers.size === 1) {
      if (this.#scale > 1) this.#pan(event.clientX - before.clientX, event.clientY - before.clientY);
      return;
    }
    const [other] = [...this.#fingers.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
    const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    const { left, top } = this.view.getBoundingClientRect();
    this.#zoom(apart(event) / apart(before), (event.clientX + other.clientX) / 2 - left, (event.clientY + other.clientY) / 2 - top);
  }
}

const known = new WeakSet();

function enlivenPictures() {
  for (const view of document.querySelectorAll("[data-stage] [data-zoom]")) {
    if (!known.has(view)) new Zoom(view.closest("[data-stage]"), view);
    known.add(view);
  }
}

enlivenPictures();
document.addEventListener("htmx:afterSettle", enlivenPictures);

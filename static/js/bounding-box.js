// A box on a picture, in the picture's pixels: drawn anew, moved and sized with a pointer; moved with arrow keys and sized
// with Shift and arrow keys; or typed as numbers. `changed` is called with it while it changes, `done` once a movement has ended.
const NUMBERS = ["x", "y", "width", "height"];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const between = (least, number, most) => Math.min(Math.max(least, number), Math.max(least, most));

export class BoundingBox {
  isOn = true;

  constructor(surface, { box, numbers, changed, done }) {
    Object.assign(this, { surface, box, changed, done, grip: box.querySelector("[data-grip]") });
    this.inputs = Object.fromEntries(NUMBERS.map((name) => [name, numbers.querySelector(`[data-number="${name}"]`)]));
    surface.addEventListener("pointerdown", (event) => this.grasp(event));
    surface.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) surface.addEventListener(name, () => this.release());
    box.addEventListener("keydown", (event) => this.key(event));
    numbers.addEventListener("input", () => this.type());
    numbers.addEventListener("change", (event) => {
      // The field tells by itself what it holds; single numbers are no answer.
      event.stopPropagation();
      this.place(this.at);
      this.done();
    });
  }

  // The picture's size; the box starts in its middle.
  over(size) {
    this.size = size;
    const [width, height] = [Math.round(size.width / 2), Math.round(size.height / 2)];
    this.at = { x: Math.round(width / 2), y: Math.round(height / 2), width, height };
    for (const [name, most] of [["x", size.width], ["y", size.height], ["width", size.width], ["height", size.height]]) {
      this.inputs[name].max = most;
    }
    this.show();
  }

  // A box that is there already, wherever it lies.
  start(box) {
    this.at = box;
    this.show();
  }

  place({ x, y, width, height }) {
    const [wide, high] = [between(1, Math.round(width), this.size.width), between(1, Math.round(height), this.size.height)];
    const [left, top] = [between(0, Math.round(x), this.size.width - wide), between(0, Math.round(y), this.size.height - high)];
    this.at = { x: left, y: top, width: wide, height: high };
    this.show();
    this.changed(this.at);
  }

  show(typing) {
    const share = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(this.box.style, {
      insetInlineStart: share(this.at.x, this.size.width),
      insetBlockStart: share(this.at.y, this.size.height),
      inlineSize: share(this.at.width, this.size.width),
      blockSize: share(this.at.height, this.size.height),
    });
    for (const name of NUMBERS) if (this.inputs[name] !== typing) this.inputs[name].value = this.at[name];
  }

  type() {
    const typed = NUMBERS.map((name) => this.inputs[name].valueAsNumber);
    if (!typed.every(Number.isFinite)) return;
    const [x, y, width, height] = typed;
    // What is being typed stays as it is; the numbers are put in order when it is done.
    if (width < 1 || height < 1 || x < 0 || y < 0 || x + width > this.size.width || y + height > this.size.height) return;
    this.at = { x, y, width, height };
    this.show(document.activeElement);
    this.changed(this.at);
  }

  key(event) {
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const step = Math.max(1, Math.round(Math.max(this.size.width, this.size.height) / 100));
    const [across, down] = way.map((one) => one * step);
    const { x, y, width, height } = this.at;
    if (!event.shiftKey) this.place({ x: x + across, y: y + down, width, height });
    else {
      const most = { width: this.size.width - x, height: this.size.height - y };
      this.place({ x, y, width: between(1, width + across, most.width), height: between(1, height + down, most.height) });
    }
    this.done();
  }

  release() {
    if (this.held) this.done();
    this.held = undefined;
  }

  point({ clientX, clientY }) {
    const area = this.surface.getBoundingClientRect();
    return {
      x: between(0, ((clientX - area.left) / area.width) * this.size.width, this.size.width),
      y: between(0, ((clientY - area.top) / area.height) * this.size.height, this.size.height),
    };
  }

  grasp(event) {
    if (!this.isOn || !this.size || event.button || !event.isPrimary) return;
    event.preventDefault();
    this.surface.setPointerCapture(event.pointerId);
    this.box.focus({ preventScroll: true });
    const from = this.point(event);
    const { x, y } = this.at;
    if (event.target === this.grip) this.held = { corner: { x, y } };
    else if (this.box.contains(event.target)) this.held = { off: { x: from.x - x, y: from.y - y } };
    else this.held = { corner: from };
  }

  drag(event) {
    if (!this.held || !event.isPrimary) return;
    const to = this.point(event);
    const { corner, off } = this.held;
    if (off) this.place({ ...this.at, x: to.x - off.x, y: to.y - off.y });
    else {
      this.place({
        x: Math.min(corner.x, to.x),
        y: Math.min(corner.y, to.y),
        width: Math.abs(to.x - corner.x),
        height: Math.abs(to.y - corner.y),
      });
    }
  }
}

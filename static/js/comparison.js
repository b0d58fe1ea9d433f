// Two versions of a piece in step. Side a leads, b follows at its own rate: a small drift is made up for by its speed,
// a large one by one seek. Paused, each shows the frame that stands at the moment of a's.
import { FrameClock } from "./frame-clock.js";

// Frames of drift, and for how many milliseconds, until b is made faster or slower; seconds from which it is sought.
const DRIFT_FRAMES = 1.5;
const DRIFT_FOR = 250;
const SPEED_CHANGE = 0.03;
const JUMP = 0.3;

class Side {
  constructor(figure) {
    this.media = figure.querySelector("video");
    const timing = JSON.parse(figure.dataset.timing ?? "null");
    this.clock = new FrameClock(timing, Number(figure.dataset.seconds));
    this.shown = 0; // seconds, of the frame that was shown last
    this.wanted = null; // the frame to be shown while it is paused, until it was corrected once
    this.media.removeAttribute("controls");
    this.media.addEventListener("loadedmetadata", () => this.clock.measure(this.media.duration));
    const tell = (_now, { mediaTime }) => {
      this.shown = mediaTime;
      this.#correct();
      this.media.requestVideoFrameCallback(tell);
    };
    this.media.addEventListener("play", () => { this.wanted = null; });
    this.media.requestVideoFrameCallback?.(tell);
    this.media.addEventListener("timeupdate", () => {
      if (!this.media.requestVideoFrameCallback) this.shown = this.media.currentTime;
    });
  }

  get canPlay() { return this.media.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA; }

  // Into the middle of the frame that stands at a moment; nowhere if that frame is shown. After a pause the picture may be
  // another one than the player's clock says: then the picture counts.
  showAt(seconds) {
    const frame = this.clock.at(seconds);
    const middle = this.clock.middle(frame);
    const half = middle - this.clock.beginning(frame);
    this.wanted = frame;
    if (Math.abs(this.media.currentTime - middle) > half || this.#isOther(frame)) this.media.currentTime = middle;
  }

  // One more frame may be shown when it was paused already.
  #correct() {
    const { media, wanted } = this;
    if (wanted === null || !media.paused || media.seeking || !this.#isOther(wanted)) return;
    this.wanted = null;
    media.currentTime = this.clock.middle(wanted);
  }

  #isOther(frame) { return this.clock.isExact && this.clock.nearest(this.shown) !== frame; }
}

class Comparison {
  frame = 0; // of a, that is shown or sought

  #driftSince = null;

  #jumped = false;

  constructor(root) {
    this.root = root;
    this.a = new Side(root.querySelector('[data-side="a"]'));
    this.b = new Side(root.querySelector('[data-side="b"]'));
    this.bar = root.querySelector("[data-compare-bar]");
    this.seek = this.bar.querySelector("[data-compare-seek]");
    this.offset = this.bar.querySelector("[data-compare-offset]");
    this.b.media.muted = true;
    this.a.media.addEventListener("ended", () => this.pause());
    root.classList.add("is-live");
    this.#listen();
    const frame = Number(root.dataset.frame) || 0;
    this.#when(() => this.a.media.readyState > 0 && this.b.media.readyState > 0, () => this.showFrame(frame));
  }

  get shift() { return Number(this.offset.value) / 1000 || 0; }

  get isPlaying() { return !this.a.media.paused; }

  play() {
    if (this.a.media.ended) this.showFrame(0);
    this.#when(() => this.a.canPlay && this.b.canPlay, () => {
      this.#driftSince = null;
      this.b.media.playbackRate = this.a.media.playbackRate;
      Promise.all([this.a.media.play(), this.b.media.play()]).then(() => this.#follow()).catch(() => this.pause());
    });
  }

  pause() {
    this.a.media.pause();
    this.b.media.pause();
    // What was shown last; the player's clock may be past it.
    this.showFrame(this.a.clock.nearest(this.a.shown));
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
    this.#drawTime();
  }

  step(frames) {
    if (this.isPlaying) this.pause();
    this.showFrame(this.frame + frames);
  }

  showFrame(frame) {
    const { clock } = this.a;
    this.frame = clock.clamp(frame);
    this.a.showAt(clock.middle(this.frame));
    this.b.showAt(clock.middle(this.frame) + this.shift);
    this.#drawTime();
  }

  // While both play: whichever frame each has shown tells how far apart they are.
  #follow() {
    if (!this.isPlaying) return;
    this.frame = this.a.clock.nearest(this.a.shown);
    const drift = this.b.shown - this.shift - this.a.shown;
    const frames = Math.abs(drift) * Math.max(this.a.clock.perSecond, this.b.clock.perSecond);
    if (this.b.media.paused && !this.b.media.ended) this.b.media.play().catch(() => {});
    if (Math.abs(drift) > JUMP && !this.#jumped && !this.b.media.ended) {
      this.#jumped = true;
      this.b.media.currentTime = this.a.media.currentTime + this.shift;
      setTimeout(() => { this.#jumped = false; }, 1000);
    } else if (frames > DRIFT_FRAMES) {
      this.#driftSince ??= performance.now();
      if (performance.now() - this.#driftSince > DRIFT_FOR) this.#hurry(drift > 0 ? -SPEED_CHANGE : SPEED_CHANGE);
    } else if (frames < DRIFT_FRAMES / 3) {
      this.#driftSince = null;
      this.#hurry(0);
    }
    this.#drawTime();
    requestAnimationFrame(() => this.#follow());
  }

  #hurry(change) {
    const speed = this.a.media.playbackRate * (1 + change);
    if (this.b.media.playbackRate !== speed) this.b.media.playbackRate = speed;
  }

  #drawTime() {
    this.root.dataset.frame = this.frame;
    this.seek.max = this.a.clock.last;
    this.seek.value = this.frame;
    this.bar.querySelector("[data-compare-time]").textContent = this.a.clock.timecode(this.frame);
    this.bar.querySelector('[data-act="toggle"]').setAttribute("aria-pressed", String(this.isPlaying));
  }

  #listen() {
    const acts = { toggle: () => this.toggle(), back: () => this.step(-1), on: () => this.step(1) };
    this.bar.addEventListener("click", ({ target }) => acts[target.closest("[data-act]")?.dataset.act]?.());
    this.seek.addEventListener("input", () => {
      if (this.isPlaying) this.pause();
      this.showFrame(Number(this.seek.value));
    });
    this.offset.addEventListener("change", () => this.showFrame(this.frame));
    this.bar.addEventListener("change", ({ target }) => {
      if (target.name !== "audible") return;
      this.a.media.muted = target.value !== "a";
      this.b.media.muted = target.value !== "b";
    });
    document.addEventListener("keydown", (event) => {
      if (event.target.closest("input, textarea, select, button, a") || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = { " ": acts.toggle, k: acts.toggle, ",": acts.back, ".": acts.on }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  // At once, or as soon as both have loaded enough.
  #when(isSo, act) {
    if (isSo()) act();
    else setTimeout(() => this.#when(isSo, act), 50);
  }
}

for (const root of document.querySelectorAll("[data-compare]")) {
  if (root.querySelectorAll("video[src], video source").length >= 2) new Comparison(root);
  else root.classList.add("is-live");
  const wipe = root.querySelector("[data-wipe]");
  const draw = () => root.style.setProperty("--wipe", `${wipe.value}%`);
  wipe?.addEventListener("input", draw);
  if (wipe) draw();
  root.querySelector("[data-swap]")?.addEventListener("click", ({ currentTarget }) => {
    const isSwapped = root.classList.toggle("is-swapped");
    currentTarget.setAttribute("aria-pressed", String(isSwapped));
  });
}

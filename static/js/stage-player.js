// The film or sound on a stage (`[data-stage]`). What others of the page use of it are events on the stage's element:
//
// - it tells `stage:frame` {frame, seconds, isPlaying, isExact} of each frame that it shows, `seconds` being its beginning;
// - it tells `stage:range` {frameIn, frameOut, isLooping} when the marks in and out change (null where none is set);
// - it takes `stage:seek` {frame, frameOut?} (or {seconds}): it pauses, shows the frame, and marks the range up to `frameOut`;
// - anything on the page with `data-marker-frame` (and `data-marker-out`) is a marker on the bar, told again after each
//   swap of htmx; a click on such a link or button seeks. `data-marker-label` names it, else its text;
// - `[data-stage-picture]` in it has the exact size of the picture, so that what is laid over it fits it.
//
// `stage.dataset.frame` is the frame that is shown. Frames count from 0; see frame-clock.js for what is not exact.

// Milliseconds after `seeked`: of some hundred seeks one shows its frame without telling.
const TOLD_WITHIN = 250;
// How long another frame is waited for when the one that is told is not the one that was asked for.
const CORRECTED_AFTER = 80;
const STEP_UNMEASURED = 4; // hundredths of a second: about a frame
const SPEEDS = [1, 2, 4];
// A frame stands for long enough that a pause comes in time.
const WALK_SPEED = 0.5;
// As slow as browsers play.
const SLOWEST_WALK = 0.0625;
const LONGEST_WALK = 3000;
const MOST_TRIES = 6;
// From how far before a frame is walked to, at the most.
const FARTHEST_BACK = 8;

export class StagePlayer {
  frame = 0;

  frameIn = null;

  frameOut = null;

  isLooping = false;

  #aim = null; // the frame that a seek is on its way to

  #next = null; // the last one asked for meanwhile

  #timer = 0;

  #reverse = null;

  #walk = null;

  #tries = 0;

  #overshoots = 0;

  constructor(stage, media, clock) {
    Object.assign(this, { stage, media, clock });
    media.addEventListener("loadedmetadata", () => this.#measure());
    media.addEventListener("seeked", () => this.#awaitFrame());
    media.addEventListener("ended", () => this.#atEnd());
    media.addEventListener("pause", () => {
      // On the way to a frame it is told once the picture shows it.
      if (!this.#walk) this.#tell();
    });
    if (media.requestVideoFrameCallback) this.#watchFrames();
    else this.#watchTime();
    if (media.readyState) this.#measure();
  }

  get isPlaying() { return !this.media.paused && !this.media.ended && !this.#walk; }

  get isWalking() { return this.#walk !== null; }

  get isReversing() { return this.#reverse !== null; }

  // Shows a frame; of many asked for while one is on its way, the last.
  seek(frame) {
    const wanted = this.clock.clamp(frame);
    if (this.#aim !== null) {
      this.#next = wanted;
      return;
    }
    this.#aim = wanted;
    this.#tries = this.#overshoots = 0;
    if (this.media.preload === "none") this.media.preload = "auto";
    this.media.currentTime = this.clock.middle(wanted);
  }

  step(frames) {
    this.pause();
    const each = this.clock.isExact ? 1 : STEP_UNMEASURED;
    this.seek((this.#next ?? this.#aim ?? this.frame) + frames * each);
  }

  skip(seconds) {
    this.seek((this.#next ?? this.#aim ?? this.frame) + seconds * this.clock.perSecond);
  }

  play(speed = this.media.playbackRate) {
    this.#reverse = null;
    this.media.playbackRate = speed;
    this.media.play().catch(() => {}); // it cannot be played, which the page says, or was paused at once
  }

  pause() {
    this.#reverse = null;
    this.media.pause();
  }

  toggle() {
    if (this.isPlaying || this.isReversing) this.pause();
    else this.play();
  }

  // On, and each time twice as fast.
  faster() {
    const next = SPEEDS[SPEEDS.indexOf(this.media.playbackRate) + 1] ?? SPEEDS.at(-1);
    this.play(this.isPlaying ? next : 1);
  }

  // Browsers play nothing backwards: frame by frame, as fast as they can be shown, each time twice as fast.
  reverse() {
    const speed = this.#reverse ? Math.min(2 * this.#reverse.speed, SPEEDS.at(-1)) : 1;
    this.pause();
    const turn = { speed, from: this.#next ?? this.#aim ?? this.frame, since: performance.now() };
    this.#reverse = turn;
    const back = () => {
      if (this.#reverse !== turn) return;
      const frame = turn.from - ((performance.now() - turn.since) / 1000) * this.clock.perSecond * speed;
      if (this.#aim === null || frame <= 0) this.seek(Math.floor(frame));
      if (frame <= 0) this.pause();
      else requestAnimationFrame(back);
    };
    requestAnimationFrame(back);
    this.#tell();
  }

  markIn(frame = this.frame) {
    this.frameIn = frame;
    if (this.frameOut !== null && this.frameOut < frame) this.frameOut = null;
    this.#tellRange();
  }

  markOut(frame = this.frame) {
    this.frameOut = frame;
    if (this.frameIn !== null && this.frameIn > frame) this.frameIn = null;
    this.#tellRange();
  }

  toggleLoop() {
    this.isLooping = !this.isLooping;
    this.#tellRange();
  }

  // Shows what something on the page is about.
  show(frame, frameOut) {
    this.pause();
    this.seek(frame);
    if (frameOut === undefined || frameOut === null || frameOut <= frame) return;
    this.frameIn = this.clock.clamp(frame);
    this.frameOut = this.clock.clamp(frameOut);
    this.#tellRange();
  }

  #measure() {
    this.clock.measure(this.media.duration);
    this.#tell();
  }

  #watchFrames() {
    this.media.requestVideoFrameCallback((_now, { mediaTime }) => {
      this.#shown(this.clock.isExact ? this.clock.nearest(mediaTime) : this.clock.at(mediaTime));
      this.#watchFrames();
    });
  }

  #watchTime() {
    const look = () => {
      this.#shown(this.clock.at(this.media.currentTime));
      if (this.isPlaying) requestAnimationFrame(look);
    };
    this.media.addEventListener("playing", look);
  }

  #shown(frame) {
    // Of the picture before, told late.
    if (this.#aim !== null && frame !== this.#aim && this.media.seeking) return;
    this.frame = frame;
    if (this.#aim === null) this.#tell();
    else if (this.#walk && frame === this.#aim && this.#next === null) this.#stopHere();
    else if (frame === this.#aim || !this.clock.isExact || this.isPlaying || this.#next !== null) this.#settle();
    else if (!this.#walk || frame > this.#aim) this.#correctSoon();
    const isAtOut = frame >= (this.frameOut ?? this.clock.last);
    if (this.isLooping && this.isPlaying && isAtOut) this.seek(this.frameIn ?? 0);
  }

  #awaitFrame() {
    if (this.#walk) return;
    clearTimeout(this.#timer);
    const aim = this.#aim;
    if (aim === null) {
      if (!this.media.requestVideoFrameCallback) this.#shown(this.clock.at(this.media.currentTime));
      return;
    }
    const wait = this.media.requestVideoFrameCallback ? TOLD_WITHIN : 0;
    this.#timer = setTimeout(() => {
      if (this.#aim === aim && !this.media.seeking) this.#shown(this.#seen() ?? aim);
    }, wait);
  }

  // The frame that the picture itself tells; null where a browser has no way to ask.
  #seen() {
    if (!this.clock.isExact || !window.VideoFrame) return null;
    try {
      const picture = new VideoFrame(this.media);
      const seconds = picture.timestamp / 1e6;
      picture.close();
      return this.clock.nearest(seconds);
    } catch {
      return null; // nothing is shown yet
    }
  }

  // Where a rate varies, browsers take a frame's length from the order of decoding: a seek then shows an earlier frame or a
  // later one, and to some frames none leads. They are reached by playing on, slowly, from one before.
  #correctSoon(wait = this.#walk ? 0 : CORRECTED_AFTER) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.frame = this.#seen() ?? this.frame;
      if (this.frame < this.#aim && !this.#walk) this.#walkOn();
      else if (this.frame > this.#aim && this.#tries < MOST_TRIES) this.#goBack();
      else this.#settle();
    }, wait);
  }

  // On a busy machine a pause comes late: the picture tells whether the next frame has taken its place.
  #stopHere() {
    this.media.pause();
    this.#correctSoon(CORRECTED_AFTER);
  }

  #walkOn() {
    const { media } = this;
    this.#walk = { speed: media.playbackRate, isMuted: media.muted };
    media.muted = true;
    // A busy machine leaves frames out: each time that the wanted one was among them, more slowly.
    media.playbackRate = Math.max(SLOWEST_WALK, WALK_SPEED / 2 ** this.#overshoots);
    media.play().catch(() => this.#settle());
    this.#timer = setTimeout(() => this.#settle(), LONGEST_WALK);
  }

  #goBack() {
    if (this.#walk) {
      this.#overshoots += 1;
      this.#endWalk();
    }
    this.media.currentTime = this.clock.middle(this.clock.clamp(this.#aim - Math.min(FARTHEST_BACK, 2 ** this.#tries)));
    this.#tries += 1;
  }

  #endWalk() {
    const { speed, isMuted } = this.#walk;
    this.media.pause();
    this.media.playbackRate = speed;
    this.media.muted = isMuted;
    this.#walk = null;
  }

  #settle() {
    clearTimeout(this.#timer);
    if (this.#walk) this.#endWalk();
    const next = this.#next;
    this.#aim = this.#next = null;
    this.#tell();
    if (next !== null && next !== this.frame) this.seek(next);
  }

  #atEnd() {
    if (!this.isLooping) return;
    this.seek(this.frameIn ?? 0);
    this.play();
  }

  #tell() {
    this.stage.dataset.frame = this.frame;
    const { frame, isPlaying, clock } = this;
    const detail = { frame, seconds: clock.beginning(frame), isPlaying, isExact: clock.isExact };
    this.stage.dispatchEvent(new CustomEvent("stage:frame", { detail, bubbles: true }));
  }

  #tellRange() {
    const { frameIn, frameOut, isLooping } = this;
    const detail = { frameIn, frameOut, isLooping };
    this.stage.dispatchEvent(new CustomEvent("stage:range", { detail, bubbles: true }));
  }
}

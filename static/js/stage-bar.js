// The bar of a stage: shows what the player tells, and does what is pressed.
import { ACTS } from "./stage-acts.js";

const share = (frame, { clock }) => (clock.last ? frame / clock.last : 0);

export class StageBar {
  #isHeld = false; // the thumb of the seek bar

  #goesOn = false;

  constructor(player) {
    Object.assign(this, { player, stage: player.stage, bar: player.stage.querySelector("[data-bar]") });
    for (const part of ["seek", "time", "number", "track", "speed", "volume", "peek", "markers"]) {
      this[part] = this.bar.querySelector(`[data-${part}]`);
    }
    this.bar.addEventListener("click", ({ target }) => ACTS[target.closest("[data-act]")?.dataset.act]?.(player));
    this.#listen();
    this.#showState();
    this.#showFrame();
  }

  #listen() {
    const { stage, player, seek, speed, volume } = this;
    stage.addEventListener("stage:frame", () => this.#showFrame());
    stage.addEventListener("stage:range", () => this.#showState());
    stage.addEventListener("stage:state", () => this.#showState());
    for (const name of ["play", "pause", "volumechange", "ratechange", "ended", "loadedmetadata"]) {
      player.media.addEventListener(name, () => this.#showState());
    }
    document.addEventListener("fullscreenchange", () => this.#showState());
    seek.addEventListener("input", () => this.#hold(Number(seek.value)));
    seek.addEventListener("change", () => this.#letGo());
    this.track.addEventListener("pointermove", (event) => this.#peekAt(event));
    this.track.addEventListener("pointerleave", () => { this.peek.hidden = true; });
    speed.addEventListener("change", () => { player.media.playbackRate = Number(speed.value); });
    volume.addEventListener("input", () => {
      player.media.volume = Number(volume.value);
      player.media.muted = !player.media.volume;
    });
  }

  #hold(frame) {
    if (!this.#isHeld) this.#goesOn = this.player.isPlaying;
    this.#isHeld = true;
    this.player.pause();
    this.player.seek(frame);
  }

  #letGo() {
    this.#isHeld = false;
    if (this.#goesOn) this.player.play();
    this.#goesOn = false;
  }

  #showFrame() {
    const { player, seek } = this;
    const { frame, clock } = player;
    seek.max = clock.last;
    if (!this.#isHeld) seek.value = frame;
    this.track.style.setProperty("--done", share(frame, player));
    const code = clock.timecode(frame);
    this.time.textContent = code;
    this.number.textContent = clock.isExact ? `${frame} / ${clock.last}` : clock.timecode(clock.last);
    if (!player.isPlaying) seek.setAttribute("aria-valuetext", clock.isExact ? `${code}, ${seek.dataset.word} ${frame}` : code);
  }

  #press(act, isPressed) {
    for (const button of this.bar.querySelectorAll(`[data-act="${act}"]`)) button.setAttribute("aria-pressed", isPressed);
  }

  #showState() {
    const { player } = this;
    const { media } = player;
    if (player.isWalking) return;
    const toggle = this.bar.querySelector('[data-act="toggle"]');
    toggle.classList.toggle("is-on", player.isPlaying);
    toggle.setAttribute("aria-label", player.isPlaying ? toggle.dataset.wordOn : toggle.dataset.word);
    this.#press("mute", media.muted || !media.volume);
    this.#press("loop", player.isLooping);
    this.#press("in", player.frameIn !== null);
    this.#press("out", player.frameOut !== null);
    this.#press("captions", media.textTracks[0]?.mode === "showing");
    this.#press("fullscreen", document.fullscreenElement === this.stage);
    this.volume.value = media.muted ? 0 : media.volume;
    this.speed.value = media.playbackRate;
    this.#showRange();
    this.drawMarkers();
  }

  #showRange() {
    const { player } = this;
    const { frameIn, frameOut, clock } = player;
    this.track.classList.toggle("has-range", frameIn !== null || frameOut !== null);
    this.track.style.setProperty("--from", share(frameIn ?? 0, player));
    this.track.style.setProperty("--to", share(frameOut ?? clock.last, player));
  }

  // What the pointer is over: its time, and its picture where a strip of them was made.
  #peekAt({ clientX }) {
    const { left, width } = this.track.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (clientX - left) / width));
    const { clock } = this.player;
    const frame = clock.clamp(part * clock.last);
    this.peek.hidden = false;
    this.peek.style.setProperty("--at", part);
    this.peek.querySelector("[data-peek-time]").textContent = clock.timecode(frame);
    const tile = this.peek.querySelector("[data-strip]");
    if (!tile) return;
    const { strip, tiles, columns, every } = tile.dataset;
    const number = Math.min(Number(tiles) - 1, Math.floor(clock.beginning(frame) / Number(every)));
    const rows = Math.ceil(Number(tiles) / Number(columns));
    const place = (at, of) => (of > 1 ? `${(100 * at) / (of - 1)}%` : "0%");
    tile.style.backgroundImage = `url("${strip}")`;
    tile.style.backgroundSize = `${100 * Number(columns)}% ${100 * rows}%`;
    tile.style.backgroundPosition = `${place(number % columns, columns)} ${place(Math.floor(number / columns), rows)}`;
  }

  drawMarkers() {
    const drawn = [...document.querySelectorAll("[data-marker-frame]")].map((element) => this.#marker(element));
    this.markers.replaceChildren(...drawn);
  }

  // For the pointer alone: by keys, the links on the page do the same.
  #marker(element) {
    const { markerFrame, markerOut, markerLabel, markerTone } = element.dataset;
    const mark = document.createElement("button");
    mark.type = "button";
    mark.tabIndex = -1;
    mark.className = "stage__marker";
    mark.title = markerLabel ?? element.textContent.trim().replace(/\s+/g, " ").slice(0, 80);
    if (markerTone) mark.dataset.tone = markerTone;
    const at = share(this.player.clock.clamp(Number(markerFrame)), this.player);
    mark.style.setProperty("--from", at);
    mark.style.setProperty("--to", markerOut ? share(this.player.clock.clamp(Number(markerOut)), this.player) : at);
    mark.addEventListener("click", () => {
      this.player.show(Number(markerFrame), markerOut ? Number(markerOut) : null);
      element.scrollIntoView({ block: "nearest" });
    });
    return mark;
  }
}

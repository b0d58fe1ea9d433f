// Which frame of a film a moment shows, and where to seek for a frame. Frames count from 0, seconds as the player's do.
//
// A browser seeks to microseconds and rounds: at the beginning of a frame it may show the one before, in its middle never.
// What is not measured (a sound, a film that came a moment ago) is counted in hundredths of a second, and is not exact.
const UNMEASURED = 100;

export class FrameClock {
  // `timing` is {frames, rate: [numerator, denominator], first, times}: `first` in seconds, `times` (where the rate
  // varies) each frame's beginning in microseconds. Null where nothing is measured.
  constructor(timing, seconds) {
    const isTold = Boolean(timing?.frames) && !(timing.isVariable && !timing.times);
    this.isExact = isTold;
    this.times = isTold ? timing.times : null;
    this.first = isTold ? timing.first : 0;
    this.rate = isTold ? timing.rate : [UNMEASURED, 1];
    this.frames = isTold ? timing.frames : 1;
    if (seconds) this.measure(seconds);
  }

  // How long it is, for what was not measured.
  measure(seconds) {
    if (!this.isExact && Number.isFinite(seconds)) this.frames = Math.max(1, Math.round(seconds * UNMEASURED));
  }

  get last() { return this.frames - 1; }

  get perSecond() { return this.rate[0] / this.rate[1]; }

  clamp(frame) { return Math.min(this.last, Math.max(0, Math.round(frame))); }

  beginning(frame) {
    if (!this.times) return this.first + frame / this.perSecond;
    return frame < this.frames ? this.times[frame] / 1e6 : this.times[this.last] / 1e6 + 1 / this.perSecond;
  }

  middle(frame) { return (this.beginning(frame) + this.beginning(frame + 1)) / 2; }

  // The frame that begins nearest to a moment, as a shown frame tells its time.
  nearest(seconds) {
    if (!this.times) return this.clamp((seconds - this.first) * this.perSecond);
    const after = this.#firstAfter(seconds);
    const isNearer = after > 0 && seconds - this.beginning(after - 1) < this.beginning(after) - seconds;
    return this.clamp(isNearer ? after - 1 : after);
  }

  // The frame that stands at a moment.
  at(seconds) {
    return this.times ? this.clamp(this.#firstAfter(seconds) - 1) : this.clamp(Math.floor((seconds - this.first) * this.perSecond + 1e-6));
  }

  // The first frame that begins at a moment or later.
  after(seconds) {
    const frame = this.at(seconds);
    return this.clamp(this.beginning(frame) < seconds - 1e-4 ? frame + 1 : frame);
  }

  #firstAfter(seconds) {
    let [low, high] = [0, this.times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] / 1e6 <= seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // 01:04:12 is minutes, seconds and frames; where frames are no fixed part of a second, 1:04.480.
  timecode(frame) {
    const pad = (number) => String(number).padStart(2, "0");
    if (this.isExact && !this.times) {
      const each = Math.round(this.perSecond);
      const seconds = Math.floor(frame / each);
      const hours = Math.floor(seconds / 3600);
      return `${hours ? `${pad(hours)}:` : ""}${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}:${pad(frame % each)}`;
    }
    const thousandths = Math.round(this.beginning(frame) * 1000);
    const digits = this.isExact ? 3 : 1;
    return `${Math.floor(thousandths / 60000)}:${((thousandths % 60000) / 1000).toFixed(digits).padStart(digits + 3, "0")}`;
  }
}

// Drop zones (data-upload-url on .drop): several files, two at a time, each with progress, cancel and retry.
// The server keeps a file at once and examines it afterwards: it answers 201 with { id, state, state_url, role, name, detail,
// preview, words } or 422 with { errors: ["…"] }. When the file is ready, "portal:uploaded" tells what it is and its place
// among all that were brought. Words come from the zone's <template> and data attributes.
import { examined } from "./upload-state.js";

const AT_ONCE = 2;
// How often a file is sent again by itself that a busy portal has not taken.
const AGAIN = 60;
let begun = 0;
const language = document.documentElement.lang || undefined;
const format = (unit, digits = 0) => new Intl.NumberFormat(language,
  { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits });
const [second, minute] = [format("second"), format("minute")];
const [kilobyte, megabyte, speed] = [format("kilobyte"), format("megabyte", 1), format("megabyte-per-second", 1)];
const bytes = (count) => (count < 1e6 ? kilobyte.format(count / 1e3) : megabyte.format(count / 1e6));
const lasting = (seconds) => (seconds < 90 ? second.format(Math.ceil(seconds)) : minute.format(Math.round(seconds / 60)));
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value
  ?? JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["x-csrftoken"];

class Transfer {
  constructor(zone, file) {
    this.zone = zone;
    this.file = file;
    this.words = zone.element.dataset;
    this.place = begun++;
    this.again = 0;
    this.row = zone.template.content.firstElementChild.cloneNode(true);
    this.part("name").textContent = file.name;
    this.part("cancel").addEventListener("click", () => this.cancel());
    this.part("retry").addEventListener("click", () => zone.queue(this));
    this.preview();
    zone.list.append(this.row);
  }

  part(name) {
    return this.row.querySelector(`[data-${name}]`);
  }

  preview() {
    const role = this.file.type.split("/")[0];
    if (!["image", "video", "audio"].includes(role)) return;
    this.address = URL.createObjectURL(this.file);
    const shown = document.createElement(role === "image" ? "img" : role);
    const thumb = this.part("thumb");
    const icon = thumb.firstElementChild;
    // Not every browser shows every format that the portal can convert.
    shown.addEventListener("error", () => { if (shown.isConnected && role !== "audio") thumb.replaceChildren(icon); });
    if (role === "image") shown.alt = "";
    else Object.assign(shown, { preload: "metadata", muted: role === "video", controls: role === "audio" });
    shown.src = this.address;
    if (role === "audio") {
      shown.setAttribute("aria-label", this.file.name);
      this.part("name").after(shown);
    } else {
      thumb.replaceChildren(shown);
    }
  }

  show(state, text) {
    this.row.classList.toggle("upload--failed", ["failed", "rejected"].includes(state));
    this.part("text").textContent = text;
    this.part("progress").hidden = !["waiting", "sending", "checking"].includes(state);
    if (state === "checking") this.part("progress").removeAttribute("value");
    this.part("retry").hidden = state !== "failed";
    if (["done", "failed", "rejected"].includes(state)) this.zone.say(`${this.file.name}: ${text}`);
  }

  wait() {
    this.part("progress").value = 0;
    this.show("waiting", this.words.waiting);
  }

  send() {
    const started = performance.now();
    const body = new FormData();
    body.append("file", this.file);
    this.request = new XMLHttpRequest();
    this.request.responseType = "json";
    this.request.upload.onprogress = ({ loaded, total }) => this.progress(loaded, total, started);
    this.request.onload = () => this.answered();
    this.request.onerror = () => this.end("failed", this.words.broken);
    this.request.open("POST", this.zone.element.dataset.uploadUrl);
    this.request.setRequestHeader("X-CSRFToken", token());
    this.request.setRequestHeader("Accept", "application/json");
    this.request.send(body);
  }

  progress(loaded, total, started) {
    const rate = loaded / Math.max(0.2, (performance.now() - started) / 1000);
    this.part("progress").value = loaded / total;
    const left = loaded < total ? this.words.left.replace("%s", lasting((total - loaded) / rate)) : this.words.checking;
    this.show("sending", `${bytes(loaded)} / ${bytes(total)} · ${speed.format(rate / 1e6)} · ${left}`);
  }

  answered() {
    const { status, response } = this.request;
    if (status >= 200 && status < 300 && response?.id) {
      this.request = undefined;
      this.zone.next();
      this.check(response);
    } else if (status === 503 && this.again++ < AGAIN) {
      this.later(Number(this.request.getResponseHeader("Retry-After")) || 5);
    } else {
      const text = response?.errors?.join(" ") || (status === 413 ? this.words.large : this.words.broken);
      if ([413, 422].includes(status)) this.reject(text);
      else this.end("failed", text);
    }
  }

  async check(stored) {
    this.leaving = new AbortController();
    const show = ({ words }) => this.show("checking", words || this.words.checking);
    try {
      this.settle(await examined(stored, { show, signal: this.leaving.signal }));
    } catch {
      // It was taken off the list; the file itself stays in the library.
    }
  }

  settle(response) {
    if (response.state === "ready") {
      this.end("done", response.words || this.words.done);
      // A browser that cannot show the file itself can show the portal's picture of it.
      if (response.preview && !this.part("thumb").querySelector("img, video")) {
        this.part("thumb").replaceChildren(Object.assign(document.createElement("img"), { alt: "", src: response.preview }));
      }
      const detail = { ...response, place: this.place, preview: response.preview || (response.role === "audio" ? "" : this.address) };
      const told = new CustomEvent("portal:uploaded", { bubbles: true, cancelable: true, detail });
      // A field that takes the file shows it itself, and says so by preventing the default.
      if (!this.zone.element.dispatchEvent(told)) this.row.remove();
    } else {
      this.reject(response.words || this.words.broken);
    }
  }

  // The portal is busy: it is sent again by itself, in its turn.
  later(seconds) {
    this.request = undefined;
    this.wait();
    setTimeout(() => this.row.isConnected && this.zone.queue(this), 1000 * seconds);
    this.zone.next();
  }

  // What the portal cannot use is shown by no broken picture, and sending it again would not help.
  reject(text) {
    this.end("rejected", text);
    this.part("thumb").replaceChildren(this.part("refused").content.cloneNode(true));
  }

  end(state, text) {
    this.request = undefined;
    this.show(state, text);
    this.zone.next();
  }

  cancel() {
    const unfinished = !this.part("progress").hidden;
    this.request?.abort();
    this.leaving?.abort();
    this.request = undefined;
    this.zone.drop(this);
    this.row.remove();
    if (this.address) URL.revokeObjectURL(this.address);
    if (unfinished) this.zone.say(`${this.file.name}: ${this.words.cancelled}`);
    this.zone.input.focus();
  }
}

class Zone {
  waiting = [];
  running = new Set();

  constructor(element) {
    const part = (name) => element.parentElement.querySelector(`[data-${name}]`);
    Object.assign(this, { element, list: part("uploads"), template: part("upload-row"), voice: part("voice") });
    this.input = element.querySelector("[type=file]");
    this.input.addEventListener("change", () => {
      this.add(this.input.files);
      // Emptied, so that the form itself does not send the file a second time.
      this.input.value = "";
    });
    element.addEventListener("dragover", (event) => this.over(event, true));
    element.addEventListener("dragleave", (event) => this.over(event, false));
    element.addEventListener("drop", (event) => {
      this.over(event, false);
      this.add(event.dataTransfer.files);
    });
  }

  over(event, is) {
    event.preventDefault();
    this.element.classList.toggle("dropzone--over", is);
  }

  add(files) {
    for (const file of files) this.queue(new Transfer(this, file));
  }

  queue(transfer) {
    transfer.wait();
    this.waiting.push(transfer);
    this.next();
  }

  drop(transfer) {
    this.waiting = this.waiting.filter((other) => other !== transfer);
    this.next();
  }

  next() {
    for (const transfer of this.running) if (!transfer.request) this.running.delete(transfer);
    while (this.waiting.length && this.running.size < AT_ONCE) {
      const transfer = this.waiting.shift();
      this.running.add(transfer);
      transfer.send();
    }
  }

  say(text) {
    this.voice.textContent = text;
  }
}

document.querySelectorAll("[data-upload-url]").forEach((element) => new Zone(element));

// Leaving would end what is still on its way, and so would sending the form.
const UNDER_WAY = "[data-uploads] progress:not([hidden])";
addEventListener("beforeunload", (event) => {
  if (document.querySelector(UNDER_WAY)) event.preventDefault();
});
// On the window, so that it is asked before every listener of the document.
addEventListener("submit", (event) => {
  if (event.target.method !== "post" || !event.target.querySelector(UNDER_WAY)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const text = event.target.querySelector("[data-unfinished]").dataset.unfinished;
  document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text, level: "info" } }));
}, { capture: true });

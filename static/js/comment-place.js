// Where comments stand: a new one takes the frame that the stage shows, a chosen one is shown there. Keys: C, D, N, P.
const stage = document.querySelector("[data-stage]");
const OFF = "input, textarea, select, [contenteditable], dialog[open] *";
const state = { frame: Number(stage?.dataset.frame ?? 0), seconds: 0, isPlaying: false, frameIn: null, frameOut: null };

stage?.addEventListener("stage:frame", ({ detail }) => Object.assign(state, detail));
stage?.addEventListener("stage:range", ({ detail: { frameIn, frameOut } }) => Object.assign(state, { frameIn, frameOut }));

const form = () => document.querySelector("#comment-new");
const seek = (detail) => stage?.dispatchEvent(new CustomEvent("stage:seek", { detail }));

// A frame of a film by its number; of a sound, which the stage counts in hundredths of a second, its time.
function words(frame) {
  if (form().dataset.countsFrames !== undefined) return String(frame);
  const seconds = ((frame % 6000) / 100).toFixed(2).padStart(5, "0");
  return `${Math.floor(frame / 6000)}:${seconds}`;
}

function put(name, frame) {
  const field = form().elements[name];
  if (!field) return;
  field.value = frame === null ? "" : words(frame);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// At the marks where there are some, else at what is shown; the film waits meanwhile.
function pin() {
  const { frame, frameIn, frameOut, isPlaying } = state;
  if (isPlaying) seek({ frame });
  put("at", frameIn ?? frame);
  if (frameOut !== null) put("until", frameOut);
}

document.addEventListener("input", ({ target }) => {
  const own = target.closest("#comment-new");
  if (!stage || !own || own.dataset.pinned !== undefined || target.name !== "body" || !target.value) return;
  own.dataset.pinned = "";
  if (own.elements.at && !own.elements.at.value) pin();
});
// A sentence brings its own place.
document.addEventListener("change", ({ target }) => {
  if (target.name !== "sentence" || !target.value) return;
  target.form.dataset.pinned = "";
  put("at", null);
  put("until", null);
});
document.addEventListener("comment:pin", () => {
  form().dataset.pinned = "";
  if (form().elements.at && !form().elements.at.value) pin();
});
// A form that was taken or emptied begins anew.
document.addEventListener("reset", ({ target }) => delete target.dataset.pinned);

document.addEventListener("click", ({ target }) => {
  const taken = target.closest("[data-take]")?.dataset.take;
  if (taken) {
    form().dataset.pinned = "";
    put(taken, state.frame);
    if (state.isPlaying) seek({ frame: state.frame });
  }
  const step = target.closest("[data-comment-step]");
  if (step) go(Number(step.dataset.commentStep));
  const comment = target.closest(".thread__list > .comment");
  if (comment && !target.closest("button, form, summary, input, textarea, select, a:not(.comment__place)")) choose(comment);
});

// The chosen one, also after its thread was renewed.
let chosen = document.querySelector(".comment--chosen")?.closest(".thread__list > .comment")?.id ?? null;

function show() {
  for (const comment of document.querySelectorAll(".thread__list > .comment")) {
    comment.classList.toggle("comment--chosen", comment.id === chosen);
  }
  const comment = chosen && document.getElementById(chosen);
  document.dispatchEvent(new CustomEvent("comment:chosen", { detail: { comment } }));
}

function choose(comment) {
  chosen = comment.id;
  const place = comment.querySelector(":scope > p > [data-marker-frame]");
  if (place) {
    const { markerFrame, markerOut } = place.dataset;
    seek({ frame: Number(markerFrame), ...(markerOut ? { frameOut: Number(markerOut) } : {}) });
  }
  if (comment.dataset.url) history.replaceState(history.state, "", comment.dataset.url);
  show();
}

function go(step) {
  const all = [...document.querySelectorAll(".thread__list > .comment")];
  if (!all.length) return;
  const here = all.findIndex(({ id }) => id === chosen);
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step))];
  choose(next);
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:afterSwap", show);
show();

document.addEventListener("keydown", (event) => {
  const isOff = document.documentElement.dataset.shortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey;
  if (isOff || event.defaultPrevented || event.isComposing || event.target.closest(OFF)) return;
  const act = {
    c: () => form()?.elements.body.focus(),
    d: () => document.dispatchEvent(new CustomEvent("comment:draw")),
    n: () => go(1),
    p: () => go(-1),
  }[event.key.toLowerCase()];
  if (!act || !form()) return;
  event.preventDefault();
  act();
});

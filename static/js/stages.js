// Brings the page's stages to life: films and sounds get the portal's own bar in place of the browser's controls.
import { FrameClock } from "./frame-clock.js";
import { StagePlayer } from "./stage-player.js";
import { StageBar } from "./stage-bar.js";
import { listenToKeys } from "./stage-keys.js";

const bars = new Map(); // by stage
const asked = new URLSearchParams(location.search).get("f");
let current = null; // the one that was used last

function enliven(stage) {
  const media = stage.querySelector("video, audio");
  if (bars.has(stage) || !media || !stage.querySelector("[data-bar]")) return;
  const timing = JSON.parse(stage.dataset.timing ?? "null");
  const clock = new FrameClock(timing, Number(stage.dataset.seconds));
  media.removeAttribute("controls");
  for (const track of media.textTracks) track.mode = "hidden";
  const player = new StagePlayer(stage, media, clock);
  const bar = new StageBar(player);
  bars.set(stage, bar);
  stage.classList.add("is-live");
  stage.querySelector("[data-stage-picture]").addEventListener("click", ({ target }) => {
    if (target === media) player.toggle();
  });
  stage.addEventListener("stage:seek", ({ detail }) => {
    // The frame after a moment: at the moment itself another sentence may still be spoken.
    player.show(detail.frame ?? clock.after(detail.seconds), detail.frameOut);
  });
  stage.querySelector("[data-wave]")?.addEventListener("click", ({ clientX, currentTarget }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    player.seek(((clientX - left) / width) * clock.last);
  });
  for (const name of ["pointerdown", "focusin"]) stage.addEventListener(name, () => { current = stage; });
  media.addEventListener("play", () => playAlone(stage));
  // Where one film is looked at frame by frame, the frame that is told is the one that is seen, and not the poster.
  if (media.preload === "auto") player.seek(/^\d{1,7}$/.test(asked ?? "") ? Number(asked) : 0);
}

function playAlone(stage) {
  current = stage;
  for (const [other, { player }] of bars) if (other !== stage) player.pause();
}

function active() {
  if (!current?.isConnected) current = document.querySelector("[data-stage].is-live");
  return bars.get(current)?.player;
}

function renew() {
  for (const stage of bars.keys()) if (!stage.isConnected) bars.delete(stage);
  for (const stage of document.querySelectorAll("[data-stage]")) enliven(stage);
  for (const bar of bars.values()) bar.drawMarkers();
}

renew();
listenToKeys(active);
document.addEventListener("htmx:afterSettle", renew);
// A film's length may be known later than its markers are drawn.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-marker-frame], button[data-marker-frame]");
  const player = link && active();
  if (!player || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { markerFrame, markerOut } = link.dataset;
  player.show(Number(markerFrame), markerOut ? Number(markerOut) : null);
});

// The server's copy of a stage knows nothing of what its film does: one that is the same is left as it is.
const others = Idiomorph.defaults.callbacks.beforeNodeMorphed;
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) =>
  (old.matches?.("[data-stage].is-live") && old.id === fresh.id ? false : others(old, fresh));

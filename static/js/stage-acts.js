// What a stage's buttons (`data-act`) and keys do.
const SKIP = 5; // seconds

function toggleFullscreen({ stage, media }) {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (stage.requestFullscreen) stage.requestFullscreen().catch(() => {});
  else media.webkitEnterFullscreen?.(); // an iPhone shows films alone
}

function toggleCaptions({ stage, media }) {
  const [track] = media.textTracks;
  if (!track) return;
  track.mode = track.mode === "showing" ? "hidden" : "showing";
  stage.dispatchEvent(new CustomEvent("stage:state"));
}

export const ACTS = {
  toggle: (player) => player.toggle(),
  reverse: (player) => player.reverse(),
  faster: (player) => player.faster(),
  previous: (player) => player.step(-1),
  next: (player) => player.step(1),
  back: (player) => player.skip(-SKIP),
  on: (player) => player.skip(SKIP),
  in: (player) => player.markIn(),
  out: (player) => player.markOut(),
  loop: (player) => player.toggleLoop(),
  mute: ({ media }) => { media.muted = !media.muted; },
  captions: toggleCaptions,
  fullscreen: toggleFullscreen,
  more: ({ stage }) => {
    const isOpen = stage.classList.toggle("has-more");
    stage.querySelector('[data-act="more"]').setAttribute("aria-expanded", isOpen);
  },
  help: () => document.getElementById("stage-keys")?.showModal(),
};

// Keys for the page's player (J back, K play or pause, L on, M sound), and buttons that copy an address or a text.
const BUSY = "input, textarea, select, button, [contenteditable], dialog[open] *";

document.addEventListener("keydown", (event) => {
  const video = document.querySelector("[data-player] video, [data-player] audio");
  if (!video || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(BUSY)) return;
  const act = {
    j: () => { video.currentTime -= 5; },
    k: () => (video.paused ? video.play() : video.pause()),
    l: () => { video.currentTime += 5; },
    m: () => { video.muted = !video.muted; },
  }[event.key.toLowerCase()];
  if (act) {
    event.preventDefault();
    act();
  }
});

// A player without a source that this browser can play is no player: its poster stays, and a sentence says so.
document.addEventListener("error", ({ target }) => {
  const player = target.closest?.("video, audio");
  if (!player) return;
  const sources = player.querySelectorAll("source");
  const isOver = target === player ? player.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED : target === sources[sources.length - 1];
  const note = player.parentElement.querySelector("[data-cannot-play]");
  if (!isOver || !note) return;
  player.removeAttribute("controls");
  note.hidden = false;
}, true);

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy], [data-copy-text]");
  if (!button) return;
  let text = button.dataset.copied;
  let level = "success";
  try {
    const { copy, copyText } = button.dataset;
    await navigator.clipboard.writeText(copyText ?? new URL(copy, location.href).href);
  } catch {
    text = button.dataset.notCopied;
    level = "error";
  }
  document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text, level } }));
});

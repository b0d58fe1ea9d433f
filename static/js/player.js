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

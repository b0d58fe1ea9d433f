// Buttons that copy an address or a text, and players that cannot play.
// A player without a source that this browser can play is no player: its poster stays, and a sentence says so.
document.addEventListener("error", ({ target }) => {
  const player = target.closest?.("video, audio");
  if (!player) return;
  const sources = player.querySelectorAll("source");
  const isOver = target === player ? player.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED : target === sources[sources.length - 1];
  const stage = player.closest("[data-stage]");
  const note = (stage ?? player.parentElement).querySelector("[data-cannot-play]");
  if (!isOver || !note) return;
  player.removeAttribute("controls");
  stage?.classList.add("is-dead");
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

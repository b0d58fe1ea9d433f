// A dialog in which one thing is chosen. A button with data-picker-open="<dialog id>" loads what it offers (htmx) and
// opens it; a button with data-pick inside chooses: "portal:picked" reaches the [data-chooser] the dialog was opened from.
let opener;
let sound;

function silence() {
  sound?.audio.pause();
  sound?.button.setAttribute("aria-pressed", "false");
  sound = undefined;
}

function listen(button) {
  const again = sound?.button === button;
  silence();
  if (again) return;
  sound = { button, audio: new Audio(button.dataset.play) };
  sound.audio.addEventListener("ended", silence);
  sound.audio.addEventListener("error", silence);
  button.setAttribute("aria-pressed", "true");
  sound.audio.play().catch(silence);
}

function choose(button, dialog) {
  const { pick: id, name, detail, preview, role } = button.dataset;
  opener?.closest("[data-chooser]")?.dispatchEvent(
    new CustomEvent("portal:picked", { bubbles: true, detail: { id, name, detail, preview, role } }));
  dialog.close();
}

document.addEventListener("click", ({ target }) => {
  const open = target.closest("[data-picker-open]");
  const dialog = open ? document.getElementById(open.dataset.pickerOpen) : target.closest("dialog[data-picker]");
  if (open) {
    opener = open;
    dialog.querySelector("[data-title]").textContent = open.dataset.title;
    // What another field was offered last must not be taken for this one while its own list is on the way.
    dialog.querySelector("[data-offered]").replaceChildren();
    dialog.showModal();
  } else if (target.closest("[data-play]")) listen(target.closest("[data-play]"));
  else if (dialog && target.closest("[data-pick]")) choose(target.closest("[data-pick]"), dialog);
  else if (dialog && (target === dialog || target.closest("[data-close]"))) dialog.close();
});

for (const dialog of document.querySelectorAll("dialog[data-picker]")) {
  dialog.addEventListener("close", () => {
    silence();
    // Once something is chosen, the button that asked for it has made room for the summary and its buttons.
    const next = opener?.checkVisibility() ? opener : opener?.closest("[data-chooser]")?.querySelector("[data-summary] button");
    next?.focus();
  });
}

// What is chosen now is marked in the list as it arrives.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  const chosen = opener?.closest("[data-chooser]")?.querySelector("[data-value]")?.value;
  for (const button of target.querySelectorAll?.("[data-pick]") ?? []) {
    button.setAttribute("aria-pressed", String(button.dataset.pick === chosen));
  }
});

// Clips move under the pointer or the focus, where motion is wanted.
const still = matchMedia("(prefers-reduced-motion: reduce)");
for (const [name, act] of [["pointerover", "play"], ["focusin", "play"], ["pointerout", "pause"], ["focusout", "pause"]]) {
  document.addEventListener(name, ({ target }) => {
    const video = target.closest?.(".pick, .tile")?.querySelector("video[data-hover]");
    if (video && !(act === "play" && still.matches)) Promise.resolve(video[act]()).catch(() => {});
  });
}

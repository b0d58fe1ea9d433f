// A dialog in which one thing is chosen. A button with data-picker-open="<dialog id>" loads what it offers (htmx) and
// opens it; a button with data-pick inside chooses: "portal:picked" reaches the field the dialog was opened from. For a
// field that takes several ([data-several]) the dialog stays open, and a second press takes the thing back.
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

const field = () => opener?.closest("[data-chooser], [data-several]");

// What is chosen now is marked.
function mark(within) {
  const chosen = [...field()?.querySelectorAll("[data-value]") ?? []].map((input) => input.value);
  for (const button of within.querySelectorAll?.("[data-pick]") ?? []) {
    button.setAttribute("aria-pressed", String(chosen.includes(button.dataset.pick)));
  }
}

function choose(button, dialog) {
  const { pick: id, name, detail, preview, role, whole: whole_url, width, height } = button.dataset;
  const told = { id, name, detail, preview, role, whole_url, width, height };
  field()?.dispatchEvent(new CustomEvent("portal:picked", { bubbles: true, detail: told }));
  if (field()?.matches("[data-several]")) mark(dialog);
  else dialog.close();
}

document.addEventListener("click", ({ target }) => {
  const open = target.closest("[data-picker-open]");
  const dialog = open ? document.getElementById(open.dataset.pickerOpen) : target.closest("dialog[data-picker]");
  if (open) {
    opener = open;
    dialog.querySelector("[data-title]").textContent = open.dataset.title;
    // What another field was offered last must not be taken for this one while its own list is on the way.
    dialog.querySelector("[data-offered]").replaceChildren();
    dialog.querySelector("[data-done]").hidden = !field()?.matches("[data-several]");
    dialog.showModal();
  } else if (target.closest("[data-play]")) listen(target.closest("[data-play]"));
  else if (dialog && target.closest("[data-pick]")) choose(target.closest("[data-pick]"), dialog);
  else if (dialog && (target === dialog || target.closest("[data-close]"))) dialog.close();
});

for (const dialog of document.querySelectorAll("dialog[data-picker]")) {
  dialog.addEventListener("close", () => {
    silence();
    // Once something is chosen, the button that asked for it has made room for the summary and its buttons.
    const next = opener?.checkVisibility() ? opener : field()?.querySelector("[data-summary] button, [data-item] button:not(:disabled)");
    next?.focus();
  });
}

document.addEventListener("htmx:afterSwap", ({ target }) => mark(target));

// Clips move under the pointer or the focus, where motion is wanted.
const still = matchMedia("(prefers-reduced-motion: reduce)");
for (const [name, act] of [["pointerover", "play"], ["focusin", "play"], ["pointerout", "pause"], ["focusout", "pause"]]) {
  document.addEventListener(name, ({ target }) => {
    const video = target.closest?.(".pick, .tile")?.querySelector("video[data-hover]");
    if (video && !(act === "play" && still.matches)) Promise.resolve(video[act]()).catch(() => {});
  });
}

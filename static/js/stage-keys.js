// Single keys for a page's player; each has a button. They can be switched off in the dialog that lists them, which
// this browser remembers; `data-shortcuts="off"` on the root tells other scripts with keys of their own.
import { ACTS } from "./stage-acts.js";

const KEYS = {
  " ": "toggle", k: "toggle", j: "reverse", l: "faster", ",": "previous", ".": "next", arrowleft: "back", arrowright: "on",
  i: "in", o: "out", r: "loop", m: "mute", t: "captions", f: "fullscreen", "?": "help",
};
const FIELDS = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable], dialog[open] *";
// What these keys do where the focus is, they go on doing.
const OWN = [
  [" ", "button, summary, [type=checkbox], [type=radio], [role=button], [role=menuitem]"],
  ["arrowleft", "[type=range], [type=radio], [role=tab], video[controls], audio[controls]"],
  ["arrowright", "[type=range], [type=radio], [role=tab], video[controls], audio[controls]"],
];
const STORED = "portal:shortcuts";
const root = document.documentElement;

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function remember(value) {
  root.dataset.shortcuts = value;
  try {
    localStorage.setItem(STORED, value);
  } catch {
    // It holds for this page.
  }
}

if (stored() === "off") root.dataset.shortcuts = "off";
for (const box of document.querySelectorAll("[data-shortcuts-switch]")) box.checked = root.dataset.shortcuts !== "off";
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-shortcuts-switch]")) remember(target.checked ? "on" : "off");
});

// Whether a key that was pressed is a shortcut, and not meant for what has the focus.
export function isShortcut(event) {
  const { target, key } = event;
  if (root.dataset.shortcuts === "off" || event.defaultPrevented || event.isComposing) return false;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest?.(FIELDS)) return false;
  return !OWN.some(([own, where]) => own === key.toLowerCase() && target.closest?.(where));
}

// `current` gives the player that keys are for.
export function listenToKeys(current) {
  document.addEventListener("keydown", (event) => {
    const act = KEYS[event.key.toLowerCase()];
    const player = act && isShortcut(event) && current();
    if (!player) return;
    event.preventDefault();
    ACTS[act](player);
  });
}

// Polls rest while the tab is hidden, and never reset what somebody is watching or has opened, nor lose the focus.
const POLLS = "[hx-trigger*='every']";

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, triggeringEvent } = event.detail.requestConfig ?? {};
  // A poll is the only request of such an element that no event of the page started.
  if (document.hidden && elt?.matches(POLLS) && !triggeringEvent) {
    event.preventDefault();
    elt.dataset.missed = "";
  }
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const poll of document.querySelectorAll("[data-missed]")) {
    delete poll.dataset.missed;
    htmx.ajax("GET", poll.getAttribute("hx-get"), { source: poll });
  }
});

// What somebody has started; a tile's clip runs only while a pointer rests on it.
const PLAYERS = "video:not([data-hover]), audio";
const isPlaying = (media) => !media.paused && !media.ended;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const style = detail.swapOverride ?? detail.elt.closest("[hx-swap]")?.getAttribute("hx-swap") ?? "";
  if (style.startsWith("morph")) return;
  if ([...detail.target.querySelectorAll(PLAYERS)].some(isPlaying)) detail.shouldSwap = false;
});

// What a person has opened stays open when the server's copy, which knows nothing of it, is merged in.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
  !(name === "open" && node.matches("details, dialog"));
// Nor does it empty the field somebody is typing in.
Idiomorph.defaults.ignoreActiveValue = true;

// When what had the focus is swapped away, the focus goes to what stands in its place in a dialog, else to the page.
let stood;
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea";

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  stood = target.contains(document.activeElement)
    ? { before: target.previousElementSibling, around: target.parentElement } : undefined;
});
document.addEventListener("htmx:afterSwap", () => {
  if (!stood || document.activeElement !== document.body) return;
  const { before, around } = stood;
  const here = before ? before.nextElementSibling : around.firstElementChild;
  const next = around.closest("dialog") ? here?.querySelector(CONTROLS) ?? around.closest("dialog").querySelector(CONTROLS)
    : document.querySelector("main");
  next.focus({ preventScroll: true });
});

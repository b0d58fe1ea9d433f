// Short messages at the foot of the page. Good news leaves by itself, unless somebody reads it; trouble stays.
const LASTS = 8000;
const region = document.querySelector(".toasts");

function leave(toast) {
  toast.classList.add("toast--leaving");
  setTimeout(() => toast.remove(), 300);
}

function watch(toast) {
  if (!("fades" in toast.dataset)) return;
  let timer;
  const start = () => { timer = setTimeout(leave, LASTS, toast); };
  const hold = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

// Others say it with: document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text, level } })),
// a view with the header HX-Trigger: {"portal:toast": {"text": "…", "level": "error"}}.
document.addEventListener("portal:toast", ({ detail }) => {
  const toast = document.querySelector("#toast-blank").content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-text]").textContent = detail.text;
  if (detail.level === "error") delete toast.dataset.fades;
  region.append(toast);
});

new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) if (node.matches?.(".toast")) watch(node);
}).observe(region, { childList: true });
region.querySelectorAll(".toast").forEach(watch);
region.addEventListener("click", ({ target }) => {
  if (target.closest("[data-dismiss]")) leave(target.closest(".toast"));
});

// A request that fails is said once, not at every poll, and taken back when the portal answers again.
const OFFLINE = "[data-offline-note]";
function offline() {
  if (region.querySelector(OFFLINE)) return;
  document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text: region.dataset.offline, level: "error" } }));
  region.lastElementChild.dataset.offlineNote = "";
}
for (const name of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(name, offline);
document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (detail.successful) region.querySelector(OFFLINE)?.remove();
});

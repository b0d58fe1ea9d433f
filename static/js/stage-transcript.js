// Beside a stage: the sentences of the script (data-seconds, data-until). A click seeks; the one that is spoken is marked.
const LINE = "[data-transcript] [data-seconds]";

document.addEventListener("click", ({ target }) => {
  const line = target.closest(LINE);
  const stage = line && document.querySelector("[data-stage]");
  stage?.dispatchEvent(new CustomEvent("stage:seek", { detail: { seconds: Number(line.dataset.seconds) } }));
});

document.addEventListener("stage:frame", ({ detail: { seconds } }) => {
  for (const line of document.querySelectorAll(LINE)) {
    const isNow = Number(line.dataset.seconds) <= seconds + 1e-3 && seconds < Number(line.dataset.until);
    if (isNow !== (line.getAttribute("aria-current") === "true")) line.setAttribute("aria-current", isNow);
  }
});

// A picture, film or sound that a busy portal has not sent (503) is asked for again after a while, a few times.
const MEDIA = "img, video, audio";
const WAITS = [5, 10, 20];
const tried = new WeakMap();

function failed(target) {
  if (!target.matches?.(MEDIA) || !target.currentSrc?.startsWith(location.origin)) return;
  const times = tried.get(target) ?? 0;
  if (times >= WAITS.length) return;
  tried.set(target, times + 1);
  setTimeout(() => again(target), 1000 * WAITS[times]);
}
document.addEventListener("error", ({ target }) => failed(target), { capture: true });
// What failed before this script was there.
for (const one of document.querySelectorAll(MEDIA)) if (one.error || (one.complete && !one.naturalWidth)) failed(one);

// Why it failed no element says, so the portal is asked for the head alone: what is gone is not asked for again.
async function again(element) {
  const { status } = await fetch(element.currentSrc, { method: "HEAD" }).catch(() => ({}));
  if (!element.isConnected || (status && status !== 503 && status >= 400)) return;
  if (element.matches("img")) {
    element.src = element.src;
    return;
  }
  const { currentTime } = element;
  element.load();
  element.currentTime = currentTime;
}

// <time data-relative-time datetime="…">: "3 min. ago" stays true while the page is open. Older than two weeks keeps its date.
const language = document.documentElement.lang || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];

function tell() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-relative-time]")) {
    const seconds = (Date.now() - new Date(time.dateTime)) / 1000;
    const unit = units.find(([size]) => seconds >= size);
    if (!unit || seconds >= 14 * 86400) continue;
    const text = relative.format(-Math.floor(seconds / unit[0]), unit[1]);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(tell, 20_000);
tell();
for (const name of ["htmx:afterSwap", "visibilitychange"]) document.addEventListener(name, tell);

// <time data-tick="elapsed" datetime="…"> counts up; data-tick="remaining" counts down to its moment and then
// shows data-over. Words come from the page's language; the server's own text stands until the script runs.
const language = document.documentElement.lang || undefined;
const unit = (name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" });
const units = [[86400, unit("day")], [3600, unit("hour")], [60, unit("minute")], [1, unit("second")]];

function words(seconds) {
  const first = Math.max(0, units.findIndex(([size]) => seconds >= size));
  const start = seconds < 1 ? units.length - 1 : first;
  let rest = seconds;
  const parts = [];
  for (const [size, format] of units.slice(start, start + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count || !parts.length) parts.push(format.format(count));
  }
  return parts.join(" ");
}

function tick() {
  if (document.hidden) return;
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-tick]")) {
    const away = Math.round((new Date(time.dateTime) - now) / 1000);
    const text = time.dataset.tick === "elapsed" ? words(Math.max(0, -away))
      : away > 0 ? words(away) : time.dataset.over ?? words(0);
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(tick, 1000);
tick();
for (const name of ["htmx:afterSwap", "visibilitychange"]) document.addEventListener(name, tick);

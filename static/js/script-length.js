// Counts the characters of a <textarea data-counts> and guesses how long they take to say: letters and
// ideographs a second come from the page, the speed from the field named in data-speed-field.
const language = document.documentElement.lang || undefined;
const whole = new Intl.NumberFormat(language);
const minutes = new Intl.NumberFormat(language, { style: "unit", unit: "minute", unitDisplay: "short" });
const seconds = new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "short" });

function spoken(area) {
  const text = area.value.replace(/\s+/g, " ").trim();
  const ideographs = text.match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/gu)?.length ?? 0;
  const letters = [...text].length - ideographs;
  const speed = Number(area.form?.elements[area.dataset.speedField]?.value) || 1;
  return (letters / Number(area.dataset.letters) + ideographs / Number(area.dataset.ideographs)) / speed;
}

function show(area) {
  const foot = document.getElementById(area.dataset.counts);
  const length = [...area.value].length;
  foot.querySelector("[data-count]").textContent = whole.format(length);
  foot.classList.toggle("field__errors", area.dataset.most && length > Number(area.dataset.most));
  const time = foot.querySelector("[data-spoken]");
  if (!time) return;
  const guess = Math.round(spoken(area));
  const parts = [guess >= 60 && minutes.format(Math.floor(guess / 60)), seconds.format(guess % 60)];
  time.textContent = parts.filter(Boolean).join(" ");
}

for (const area of document.querySelectorAll("textarea[data-counts]")) {
  show(area);
  area.form?.addEventListener("input", () => show(area));
}
for (const range of document.querySelectorAll(".range input")) {
  const output = range.closest(".range").querySelector("output");
  range.addEventListener("input", () => { output.value = range.value; });
}

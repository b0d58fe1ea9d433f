// Beside a form's link: when the product page has been read (data-read-product), its words, pictures and clips fill the
// fields that say what of a product they take (data-product-part). What somebody has typed stays unless they ask.
const parts = (form, part) => [...form.querySelectorAll(`[data-product-part="${part}"]`)];
const input = (field) => field.querySelector("input:not([type=hidden]), textarea");

function write(control, text) {
  control.value = text;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

// True when something that was typed stands in the way.
function fillWords(form, read, insist) {
  let kept = false;
  for (const part of ["name", "description"]) {
    const text = read.dataset[part];
    for (const control of text ? parts(form, part).map(input) : []) {
      if (!control.value.trim() || insist) write(control, text);
      else kept ||= control.value !== text;
    }
  }
  return kept;
}

// The answers with which a field is shown, one after the other.
function reveal(form, field) {
  const { shownField: name, shownValues: values } = field.dataset;
  if (!name) return;
  const options = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const wanted = values.split(" ");
  const answer = options.find((option) => option.type !== "radio" || wanted.includes(option.value));
  if (!answer) return;
  const holder = answer.closest("[data-shown-field]");
  if (holder && holder !== field) reveal(form, holder);
  if (answer.type !== "radio") write(answer, wanted[0]);
  else if (!options.some((option) => option.checked && wanted.includes(option.value))) answer.click();
}

function fillFiles(form, read) {
  const files = [...read.querySelectorAll("[data-read-file]")].map(({ dataset }) => ({ ...dataset, whole_url: dataset.whole }));
  for (const field of [...parts(form, "files"), ...parts(form, "picture")]) {
    const roles = field.dataset.takes.split(" ");
    const fitting = files.filter(({ role }) => roles.includes(role));
    if (!fitting.length) continue;
    reveal(form, field);
    for (const detail of fitting) {
      const isRefused = field.dispatchEvent(new CustomEvent("portal:uploaded", { bubbles: true, cancelable: true, detail }));
      // A field that is full says so, once.
      if (isRefused) break;
    }
  }
}

document.addEventListener("htmx:load", ({ target }) => {
  const read = target.matches?.("[data-read-product]") ? target : target.querySelector?.("[data-read-product]");
  const form = read?.closest("form");
  if (!form) return;
  read.querySelector("[data-read-kept]").hidden = !fillWords(form, read, false);
  fillFiles(form, read);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-read-replace]");
  if (!button) return;
  fillWords(button.form, button.closest("[data-read-product]"), true);
  const note = button.closest("[data-read-kept]");
  input(parts(button.form, "name")[0] ?? parts(button.form, "description")[0]).focus();
  note.hidden = true;
});

// Fields with data-shown-field and data-shown-values (split by spaces) show only while that field has one of
// those values and is shown itself. Hidden controls are disabled, so nothing of them is sent. Without script all show.
function apply(form) {
  for (const part of form.querySelectorAll("[data-shown-field]")) {
    // Earlier parts were settled first, and a disabled control has no value here: conditions follow one another.
    const values = new FormData(form).getAll(part.dataset.shownField);
    const shown = part.dataset.shownValues.split(" ").some((value) => values.includes(value));
    part.hidden = !shown;
    // The server's word, by which nothing jumped while the page was built.
    part.removeAttribute("data-unshown");
    for (const control of part.querySelectorAll("input, select, textarea")) control.disabled = !shown;
  }
}

for (const part of document.querySelectorAll("form:has([data-shown-field])")) {
  apply(part);
  part.addEventListener("change", () => apply(part));
}

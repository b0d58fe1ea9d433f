// A form is sent once: its button turns busy, and a second press does nothing until the answer is there.
// aria-disabled instead of disabled keeps the focus where it was.
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  if ("sent" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "";
  // Enter in a text field may press a button that nobody sees.
  const button = event.submitter?.matches("[aria-hidden]") ? form.querySelector(".button--primary:not([type=button])") : event.submitter;
  button?.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-disabled", "true");
}, { capture: true });

document.addEventListener("htmx:afterRequest", ({ target }) => {
  const form = target.closest?.("form[data-sent]");
  if (form) release(form);
});
// Coming back by the browser's own button shows the page as it was left.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// A form (or its submit button) with data-confirm="Question?" asks first, in the page's own dialog.
// data-confirm-action names the button that goes on. Loaded before submit-once.js, which must not see a refused send.
const dialog = document.querySelector("#confirm");
let waiting;

document.addEventListener("submit", (event) => {
  const form = event.target;
  const asking = event.submitter?.closest("[data-confirm]") ?? (form.matches("[data-confirm]") ? form : null);
  if (!asking) return;
  if (waiting?.agreed) {
    waiting = undefined;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting = { form, submitter: event.submitter };
  dialog.querySelector("[data-question]").textContent = asking.dataset.confirm;
  const go = dialog.querySelector("[value=go]");
  go.textContent = asking.dataset.confirmAction ?? event.submitter?.textContent.trim() ?? go.textContent;
  dialog.returnValue = "";
  dialog.showModal();
}, { capture: true });

dialog?.addEventListener("close", () => {
  if (dialog.returnValue !== "go" || !waiting) return;
  waiting.agreed = true;
  waiting.form.requestSubmit(waiting.submitter);
  waiting = undefined;
});

// Comments and decisions renew themselves around what somebody is writing; forms with data-kept are left alone once typed in.
const KEPT = "form[data-kept]";
const isTyped = (form) => [...form.elements].some((field) => field.matches("textarea, [type=text], [name=drawing]") && field.value !== field.defaultValue);
const holdsTyped = (node) => node.matches?.("form[data-typed]") || node.querySelector?.("form[data-typed]");

document.addEventListener("input", ({ target }) => {
  const form = target.closest(KEPT);
  form?.toggleAttribute("data-typed", isTyped(form));
});

const others = { ...Idiomorph.defaults.callbacks };
Object.assign(Idiomorph.defaults.callbacks, {
  beforeNodeMorphed(node, fresh) {
    if (!node.matches?.("form[data-typed]")) return others.beforeNodeMorphed(node, fresh);
    // What stands around the form is new and seen now; its own words and its id stay.
    const [own, seen] = [node, fresh].map((form) => form.querySelector?.("[name=revision]"));
    if (own && seen) own.value = seen.value;
    return false;
  },
  beforeNodeRemoved: (node) => !holdsTyped(node),
});

// The answer to a form holds it anew: empty when it was taken, with what is wrong otherwise.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (!form?.matches?.("[data-comment-form]") || !detail.shouldSwap) return;
  form.removeAttribute("data-typed");
  if (detail.isError || detail.xhr.status >= 400) return;
  form.reset();
  const opened = form.closest("details");
  if (!opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});

// Resolve gives way to Reopen: merging would leave what has the focus as it was, so they are two buttons, and the focus goes on.
let settled = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  settled = detail.requestConfig?.elt.closest?.("form[id^=settle-]")?.id ?? null;
});
document.addEventListener("htmx:afterSwap", () => {
  if (settled) document.getElementById(settled)?.querySelector("button").focus({ preventScroll: true });
  settled = null;
});

// What is answered or changed may be deleted meanwhile: the portal is there, and what was typed stays.
document.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (event.detail.xhr.status !== 404 || !form?.closest?.("#comments")) return;
  event.stopImmediatePropagation();
  const text = document.querySelector("#comments").dataset.gone;
  document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text, level: "error" } }));
}, { capture: true });

document.addEventListener("keydown", (event) => {
  const form = event.target.closest("[data-comment-form]");
  if (!form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape") {
    const opened = form.closest("details");
    if (!opened) return;
    opened.open = false;
    opened.querySelector("summary").focus();
  }
});

// Where one writes is where the words go.
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches(".comment__more")) target.querySelector("textarea").focus();
}, true);

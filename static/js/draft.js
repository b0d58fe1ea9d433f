// What was typed outlives a sign-in: a form with data-draft="whose" is kept in this tab when its page is left, and drawn
// again by the server (the POST says "unsent") when the way led from it past a page that turned it away.
const KEY = "draft";
const form = document.querySelector("form[data-draft]");
const read = () => JSON.parse(sessionStorage.getItem(KEY) ?? "null");
const write = (draft) => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    sessionStorage.removeItem(KEY); // there is no room for it
  }
};

// No file, and nothing secret: passwords and the token of this session are never kept.
const values = () => [...new FormData(form)].filter(([name, value]) =>
  typeof value === "string" && name !== "csrfmiddlewaretoken" && form.elements[name]?.type !== "password");

function drawAgain(draft) {
  write({ ...draft, isOwed: false }); // once: should that fail, the next page is as any other
  const again = Object.assign(document.createElement("form"), { method: "post", action: form.action, enctype: form.enctype });
  const token = form.elements.csrfmiddlewaretoken.value;
  for (const [name, value] of [...draft.values, ["unsent", "1"], ["csrfmiddlewaretoken", token]]) {
    again.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(again);
  again.submit();
}

function keep() {
  let isTouched = "drawn" in form.dataset;
  for (const sign of ["input", "change", "submit"]) form.addEventListener(sign, () => { isTouched = true; });
  addEventListener("pagehide", () => {
    if (isTouched) write({ path: new URL(form.action).pathname, whose: form.dataset.draft, values: values() });
  });
}

const draft = read();
// A page that turns people away: to sign in, or because the form was too old to be sent.
const isTurnedAway = document.querySelector("[data-turned-away]");
const cameFrom = document.referrer && new URL(document.referrer).pathname;
if (isTurnedAway) {
  const isOwed = draft && (cameFrom === draft.path || (draft.isOwed && cameFrom === location.pathname));
  if (isOwed) write({ ...draft, isOwed });
  else sessionStorage.removeItem(KEY);
} else if (form) {
  const path = new URL(form.action).pathname;
  if (draft?.isOwed && !("drawn" in form.dataset) && draft.path === path && draft.whose === form.dataset.draft) drawAgain(draft);
  else {
    sessionStorage.removeItem(KEY);
    keep();
  }
}

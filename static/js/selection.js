// What a field holds: the hidden value and its summary follow "portal:picked" and "portal:uploaded".
function show(field, { id, name, detail = "", preview, role, whole_url: whole = "", width = "", height = "" }) {
  const summary = field.querySelector("[data-summary]");
  summary.querySelector("[data-name]").textContent = name;
  summary.querySelector("[data-detail]").textContent = detail;
  const thumb = summary.querySelector("[data-thumb]");
  thumb.querySelector("img, video")?.remove();
  thumb.dataset.role = role ?? "";
  const drawing = thumb.querySelector(".icon");
  drawing.toggleAttribute("hidden", Boolean(preview));
  if (preview) {
    // A local preview (blob:) of a clip needs a video element; the server's previews are always pictures.
    const isClip = role === "video" && preview.startsWith("blob:");
    const picture = document.createElement(isClip ? "video" : "img");
    if (!isClip) picture.alt = "";
    // Of the server's, as small as the portal has it.
    picture.src = preview.startsWith("blob:") ? preview : `${preview}?width=192`;
    thumb.append(picture);
  }
  // What is painted over a picture needs all of it, and its size in pixels.
  Object.assign(field.querySelector("[data-value]").dataset, { whole, width: width ?? "", height: height ?? "" });
  settle(field, id);
}

function settle(field, id) {
  const input = field.querySelector("[data-value]");
  input.value = id;
  field.querySelector("[data-summary]").hidden = !id;
  field.querySelector("[data-offer]").hidden = Boolean(id);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("portal:picked", ({ target, detail }) => {
  const field = target.closest?.("[data-chooser]");
  if (!field) return;
  show(field, detail);
  field.querySelector(".field__errors")?.remove();
});

document.addEventListener("portal:uploaded", (event) => {
  const field = event.target.closest?.("[data-chooser]");
  // The first of several files is taken; the others wait in the library.
  if (!field || field.querySelector("[data-value]").value) return;
  event.preventDefault();
  // The drop zone goes away, and would take the focus with it.
  const stood = field.querySelector("[data-offer]").contains(document.activeElement);
  show(field, event.detail);
  if (stood) field.querySelector("[data-summary] button")?.focus();
});

document.addEventListener("click", ({ target }) => {
  const clear = target.closest("[data-clear]");
  if (!clear) return;
  const field = clear.closest("[data-chooser]");
  settle(field, "");
  field.querySelector("[data-offer] :is(button, input)")?.focus();
});

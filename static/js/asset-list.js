// Fields that hold several files in an order (data-several). They follow "portal:picked", where a second pick takes the
// file off again, and "portal:uploaded". Each file is an item with its own value; the order of the items is the order sent.
const items = (field) => [...field.querySelectorAll("[data-item]")];
const named = (item) => item.querySelector("[data-name]").textContent;
const value = (item) => item.querySelector("[data-value]").value;

function say(field, text, words) {
  field.querySelector("[data-said]").textContent = text.replace(/\{(\w+)\}/g, (_all, name) => words[name]);
}

function settle(field) {
  const all = items(field);
  field.querySelector("[data-count]").textContent = all.length;
  const offer = field.querySelector("[data-offer]");
  const stood = offer.contains(document.activeElement);
  offer.hidden = all.length >= Number(field.dataset.most);
  all.forEach((item, place) => {
    const [earlier, later] = item.querySelectorAll("[data-move]");
    earlier.disabled = place === 0;
    later.disabled = place === all.length - 1;
  });
  // The drop zone goes away, and would take the focus with it.
  if (stood && offer.hidden) all.at(-1).querySelector("[data-take-off]").focus();
}

function changed(field) {
  settle(field);
  field.querySelector(".field__errors")?.remove();
  field.querySelector("[data-items]").dispatchEvent(new Event("change", { bubbles: true }));
}

function filled(field, { id, name, detail = "", preview, role, place }) {
  const item = field.querySelector("[data-item-form]").content.firstElementChild.cloneNode(true);
  item.querySelector("[data-value]").value = id;
  item.querySelector("[data-name]").textContent = name;
  item.querySelector("[data-detail]").textContent = detail;
  if (place !== undefined) item.dataset.place = place;
  if (preview) {
    // A local preview (blob:) of a clip needs a video element; the server's previews are always pictures.
    const isClip = role === "video" && preview.startsWith("blob:");
    const shown = document.createElement(isClip ? "video" : "img");
    if (!isClip) shown.alt = "";
    shown.src = preview;
    item.querySelector("[data-thumb]").append(shown);
  }
  return item;
}

// True when the file is on the list afterwards. Files dropped together keep their order, whichever arrives first.
function add(field, detail) {
  const all = items(field);
  if (all.some((item) => value(item) === detail.id)) return true;
  if (all.length >= Number(field.dataset.most)) {
    document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text: field.dataset.full, level: "warning" } }));
    return false;
  }
  const next = all.find((item) => Number(item.dataset.place) > detail.place);
  field.querySelector("[data-items]").insertBefore(filled(field, detail), next ?? null);
  changed(field);
  return true;
}

function takeOff(field, item) {
  const all = items(field);
  const place = all.indexOf(item);
  say(field, field.dataset.removed, { name: named(item) });
  item.remove();
  changed(field);
  return all[place + 1] ?? all[place - 1];
}

function move(field, item, by) {
  const all = items(field);
  const place = all.indexOf(item) + by;
  if (place < 0 || place >= all.length) return;
  if (by < 0) all[place].before(item);
  else all[place].after(item);
  changed(field);
  say(field, field.dataset.moved, { name: named(item), place: place + 1, count: all.length });
}

document.addEventListener("portal:picked", ({ target, detail }) => {
  const field = target.closest?.("[data-several]");
  if (!field) return;
  const held = items(field).find((item) => value(item) === detail.id);
  if (held) takeOff(field, held);
  else add(field, detail);
});

document.addEventListener("portal:uploaded", (event) => {
  const field = event.target.closest?.("[data-several]");
  if (field && add(field, event.detail)) event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-item] button");
  if (!button) return;
  const [field, item] = [button.closest("[data-several]"), button.closest("[data-item]")];
  if (button.dataset.move) {
    move(field, item, Number(button.dataset.move));
    // At an end the button goes to rest; the focus stays on the same file.
    (button.disabled ? item.querySelector("[data-move]:not(:disabled), [data-take-off]") : button).focus();
  } else {
    const next = takeOff(field, item);
    (next?.querySelector("[data-take-off]") ?? field.querySelector("[data-offer] :is(button, [type=file])")).focus();
  }
});

document.querySelectorAll("[data-several]").forEach(settle);

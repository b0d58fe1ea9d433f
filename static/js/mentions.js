// `@` in a comment offers the names of members. Without script a name that is typed out does the same.
const MOST = 6;
const names = () => JSON.parse(document.querySelector("[data-people]")?.dataset.people ?? "[]");
let open = null; // {field, list, start, at}

function close() {
  if (!open) return;
  open.list.remove();
  for (const name of ["aria-controls", "aria-activedescendant"]) open.field.removeAttribute(name);
  open = null;
}

function mark(at) {
  open.at = at;
  [...open.list.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
  open.field.setAttribute("aria-activedescendant", open.list.children[at].id);
}

function take(name) {
  const { field, start } = open;
  field.setRangeText(`${name} `, start, field.selectionStart, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function offer(field, start, found) {
  const list = document.createElement("ul");
  Object.assign(list, { id: "mentions", role: "listbox", className: "mentions" });
  list.setAttribute("aria-label", field.labels[0]?.textContent.trim() ?? "");
  list.append(...found.map((name, place) => {
    const one = document.createElement("li");
    Object.assign(one, { id: `mention-${place}`, role: "option", textContent: name });
    // Before the field loses the focus.
    one.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(name);
    });
    return one;
  }));
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  open = { field, list, start, at: 0 };
  mark(0);
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-comment-form] textarea")) return;
  close();
  const typed = /(?:^|[^\p{L}\p{N}_.+-])@([\p{L}\p{N}_. -]{0,40})$/u.exec(target.value.slice(0, target.selectionStart));
  if (!typed) return;
  const begun = typed[1].toLowerCase();
  const found = names().filter((name) => name.toLowerCase().startsWith(begun)
    || name.toLowerCase().split(" ").some((part) => begun && part.startsWith(begun)));
  if (found.length) offer(target, target.selectionStart - typed[1].length, found.slice(0, MOST));
});

document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.field || event.ctrlKey || event.metaKey) return;
  const many = open.list.children.length;
  const act = {
    ArrowDown: () => mark((open.at + 1) % many),
    ArrowUp: () => mark((open.at + many - 1) % many),
    Enter: () => take(open.list.children[open.at].textContent),
    Tab: () => take(open.list.children[open.at].textContent),
    Escape: close,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}, true);

document.addEventListener("focusout", ({ target }) => target === open?.field && close());

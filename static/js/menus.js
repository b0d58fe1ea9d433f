// <details class="menu"> closes on Escape, on a click elsewhere and when the focus goes on.
const close = (menu, refocus) => {
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
};
const opened = () => document.querySelectorAll(".menu[open]");

document.addEventListener("click", ({ target }) => {
  for (const menu of opened()) if (!menu.contains(target)) close(menu);
});
document.addEventListener("focusin", ({ target }) => {
  for (const menu of opened()) if (!menu.contains(target)) close(menu);
});
document.addEventListener("keydown", ({ key, target }) => {
  if (key !== "Escape") return;
  for (const menu of opened()) close(menu, menu.contains(target));
});

// Buttons that print the page, with everything unfolded meanwhile.
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-print]")) window.print();
});

let folded = [];
window.addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const part of folded) part.open = true;
});
window.addEventListener("afterprint", () => {
  for (const part of folded) part.open = false;
});

// What was refused is red until it is changed: whether the new answer is right, the next sending says.
document.addEventListener("input", ({ target }) => {
  const field = target.closest(".field");
  if (!field?.querySelector(".field__errors")) return;
  for (const control of field.querySelectorAll("[aria-invalid=true]")) control.removeAttribute("aria-invalid");
  field.querySelector(".field__errors").classList.add("field__errors--changed");
});

// Runs before the first paint, so that a chosen theme does not flash; therefore no module.
// The choice is kept in this browser alone: "light", "dark", or nothing to follow the system.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("theme") ?? "auto";
  } catch {
    // Storage can be forbidden; the system's theme is then followed.
  }
  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  show(chosen);
  document.addEventListener("DOMContentLoaded", () => {
    for (const input of document.querySelectorAll("[data-theme-choice]")) input.checked = input.value === chosen;
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-theme-choice]")) return;
    show(target.value);
    try {
      localStorage.setItem("theme", target.value);
    } catch {
      // As above: the choice then lasts for this page.
    }
  });
})();

// The chosen theme: "light", "dark", or "auto" to follow the system. It is kept in a cookie of this browser, so that the
// server draws each page in it from the first paint on; nothing else reads it.
const root = document.documentElement;
const chosen = root.dataset.theme ?? "auto";

for (const input of document.querySelectorAll("[data-theme-choice]")) input.checked = input.value === chosen;

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-theme-choice]")) return;
  const isChosen = target.value !== "auto";
  if (isChosen) root.dataset.theme = target.value;
  else delete root.dataset.theme;
  const age = isChosen ? 365 * 24 * 3600 : 0;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${target.value}; path=/; max-age=${age}; samesite=lax${secure}`;
});

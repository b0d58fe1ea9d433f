// A form that a busy portal has not taken is sent again after a while, at most so often; then a person decides.
const [TIMES, RECENT] = [12, 120_000];
const form = document.querySelector("[data-resend]");
const words = form.querySelector("[role=status]");
const key = `resent ${form.getAttribute("action")}`;
const last = JSON.parse(sessionStorage.getItem(key) ?? "null");
const sent = last && Date.now() - last.at < RECENT ? last.sent : 0;
if (sent < TIMES) {
  words.textContent = words.dataset.text.replace("%s", form.dataset.resend);
  const timer = setTimeout(() => form.requestSubmit(), form.dataset.resend * 1000);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sessionStorage.setItem(key, JSON.stringify({ sent: sent + 1, at: Date.now() }));
  });
} else {
  words.textContent = words.dataset.done;
  sessionStorage.removeItem(key);
}

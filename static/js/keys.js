// Shortcuts. An element names its own key: data-key="e" is clicked (a field is focused), data-go="i" is reached by g, i.
// Off in fields, with a modifier, without a fine pointer, and for members who switched them off.
const on = document.querySelector("[data-shortcuts]") && matchMedia("(any-pointer: fine)").matches;
const LINKS = ".row__who a, .request h2 a, [data-row] a";
let waiting = 0;

const current = () => document.activeElement?.closest(".row, .request, [data-row]");

const step = (by) => {
  const links = [...document.querySelectorAll(LINKS)];
  const at = links.findIndex((link) => current()?.contains(link));
  const open = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  const next = at < 0 ? (open < 0 ? 0 : open + by) : at + by;
  links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
};

const press = (key) => {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const target = current()?.querySelector(selector) ?? document.querySelector(selector);
  if (!target) return false;
  if (target.matches("input:not([type=radio]), textarea, select")) target.focus();
  else target.click();
  return true;
};

const go = (key) => {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
};

const list = () => {
  const dialog = document.getElementById("keys");
  if (dialog?.open) dialog.close();
  else dialog?.showModal();
};

const typed = (event) => {
  const { key } = event;
  const afterG = Date.now() - waiting < 1_500;
  waiting = key === "g" && !afterG ? Date.now() : 0;
  if (waiting) return true;
  if (afterG) return go(key);
  if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "o") current()?.querySelector(LINKS)?.click();
  else if (key === "?") list();
  else return /^[a-z1-9]$/.test(key) && press(key);
  return true;
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.target.closest("form[data-compose]")?.requestSubmit();
    return;
  }
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat;
  if (!on || busy || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]") && event.key !== "?") return;
  if (typed(event)) event.preventDefault();
});

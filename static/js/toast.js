// Toasts: dismissed by hand or after a while, never while pointed at or focused; failures of fragments; being offline.
const place = document.getElementById("toasts");
const SHORT = 8_000;
const WITH_UNDO = 16_000;

const watch = (toast) => {
  const close = toast.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  if (toast.hasAttribute("data-stays")) return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2_000) : toast.remove());
  setTimeout(leave, toast.querySelector("form") ? WITH_UNDO : SHORT);
};

const show = (id) => {
  const toast = document.getElementById(id)?.content.firstElementChild.cloneNode(true);
  if (!toast) return null;
  toast.id = `${id}-shown`;
  document.getElementById(toast.id)?.remove();
  place.append(toast);
  return toast;
};

new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".toast")) watch(node);
}).observe(place, { childList: true });
place.querySelectorAll(".toast").forEach(watch);

document.body.addEventListener("htmx:responseError", () => show("toast-failed"));
document.body.addEventListener("htmx:sendError", () => show("toast-failed"));
addEventListener("offline", () => show("toast-offline"));
addEventListener("online", () => document.getElementById("toast-offline-shown")?.remove());

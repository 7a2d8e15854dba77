// Focus and scroll after a page or a fragment has come: [data-autofocus], [data-scroll-here], [data-scroll-end].
const settle = (root) => {
  root.querySelector("[data-autofocus]")?.focus();
  const here = root.querySelector("[data-scroll-here]");
  if (here) here.scrollIntoView({ block: "center" });
  else root.querySelectorAll("[data-scroll-end]").forEach((pane) => { pane.scrollTop = pane.scrollHeight; });
};

settle(document);
document.body.addEventListener("htmx:afterSettle", (event) => settle(event.detail.elt));
// A row of settings that scrolls sideways on a phone shows where one is.
document.querySelector(".settings__nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// The choice of theme is seen before it is saved.
document.addEventListener("change", ({ target }) => {
  if (!target.matches('input[name="theme"], select[name="theme"]')) return;
  if (["light", "dark"].includes(target.value)) document.documentElement.dataset.theme = target.value;
  else delete document.documentElement.dataset.theme;
});

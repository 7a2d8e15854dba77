// form[data-compose] with data-quote-url, data-draft-url. Each element of a quote takes the place of the one with its id.
// [data-counter-for][data-max][data-words][data-over]; [data-draft-status][data-saved][data-kept]
const QUOTE_AFTER = 300;
const DRAFT_AFTER = 800;
const locale = document.documentElement.lang;
const later = (wait, act) => { let timer; return { soon: () => { clearTimeout(timer); timer = setTimeout(act, wait); }, stop: () => clearTimeout(timer) }; };
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const counters = (form) => {
  const announce = later(1_000, () => { document.getElementById("live").textContent = form.querySelector("[data-loud]")?.textContent ?? ""; });
  for (const counter of form.querySelectorAll("[data-counter-for]")) {
    const field = document.getElementById(counter.dataset.counterFor);
    const max = Number(counter.dataset.max);
    const { words, over } = counter.dataset;
    const count = (event) => {
      const used = [...field.value.normalize("NFC")].length;
      const shown = { used: used.toLocaleString(locale), max: max.toLocaleString(locale), over: (used - max).toLocaleString(locale) };
      counter.textContent = fill(used > max ? over : words, shown);
      counter.toggleAttribute("data-full", used > max);
      counter.toggleAttribute("data-loud", used >= max * 0.9);
      if (used > max) field.setAttribute("aria-invalid", "true");
      else if (event) field.removeAttribute("aria-invalid");
      if (event && used >= max * 0.9) announce.soon();
    };
    field.addEventListener("input", count);
    count();
  }
};

const quote = (form) => {
  let newest = 0;
  const ask = async () => {
    const mine = ++newest;
    const query = new URLSearchParams([...new FormData(form)].filter(([name]) => ["purpose", "channel", "sending_for"].includes(name)));
    const answer = await fetch(`${form.dataset.quoteUrl}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || mine !== newest) return;
    const parts = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    for (const part of [...parts.children]) place(part);
  };
  const asking = later(QUOTE_AFTER, ask);
  form.addEventListener("change", ({ target }) => ["purpose", "sending_for"].includes(target.name) && asking.soon());
  ["credits", "quote"].forEach((hint) => document.body.addEventListener(`postern:${hint}`, asking.soon));
};

const place = (part) => {
  const old = document.getElementById(part.id);
  if (!old) return;
  if (part.id !== "quote") {
    if (old.querySelector("[open]")) part.querySelector("details")?.setAttribute("open", "");
    old.replaceWith(part);
    return;
  }
  old.dataset.kind = part.dataset.kind;
  old.replaceChildren(...part.childNodes);
};

const draft = (form) => {
  const key = `draft:${form.dataset.draftUrl}`;
  const status = form.querySelector("[data-draft-status]") ?? document.querySelector("[data-draft-status]");
  const texts = () => [...form.elements].filter((field) => field.name && field.matches('input[type="text"], input:not([type]), textarea, select'));
  const say = (words) => { if (status && words) status.textContent = fill(words, { time: new Date().toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" }) }); };
  let changed = false;
  const keep = () => { localStorage.setItem(key, JSON.stringify(Object.fromEntries(texts().map((field) => [field.name, field.value])))); say(status?.dataset.kept); };
  const save = async () => {
    if (!changed) return;
    changed = false;
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => null);
    if (answer?.ok) { localStorage.removeItem(key); say(status?.dataset.saved); document.body.dispatchEvent(new Event("postern:quote")); } else { changed = true; keep(); }
  };
  const saving = later(DRAFT_AFTER, save);
  form.addEventListener("input", () => { changed = true; saving.soon(); });
  form.addEventListener("focusout", save);
  addEventListener("pagehide", save);
  addEventListener("online", save);
  form.addEventListener("submit", () => { changed = false; saving.stop(); localStorage.removeItem(key); });
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (kept) {
    texts().forEach((field) => { field.value = kept[field.name] ?? field.value; });
    changed = true;
    saving.soon();
  }
};

const start = (form) => {
  if (form.dataset.draftUrl) draft(form);
  counters(form);
  if (form.dataset.quoteUrl) quote(form);
  // One click, one send.
  form.addEventListener("submit", (event) => {
    const button = event.submitter ?? form.querySelector('[type="submit"]');
    if (button.getAttribute("aria-busy") === "true") event.preventDefault();
    else button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy")));
};

document.querySelectorAll("form[data-compose]").forEach(start);
document.body.addEventListener("postern:renewed", ({ detail }) => detail.querySelectorAll("form[data-compose]").forEach(start));

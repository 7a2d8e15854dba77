// Hints from the server become DOM events on body: postern:inbox, postern:credits, postern:conversation (detail.id),
// and postern:conversation:<id>. One tab holds the stream and passes hints on; without a stream pages poll.
// An element with an id and data-live="credits inbox" is fetched again from its own page when such a hint comes.
const QUIET = 60_000;
const POLL = 30_000;
const BEAT = 20_000;
const channel = new BroadcastChannel("postern");
const wanted = new Set();
let alive = Date.now();
let timer;

const raise = ({ changed, id }) => {
  const detail = { id };
  document.body.dispatchEvent(new CustomEvent(`postern:${changed}`, { detail }));
  if (id) document.body.dispatchEvent(new CustomEvent(`postern:${changed}:${id}`, { detail }));
  wanted.add(changed);
  if (id) wanted.add(`${changed}:${id}`);
  clearTimeout(timer);
  timer = setTimeout(refresh, 300);
};

const listens = (element) => element.dataset.live.split(" ").some((word) => wanted.has(word));

const refresh = async () => {
  const elements = [...document.querySelectorAll("[data-live][id]")].filter(listens);
  wanted.clear();
  if (!elements.length) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  // Signed out elsewhere.
  if (answer?.url.includes("/login/?next=")) location.reload();
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  elements.forEach((element) => renew(element, page.getElementById(element.id)));
};

// Each rendering carries its own CSRF token: it is no difference.
const plain = (element) => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll('[name="csrfmiddlewaretoken"]').forEach((field) => field.remove());
  return copy;
};

const touched = (element) => element.querySelector("details[open]")
  || [...element.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);

const announce = (line, element, fresh) => {
  if (!line) return;
  const isNew = (row) => !element.querySelector(`#${CSS.escape(row.id)}[data-unread]`);
  const count = [...fresh.querySelectorAll("[data-unread][id]")].filter(isNew).length;
  if (count && line.dataset.new) line.firstElementChild.textContent = line.dataset.new.replace("{n}", count);
  line.hidden = false;
};

const renew = (element, fresh) => {
  if (!fresh || !element.isConnected || plain(fresh).isEqualNode(plain(element))) return;
  const line = document.getElementById(element.dataset.liveLine ?? "");
  // Nothing moves under pointer or focus, and nothing typed or opened is lost: a line says that there is something new.
  if (touched(element) || (line && element.matches(":hover, :focus-within"))) { announce(line, element, fresh); return; }
  const pane = element.closest(".pane__scroll");
  const atEnd = pane && pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80;
  const says = fresh.dataset.sayOf !== element.dataset.sayOf && fresh.dataset.say;
  const focused = element.contains(document.activeElement) && document.activeElement.id;
  element.replaceWith(document.adoptNode(fresh));
  window.htmx?.process(fresh);
  document.body.dispatchEvent(new CustomEvent("postern:renewed", { detail: fresh }));
  if (focused) document.getElementById(focused)?.focus();
  if (atEnd && fresh.hasAttribute("data-live-end")) pane.scrollTop = pane.scrollHeight;
  if (says) document.getElementById("live").textContent = says;
};

const hear = (word) => {
  alive = Date.now();
  if (word.changed) raise(word);
};

const tell = (word) => { channel.postMessage(word); hear(word); };

let source;
const connect = () => {
  source = new EventSource(document.body.dataset.events);
  source.addEventListener("open", () => tell({}));
  source.addEventListener("message", ({ data }) => tell(JSON.parse(data)));
  // Lost connections come back by themselves; a refused one does not.
  source.addEventListener("error", () => source.readyState === EventSource.CLOSED && setTimeout(connect, QUIET));
};
const hold = () => new Promise(() => {
  connect();
  setInterval(() => source.readyState === EventSource.OPEN && tell({}), BEAT);
});

if (document.body.dataset.events) {
  channel.addEventListener("message", ({ data }) => hear(data));
  if (navigator.locks) navigator.locks.request("postern-stream", hold);
  else hold();
  setInterval(() => {
    if (Date.now() - alive < QUIET || document.hidden) return;
    ["inbox", "conversation", "credits", "order"].forEach((changed) => raise({ changed }));
  }, POLL);
}

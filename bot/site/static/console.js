// Comfort for the staff console; every page works without it. The keys are listed by "?" and can be switched off there.
const keys = document.getElementById("keys");
const on = document.getElementById("keys-on");
const opener = document.getElementById("show-keys");
const SWITCH = "console-keys";

function focus(element) {
  if (!element) return false;
  element.focus();
  element.scrollIntoView({ block: "nearest" });
  return true;
}

function move(step) {
  const links = [...document.querySelectorAll("[data-ticket]")];
  const now = links.indexOf(document.activeElement?.closest("tr")?.querySelector("[data-ticket]"));
  return focus(links[now < 0 ? (step > 0 ? 0 : links.length - 1) : now + step]);
}

const to = (id) => () => focus(document.getElementById(id));
const click = (selector) => () => document.querySelector(selector)?.click() ?? false;

function note() {
  const card = document.getElementById("note-card");
  if (card) card.open = true;
  return focus(document.getElementById("note"));
}

function choose() {
  const box = document.activeElement?.closest("tr")?.querySelector("[name=reference]");
  if (!box) return false;
  box.click();
  return true;
}

// What a colleague has is not taken by one key.
function take() {
  const button = document.querySelector("[data-action=claim]");
  if (button?.form.elements.from) return focus(button);
  return button?.click() ?? false;
}

const ACTIONS = {
  "/": to("search"),
  j: () => move(1),
  k: () => move(-1),
  x: choose,
  b: to("bulk-to"),
  r: to("reply"),
  c: to("canned"),
  n: note,
  t: take,
  a: to("to"),
  p: to("priority"),
  g: to("tags"),
  s: to("until"),
  m: to("into"),
  e: to("resolve-next"),
  u: click("#back"),
};

function pressed(event) {
  const typing = event.target.closest("input:not([type='checkbox']), textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !on.checked) return;
  if (event.key === "?") keys.showModal();
  else if (!Object.hasOwn(ACTIONS, event.key) || ACTIONS[event.key]() === false) return;
  event.preventDefault();
}

if (keys) {
  on.checked = localStorage.getItem(SWITCH) !== "off";
  on.addEventListener("change", () => localStorage.setItem(SWITCH, on.checked ? "on" : "off"));
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
  document.addEventListener("keydown", pressed);
}

// On a phone what is chosen of a line that is pushed aside is in sight.
for (const link of document.querySelectorAll(".bar-links [aria-current], .chips [aria-current]")) {
  const line = link.closest(".bar-links, .chips");
  line.scrollLeft += link.getBoundingClientRect().right - line.getBoundingClientRect().right + 40;
}

// What is chosen in the queue: all of a page, from here to there with Shift, and how many that are.
const boxes = () => [...document.querySelectorAll(".tickets [name=reference]")];
let last = "";

function countChosen() {
  const [all, told] = [document.getElementById("choose-all"), document.getElementById("chosen")];
  const [there, chosen] = [boxes(), boxes().filter((box) => box.checked)];
  if (all) {
    all.checked = there.length > 0 && chosen.length === there.length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  if (!told) return;
  const gone = Number(told.dataset.gone || 0);
  const left = gone ? ` (${gone} chosen before ${gone === 1 ? "is" : "are"} not here any more)` : "";
  const news = chosen.filter((box) => box.parentElement.querySelector("[data-now]")).length;
  const text = `With ${chosen.length || "those"} chosen${news ? `, ${news} with news` : ""}${left}:`;
  if (told.textContent !== text) told.textContent = text;
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "choose-all") for (const box of boxes()) box.checked = target.checked;
  else if (target.name !== "reference") return;
  document.getElementById("chosen")?.removeAttribute("data-gone");
  countChosen();
});
document.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.matches?.(".tickets [name=reference]")) return;
  const all = boxes();
  const [from, to] = [all.findIndex((box) => box.value === last), all.indexOf(target)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const box of all.slice(from, to + 1)) box.checked = target.checked;
  last = target.value;
});
document.addEventListener("shown", countChosen);
countChosen();

// A second click sends nothing twice.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  else if (event.target.method === "post") event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What is typed outlives a reload, another button, a lost session and a closed laptop, in this tab only; it goes once it has
// been sent: the page that says so names the field, and the ticket where that is another one.
const here = location.pathname.replace(/(\/tickets\/[^/]+|\/answers)\/.*/, "$1");
const draftOf = (page, field) => `draft ${page} ${field}`;
for (const { dataset } of document.querySelectorAll(".told[data-sent]")) {
  const page = dataset.of ? `/console/tickets/${dataset.of}` : here;
  if (dataset.sent) sessionStorage.removeItem(draftOf(page, dataset.sent));
}
const DRAFTED = "textarea:not([data-no-draft])";

function restore(part) {
  for (const area of part.querySelectorAll(DRAFTED)) {
    const kept = sessionStorage.getItem(draftOf(here, area.id));
    if (area.value || !kept) continue;
    area.value = kept;
    area.closest("details")?.setAttribute("open", "");
  }
}

restore(document);
document.addEventListener("shown", ({ target }) => restore(target));
document.addEventListener("input", ({ target }) => {
  if (target.matches(DRAFTED)) sessionStorage.setItem(draftOf(here, target.id), target.value);
});

// A canned answer goes where the cursor is, without asking the site.
document.addEventListener("click", (event) => {
  if (event.target.id !== "fill") return;
  event.preventDefault();
  const text = document.getElementById("canned").selectedOptions[0].dataset.text;
  const area = document.getElementById("reply");
  if (!text) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});

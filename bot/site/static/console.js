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
  const now = links.indexOf(document.activeElement);
  return focus(links[now < 0 ? (step > 0 ? 0 : links.length - 1) : now + step]);
}

const ACTIONS = {
  "/": () => focus(document.getElementById("search")),
  j: () => move(1),
  k: () => move(-1),
  r: () => focus(document.getElementById("reply")),
  u: () => document.getElementById("back")?.click() ?? false,
};

function pressed(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !on.checked) return;
  if (event.key === "?") keys.showModal();
  else if (!ACTIONS[event.key] || ACTIONS[event.key]() === false) return;
  event.preventDefault();
}

if (keys) {
  on.checked = localStorage.getItem(SWITCH) !== "off";
  on.addEventListener("change", () => localStorage.setItem(SWITCH, on.checked ? "on" : "off"));
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
  document.addEventListener("keydown", pressed);
}

// A second click sends nothing twice.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  else if (event.target.method === "post") event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What is typed outlives a reload, a lost session and a closed laptop, in this tab only; it goes once it has been sent.
const told = document.querySelector(".told.good");
for (const area of document.querySelectorAll("textarea")) {
  const place = `draft ${location.pathname.replace(/\/(reply|resolve|note)$/, "")} ${area.id}`;
  if (told) sessionStorage.removeItem(place);
  else if (!area.value) area.value = sessionStorage.getItem(place) ?? "";
  area.addEventListener("input", () => sessionStorage.setItem(place, area.value));
}

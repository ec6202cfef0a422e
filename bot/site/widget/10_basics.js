// Small helpers, and storage that may be forbidden. WORDS comes from words/, see bot/site/widget_script.py.
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
};

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const counted = (forms, count) => {
  const form = new Intl.PluralRules(WORDS.language).select(count);
  return fill(forms[form] ?? forms.other, { count });
};
// Days and times as the reader writes them, in the language of the words around them.
const LOCALE = navigator.language.split("-")[0] === WORDS.language ? navigator.language : WORDS.language;
// What writes moments so, made when it is first wanted: that takes a browser longer than all else about a message.
const momentFormat = (options) => {
  let format = null;
  return (moment) => {
    format ??= new Intl.DateTimeFormat(LOCALE, options);
    return format.format(moment);
  };
};
const asTime = momentFormat({ hour: "2-digit", minute: "2-digit" });
const asFullTime = momentFormat({ dateStyle: "full", timeStyle: "short" });
const asShortTime = momentFormat({ dateStyle: "medium", timeStyle: "short" });
const asDay = momentFormat({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
// A field that takes what is pasted whole and then says that it is too long: cut off, its end would be lost unseen.
const MOST_CHARACTERS = 2000; // that the site takes
const limited = (field, value = "") => {
  const check = () => field.setCustomValidity([...field.value.trim()].length > MOST_CHARACTERS ? WORDS.tooLong : "");
  field.addEventListener("input", check);
  field.value = value;
  check();
  return field;
};
// A keyboard on the screen would cover what is to be read.
const TOUCH = matchMedia("(pointer: coarse)");

const ICONS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-5 4.5V16A2 2 0 0 1 4 14z",
  clip: "M20 11.5l-8.2 8.2a5 5 0 0 1-7-7l8.5-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.5a1.7 1.7 0 0 1-2.4-2.4l7.9-7.8",
  close: "M6 6l12 12M18 6L6 18",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  letter: "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM3.5 7.5l8.5 6 8.5-6",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  send: "M4 12h14M12 5l7 7-7 7",
};
const icon = (name) => {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
};

const newId = () => {
  if (crypto.randomUUID) return crypto.randomUUID(); // only on secure pages
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

const keep = (area) => {
  const held = new Map(); // what the browser does not keep for this page lasts as long as the page
  const full = (name) => `credential-assistant ${SITE} ${name}`;
  return {
    get: (name) => {
      try {
        return window[area].getItem(full(name)) ?? held.get(name) ?? null;
      } catch {
        return held.get(name) ?? null;
      }
    },
    set: (name, value) => {
      held.delete(name);
      try {
        if (value == null) window[area].removeItem(full(name));
        else window[area].setItem(full(name), value);
      } catch {
        if (value != null) held.set(name, value);
      }
    },
  };
};
const kept = keep("localStorage");
const keptInTab = keep("sessionStorage");
// A list that was kept, [] where there is none or somebody else has written there.
const listIn = (area, name) => {
  try {
    const found = JSON.parse(area.get(name));
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
};
const keepList = (area, name, list) => area.set(name, list.length ? JSON.stringify(list) : null);

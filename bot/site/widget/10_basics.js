// Words, small helpers, and storage that may be forbidden.
const WORDS = {
  language: "en",
  title: "Credential assistant",
  open: "Open the chat",
  close: "Close the chat",
  question: "Your question",
  placeholder: "Ask about your badge …",
  send: "Send",
  more: "More",
  copy: "Copy conversation",
  print: "Print conversation",
  restart: "Start again",
  copied: "Copied.",
  notCopied: "Copying is not allowed here.",
  replies: "Suggested replies",
  related: "Related questions",
  helpful: "Was this helpful?",
  yes: "Yes",
  no: "No",
  thanks: "Thank you.",
  comment: "What was missing? (optional)",
  sendComment: "Send comment",
  retry: "Try again",
  notSent: "Not sent.",
  network: "No connection. Please check your network.",
  offline: "You are offline. What you write is sent when you are back.",
  failed: "Something went wrong. Please try again.",
  ended: "A new conversation has begun.",
  form: "Write to the certification team",
  formHint: "The assistant does not answer at the moment. The certification team can.",
  email: "Your e-mail address",
  about: "What is it about?",
  formSend: "Send to the team",
  cancel: "Cancel",
  filed: (reference) => `Thank you. Your reference is ${reference}. The team answers by e-mail.`,
  unread: (count) => `${count} new ${count === 1 ? "message" : "messages"}`,
  roles: { user: "You", bot: "Assistant", staff: "Certification team" },
};

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
};

const ICONS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-5 4.5V16A2 2 0 0 1 4 14z",
  close: "M6 6l12 12M18 6L6 18",
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

const keep = (area) => ({
  get: (name) => {
    try {
      return window[area].getItem(`credential-assistant ${SITE} ${name}`);
    } catch {
      return null;
    }
  },
  set: (name, value) => {
    try {
      if (value == null) window[area].removeItem(`credential-assistant ${SITE} ${name}`);
      else window[area].setItem(`credential-assistant ${SITE} ${name}`, value);
    } catch {
      /* private windows may keep nothing */
    }
  },
});
const kept = keep("localStorage");
const keptInTab = keep("sessionStorage");

// Builds what the site's safe HTML says, element by element: no text of any page is ever handed to the HTML parser, so
// Trusted Types have nothing to forbid, and nothing comes of a tag that bot/content/markdown.py does not make.
const TAGS = new Set(["p", "strong", "em", "ul", "ol", "li", "a", "br", "code", "blockquote"]);
const CHARACTERS = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };
const PIECES = /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"]*")*)\s*\/?>|[^<]+|</g;

const decoded = (text) =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/gi, (whole, hex, decimal, name) => {
    if (name) return CHARACTERS[name] ?? whole;
    const number = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return number <= 0x10ffff ? String.fromCodePoint(number) : whole;
  });

const link = (attributes) => {
  const address = decoded(/\shref="([^"]*)"/.exec(attributes)?.[1] ?? "");
  const safe = /^(https?:|mailto:)/i.test(address);
  return safe ? make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }) : make("span");
};

const fragment = (html) => {
  const whole = document.createDocumentFragment();
  const open = [whole];
  for (const [piece, closing, tag, attributes] of html.matchAll(PIECES)) {
    if (!tag) open.at(-1).append(decoded(piece));
    else if (!TAGS.has(tag)) continue;
    else if (closing) open.length > 1 && open.pop();
    else {
      const element = tag === "a" ? link(attributes) : make(tag);
      open.at(-1).append(element);
      if (tag !== "br") open.push(element);
    }
  }
  return whole;
};

// The words of safe HTML; with the addresses of its links where they cannot be followed.
const plain = (html, addresses = false) => {
  const whole = fragment(html);
  const named = [...whole.querySelectorAll("a")].filter((one) => one.textContent !== one.href.replace("mailto:", ""));
  if (addresses) for (const one of named) one.append(` (${one.href})`);
  return whole.textContent.trim();
};

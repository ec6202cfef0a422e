// The search of the answers, in place of the conversation.
const TYPING = 250; // milliseconds after the last key before the site is asked

class AnswerSearch {
  // `close` is called when one wants back.
  constructor(close) {
    this.asked = 0;
    this.input = make("input", { type: "search", id: "words", maxlength: "200", autocomplete: "off", dir: "auto" });
    this.status = make("p", { role: "status" });
    this.list = make("div");
    const field = make("form", { role: "search" }, make("label", { for: "words" }, WORDS.searchField), this.input);
    const back = make("button", { type: "button", onclick: close }, WORDS.back);
    this.first = this.input;
    this.element = make(
      "section",
      { class: "search", "aria-label": WORDS.search },
      back,
      field,
      this.status,
      this.list,
    );
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), TYPING);
    });
    field.addEventListener("submit", (event) => {
      event.preventDefault();
      this.look();
    });
  }

  async look() {
    clearTimeout(this.timer);
    this.asked += 1;
    const { asked } = this;
    const words = this.input.value.trim();
    let [faqs, said] = [[], ""];
    try {
      if (words) ({ faqs } = await call("GET", `/api/faqs?q=${encodeURIComponent(words)}`));
      if (words) said = faqs.length ? counted(WORDS.found, faqs.length) : WORDS.nothingFound;
    } catch (problem) {
      said = problem.message;
    }
    if (asked !== this.asked) return; // something else is wanted by now
    this.status.textContent = said;
    this.list.replaceChildren(...faqs.map(answered));
  }
}

const answered = ({ question, html, url }) =>
  make(
    "details",
    { lang: "en", dir: "auto" },
    make("summary", {}, question),
    fragment(html),
    make("p", {}, make("a", { href: url, target: "_blank", rel: "noopener", lang: WORDS.language }, WORDS.link)),
  );

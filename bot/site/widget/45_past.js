// Earlier conversations of an address that this one has proven, in place of the conversation, to be read only.
class PastConversations {
  // `close` is called when one wants back.
  constructor(close) {
    this.status = make("p", { role: "status" });
    this.list = make("div");
    this.first = make("button", { type: "button", onclick: close }, WORDS.back);
    this.element = make("section", { class: "search", "aria-label": WORDS.past }, this.first, this.status, this.list);
    this.look();
  }

  async look() {
    try {
      const { conversations } = await call("GET", "/api/conversations/past");
      this.status.textContent = conversations.length ? WORDS.past : WORDS.noPast;
      this.list.append(...conversations.map((one) => this.item(one)));
    } catch (problem) {
      this.status.textContent = problem.message;
    }
  }

  item({ id, at, opening }) {
    const time = make("time", { datetime: at }, asShortTime(new Date(at)));
    const head = make("summary", {}, time, " ", make("bdi", {}, opening));
    const item = make("details", {}, head);
    item.addEventListener("toggle", async () => {
      if (!item.open || item.lastChild !== head) return;
      try {
        const { messages } = await call("GET", `/api/conversations/past/${id}`);
        if (item.lastChild === head) item.append(...messages.map(line));
      } catch (problem) {
        this.status.textContent = problem.message;
      }
    });
    return item;
  }
}

const line = ({ role, html, text }) =>
  make("div", { dir: "auto" }, make("strong", {}, `${WORDS.roles[role]}: `), html ? fragment(html) : text);

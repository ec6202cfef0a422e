// Draws the messages; everything a screen reader has to say goes through one live region.
const GROUPED = 5 * 60000; // messages of one side so close together show one time

class View {
  constructor(conversation, log, announcer, send) {
    Object.assign(this, { conversation, log, announcer, send, drawn: new Map() });
    this.dots = make("div", { class: "typing", "aria-hidden": "true" }, make("span"), make("span"), make("span"));
    conversation.addEventListener("change", () => this.draw());
    conversation.addEventListener("restart", () => {
      this.drawn.clear();
      this.log.replaceChildren();
    });
    conversation.addEventListener("news", ({ detail }) => this.announce(detail));
  }

  draw() {
    const { messages } = this.conversation;
    let added = null;
    messages.forEach((message, index) => {
      let item = this.drawn.get(message);
      if (!item) {
        if (message.role === "user") this.retire();
        item = this.item(message);
        this.drawn.set(message, item);
        this.log.append(item);
        added = message;
      }
      this.state(item, message);
      const next = messages[index + 1];
      item.classList.toggle("grouped", Boolean(next && next.role === message.role && gap(message, next) < GROUPED));
    });
    if (added && added.role !== "user") this.offer(messages);
    if (this.conversation.waiting) this.log.append(this.dots);
    else this.dots.remove();
    if (added) this.scroll(added);
  }

  item(message) {
    const bubble = make("div", { class: "bubble" });
    if (message.role === "user") bubble.textContent = message.text;
    else bubble.innerHTML = message.html; // made safe by the server (bot/content/)
    const name = make(
      "span",
      { class: message.role === "staff" ? "name" : "hidden" },
      `${WORDS.roles[message.role]}: `,
    );
    const item = make("div", { class: `item ${message.role}` }, name, bubble);
    const at = message.at ? new Date(message.at) : new Date();
    const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    item.append(make("time", { datetime: at.toISOString(), title: at.toLocaleString() }, time));
    return item;
  }

  state(item, message) {
    item.classList.toggle("sending", message.state === "sending");
    const shown = item.querySelector(".problem");
    if (message.state !== "failed") return shown?.remove();
    if (shown) return;
    const retry = make("button", { type: "button", onclick: () => this.conversation.deliver(message) }, WORDS.retry);
    const text = `${WORDS.notSent} ${message.problem.message} `;
    item.append(make("div", { class: "problem" }, make("span", {}, text), retry));
    this.say(text);
  }

  // Buttons of the last turn, related questions, and whether it helped.
  offer(messages) {
    this.retire();
    const turn = messages.slice(messages.findLastIndex((message) => message.role === "user") + 1);
    const buttons = turn.flatMap((message) => message.buttons || []);
    const related = turn.flatMap((message) => message.suggestions || []);
    if (buttons.length) this.log.append(this.choices(buttons, WORDS.replies, ""));
    const answer = turn.filter((message) => message.utterance?.startsWith("utter_faq/")).pop();
    if (answer && answer.rated === undefined) this.log.append(this.question(answer));
    if (related.length && !buttons.length) this.log.append(this.choices(related, WORDS.related, "related"));
  }

  choices(buttons, label, kind) {
    const group = make("div", { class: `choices ${kind}`, role: "group", "aria-label": label });
    if (kind) group.append(make("p", { "aria-hidden": "true" }, label));
    for (const { title, payload } of buttons) {
      group.append(make("button", { type: "button", onclick: () => this.send({ payload }, title) }, title));
    }
    return group;
  }

  question(message) {
    const box = make(
      "div",
      { class: "helpful", role: "group", "aria-label": WORDS.helpful },
      make("span", {}, WORDS.helpful),
    );
    for (const [title, helpful] of [
      [WORDS.yes, true],
      [WORDS.no, false],
    ]) {
      box.append(make("button", { type: "button", onclick: () => this.rated(box, message, helpful) }, title));
    }
    return box;
  }

  async rated(box, message, helpful) {
    try {
      await this.conversation.rate(message, helpful);
    } catch (problem) {
      return this.say(problem.message);
    }
    this.say(WORDS.thanks);
    if (helpful) {
      box.replaceChildren(make("span", {}, WORDS.thanks));
      return this.log.focus();
    }
    const comment = make("textarea", { rows: "2", maxlength: "2000" });
    const form = make("form", {}, make("label", {}, WORDS.comment, comment), make("button", {}, WORDS.sendComment));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = comment.value.trim();
      if (text) await this.conversation.rate(message, helpful, text).catch((problem) => this.say(problem.message));
      box.replaceChildren(make("span", {}, WORDS.thanks));
      this.log.focus();
    });
    box.replaceChildren(form);
    comment.focus();
  }

  retire() {
    for (const group of this.log.querySelectorAll(".choices, .helpful")) group.remove();
  }

  announce(messages) {
    const said = messages.map(({ role, html }) => `${WORDS.roles[role]}: ${plain(html)}`);
    this.say(said.join(" "));
  }

  say(text) {
    const said = make("p", {}, text);
    this.announcer.append(said);
    setTimeout(() => said.remove(), 5000); // long enough to be spoken, not there to be read twice
  }

  // Shows the end, or, where an answer is longer than the view, its beginning below the question.
  scroll(message) {
    const items = [...this.log.querySelectorAll(".item")];
    const question = items.filter((item) => item.classList.contains("user")).pop();
    if (!question || message.role === "staff") {
      this.log.scrollTop = this.log.scrollHeight;
      return;
    }
    const box = question.getBoundingClientRect();
    const above = box.bottom - this.log.getBoundingClientRect().top + this.log.scrollTop;
    this.log.scrollTop = above - Math.min(box.height, 96) - 16;
  }
}

const gap = (earlier, later) => Math.abs(new Date(later.at) - new Date(earlier.at));
// The words of safe HTML; with the addresses of its links where they cannot be followed.
const plain = (html, addresses = false) => {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const named = [...body.querySelectorAll("a")].filter((link) => link.textContent !== link.href.replace("mailto:", ""));
  if (addresses) for (const link of named) link.append(` (${link.href})`);
  return body.textContent.trim();
};

// Draws the messages; everything a screen reader has to say goes through one live region.
const WAS_FOR_ASSISTANT = "/for_assistant"; // an offer about words just passed on; gone once the team has written again
const NEAR = 48; // pixels above the end that count as being there
const GROUPED = 5 * 60000; // messages of one side so close together show one time

class View {
  constructor(conversation, log, announcer, send) {
    Object.assign(this, { conversation, log, announcer, send, drawn: new Map() });
    this.dots = make("div", { class: "typing", "aria-hidden": "true" }, make("span"), make("span"), make("span"));
    this.below = make("button", { type: "button", class: "below", onclick: () => this.scroll(this.newest) });
    this.unseen = 0;
    log.addEventListener("scroll", () => this.fromEnd() < NEAR && this.seen());
    conversation.addEventListener("change", () => this.draw());
    conversation.addEventListener("redraw", () => {
      this.drawn.clear();
      this.unseen = 0;
      this.log.replaceChildren();
    });
    conversation.addEventListener("news", ({ detail }) => this.announce(detail));
    new ResizeObserver(() => this.keepEnd()).observe(log);
  }

  // Where the end was in view it stays there when something takes its room: a notice, a longer draft, a keyboard.
  keepEnd() {
    const { height = 0, log } = this;
    if (log.clientHeight < height && log.scrollHeight - log.scrollTop - height <= 1) log.scrollTop = log.scrollHeight;
    this.height = log.clientHeight;
  }

  fromEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
  }

  seen() {
    this.unseen = 0;
    this.below.remove();
  }

  // Who reads above stays there: that there is news below is told, and one press away.
  draw() {
    const { messages, fromElsewhere } = this.conversation;
    const above = fromElsewhere && this.fromEnd() >= NEAR;
    let added = null;
    messages.forEach((message, index) => {
      let item = this.drawn.get(message);
      if (!item) {
        if (asked(message)) this.retire();
        item = this.item(message);
        this.drawn.set(message, item);
        if (index === 0 || dayOf(message) !== dayOf(messages[index - 1])) this.log.append(separator(message));
        this.log.append(item);
        added = message;
        if (message.role !== "user") this.unseen += 1;
      }
      this.state(item, message);
      const next = messages[index + 1];
      item.classList.toggle("grouped", Boolean(next && next.role === message.role && gap(message, next) < GROUPED));
    });
    if (added && added.role !== "user") this.offer(messages);
    if (this.conversation.waiting) this.log.append(this.dots);
    else this.dots.remove();
    if (added) this.newest = added;
    if (added && !above) this.scroll(added);
    else if (added && this.unseen) {
      this.below.textContent = `↓ ${counted(WORDS.unread, this.unseen)}`;
      this.log.append(this.below);
    }
  }

  item(message) {
    const language = message.role === "bot" && message.html ? "en" : null; // what the assistant says, whatever WORDS are in
    const bubble = make("div", { class: "bubble", dir: "auto", lang: language });
    bubble.append(message.html ? fragment(message.html) : message.text);
    const name = make(
      "span",
      { class: message.role === "staff" ? "name" : "hidden" },
      `${WORDS.roles[message.role]}: `,
    );
    const item = make("div", { class: `item ${message.role}` }, name, bubble);
    const at = momentOf(message);
    item.append(make("time", { datetime: at.toISOString(), title: asFullTime(at) }, asTime(at)));
    return item;
  }

  state(item, message) {
    if (message.files?.length && !item.querySelector(".files")) this.files(item, message);
    item.classList.toggle("sending", message.state === "sending");
    const shown = item.querySelector(".problem");
    if (message.state !== "failed") return shown?.remove();
    const { away } = message.problem;
    const text = away && away !== "page" ? `${WORDS.notYet} ` : `${WORDS.notSent} ${message.problem.message} `;
    if (shown?.firstChild.textContent === text) return;
    shown?.remove();
    item.append(make("div", { class: "problem" }, make("span", {}, text), this.afterFailure(item, message)));
    if (message === this.conversation.messages.at(-1)) this.log.scrollTop = this.log.scrollHeight;
    this.say(text);
  }

  // A file that the site has refused would be refused again.
  afterFailure(item, message) {
    const refused = message.file && message.problem.status === 400;
    const remove = () => {
      item.remove();
      this.conversation.remove(message);
      this.log.focus();
    };
    const press = refused ? remove : () => this.conversation.deliver(message);
    return make("button", { type: "button", onclick: press }, refused ? WORDS.remove : WORDS.retry);
  }

  // What came with a message, or is all of it.
  files(item, { file, utterance, files }) {
    const bubble = item.querySelector(".bubble");
    if (file || utterance === "file") bubble.replaceChildren();
    bubble.append(...files.map((file) => fileButton(file, (text) => this.say(text))));
  }

  // Buttons of the last turn, related questions, and whether it helped.
  offer(messages) {
    this.retire();
    const turn = messages.slice(messages.findLastIndex(asked) + 1);
    const fromTeam = turn.findLastIndex((message) => message.role === "staff");
    const standing = ({ payload }, index) => index >= fromTeam || payload !== WAS_FOR_ASSISTANT;
    const buttons = turn.flatMap(({ buttons }, index) => (buttons || []).filter((one) => standing(one, index)));
    const related = turn.flatMap((message) => message.suggestions || []);
    if (buttons.length) this.log.append(this.choices(buttons, WORDS.replies, ""));
    const answer = turn.filter((message) => message.utterance?.startsWith("utter_faq/")).pop();
    if (answer && answer.helpful == null) this.log.append(this.question(answer));
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
      return this.notRated(box, problem);
    }
    this.say(WORDS.thanks);
    if (helpful) {
      box.replaceChildren(make("span", {}, WORDS.thanks));
      return this.log.focus();
    }
    const comment = limited(make("textarea", { rows: "2", dir: "auto" }));
    const form = make("form", {}, make("label", {}, WORDS.comment, comment), make("button", {}, WORDS.sendComment));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = comment.value.trim();
      try {
        if (text) await this.conversation.rate(message, helpful, text);
      } catch (problem) {
        return this.notRated(box, problem);
      }
      box.replaceChildren(make("span", {}, WORDS.thanks));
      this.log.focus();
    });
    box.replaceChildren(form);
    comment.focus();
  }

  // Said beside what can be pressed once more.
  notRated(box, { message }) {
    box.querySelector(".problem")?.remove();
    box.append(make("p", { class: "problem" }, message));
    this.say(message);
  }

  retire() {
    for (const group of this.log.querySelectorAll(".choices, .helpful")) group.remove();
  }

  announce(messages) {
    const said = messages.map(({ role, html, text }) => `${WORDS.roles[role]}: ${html ? plain(html) : text}`);
    const choices = messages.flatMap(({ buttons }) => buttons || []).map(({ title }) => title);
    if (choices.length) said.push(`${WORDS.replies}: ${choices.join(", ")}`);
    this.say(said.join(" "));
  }

  say(text) {
    const said = make("p", {}, text);
    this.announcer.append(said);
    setTimeout(() => said.remove(), 5000); // long enough to be spoken, not there to be read twice
  }

  // What was said last begins in sight, however little room is left.
  showLast() {
    const last = [...this.log.querySelectorAll(".item")].at(-1);
    if (!last) return;
    const [view, box] = [this.log, last].map((one) => one.getBoundingClientRect());
    if (box.top < view.top || box.top > view.bottom - 24) this.log.scrollTop += box.top - view.top - 8;
  }

  // Shows the end, or, where an answer is longer than the view, its beginning below the question; of a greeting too.
  scroll(message) {
    this.seen();
    const items = [...this.log.querySelectorAll(".item")];
    if (items.length === 1) return;
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

// A file asks nothing: what was asked before it still stands.
const asked = ({ role, file, utterance }) => role === "user" && !file && utterance !== "file";
const momentOf = (message) => (message.at ? new Date(message.at) : new Date());
const gap = (earlier, later) => Math.abs(momentOf(later) - momentOf(earlier));
const dayOf = (message) => momentOf(message).toDateString();
const separator = (message) => {
  const day = momentOf(message);
  const ago = Math.round((new Date(dayOf(message)) - new Date(new Date().toDateString())) / 86400000);
  const near = () => new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" }).format(ago, "day");
  return make("p", { class: "day" }, ago > -2 ? near() : asDay(day));
};

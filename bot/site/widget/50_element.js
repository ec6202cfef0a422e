// <credential-assistant>: the panel, its launcher, its menu, and what takes the conversation's place.
const FULL_SCREEN = "(max-width: 30rem), (max-height: 30rem)"; // as in style.css

class CredentialAssistant extends HTMLElement {
  static observedAttributes = ["identity-token"];

  connectedCallback() {
    if (this.conversation) {
      this.conversation.attach();
      this.conversation.look();
      return;
    }
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [SHEET];
    this.heading = this.getAttribute("heading") || WORDS.title;
    this.floating = (this.getAttribute("position") || "inline") !== "inline";
    this.conversation = new Conversation(this.getAttribute("identity-token") || "");
    this.conversation.attach();
    this.alerts = new Alerts();
    this.build(root);
    this.conversation.addEventListener("change", () => this.update());
    this.conversation.addEventListener("restarted", () => this.notice(WORDS.ended));
    this.conversation.addEventListener("news", ({ detail }) => this.count(detail.length));
    this.conversation.addEventListener("news", ({ detail }) => this.alerts.tell(detail.length, !this.panel.hidden));
    addEventListener("offline", () => this.notice(WORDS.offline));
    addEventListener("online", () => this.notice(""));
    if (!navigator.onLine) this.notice(WORDS.offline);
    const wanted = this.hasAttribute("open") || keptInTab.get("open") === "yes";
    if (!this.floating || wanted) this.show(false);
    else if (this.conversation.begun) this.conversation.open().catch(() => {});
  }

  disconnectedCallback() {
    this.conversation.detach();
  }

  attributeChangedCallback(_name, before, now) {
    if (!this.conversation || before === now) return;
    this.conversation.become(now || "").then((other) => {
      if (!other) return;
      this.input.value = "";
      this.ticket?.cancel();
    });
  }

  build(root) {
    this.unread = 0;
    this.log = make("div", {
      class: "log",
      role: "log",
      "aria-live": "off",
      "aria-label": WORDS.conversation,
      tabindex: "0",
    });
    this.announcer = make("div", { class: "hidden", "aria-live": "polite" });
    this.status = make("div", { class: "status", role: "status" });
    this.input = limited(
      make("textarea", { id: "text", rows: "1", placeholder: WORDS.placeholder, dir: "auto" }),
      this.conversation.isOther() ? "" : (keptInTab.get("draft") ?? ""),
    );
    const send = make("button", { type: "submit", class: "send", "aria-label": WORDS.send }, icon("send"));
    this.form = make(
      "form",
      { class: "composer" },
      make("label", { for: "text", class: "hidden" }, WORDS.question),
      this.input,
      ...filePicker(root, (file) => this.conversation.sendFile(file)),
      send,
    );
    const region = this.floating
      ? { role: "dialog", "aria-label": this.heading }
      : { role: "region", "aria-label": this.heading };
    this.panel = make(
      "section",
      { class: "panel", lang: WORDS.language, dir: WORDS.direction, ...region },
      this.head(),
      this.log,
      this.status,
      this.form,
      this.announcer,
    );
    this.view = new View(this.conversation, this.log, this.announcer, (body, shown) => this.press(body, shown));
    root.append(this.panel);
    if (this.floating) {
      this.launcher = this.makeLauncher();
      root.append(this.launcher);
      this.panel.hidden = true;
      for (const change of ["resize", "scroll"]) visualViewport?.addEventListener(change, () => this.fit());
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => {
      keptInTab.set("draft", this.input.value || null);
      this.grow();
      if (this.input.validationMessage !== this.tooLong) this.update();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.escape(event);
      else if (event.key === "Tab" && this.floating && matchMedia(FULL_SCREEN).matches) this.stay(event);
    });
  }

  head() {
    const item = (text, work, attributes = {}) => {
      const close = () => {
        this.menu.open = false;
        summary.focus(); // lest it is lost with the menu
        work();
      };
      return make("button", { type: "button", onclick: close, ...attributes }, text);
    };
    const [summary, items] = [
      make("summary", { "aria-label": WORDS.more }, icon("more")),
      make("div", { class: "items" }),
    ];
    this.menu = make("details", { class: "menu" }, summary, items);
    const wished = item(WORDS.alert, () => this.turnAlerts(), { "aria-pressed": String(this.alerts.wished) });
    this.wished = wished;
    items.append(
      item(WORDS.search, () => this.showInstead(AnswerSearch)),
      item(WORDS.write, () => this.showForm()),
      item(WORDS.past, () => this.showInstead(PastConversations)),
      item(WORDS.mail, () => this.mail()),
      item(WORDS.copy, () => this.copy()),
      item(WORDS.print, () => this.print()),
      wished,
      item(WORDS.restart, () => this.restart()),
    );
    this.menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.menu.contains(relatedTarget)) this.menu.open = false;
    });
    const button = (text, name, work) =>
      make("button", { type: "button", class: "icon", "aria-label": text, title: text, onclick: work }, icon(name));
    const letter = button(WORDS.write, "letter", () => this.showForm());
    const head = make("header", {}, make("h2", {}, this.heading), letter, this.menu);
    if (this.floating) head.append(button(WORDS.close, "close", () => this.hide()));
    return head;
  }

  turnAlerts() {
    this.alerts.turn(!this.alerts.wished);
    this.wished.setAttribute("aria-pressed", String(this.alerts.wished));
    this.rest();
  }

  makeLauncher() {
    this.badge = make("span", { class: "badge", hidden: true });
    const greeting = this.getAttribute("greeting");
    this.name = greeting ? `${greeting} ${WORDS.open}` : WORDS.open; // what is read there is part of its name
    const launcher = make(
      "button",
      {
        type: "button",
        class: "launcher",
        lang: WORDS.language,
        dir: WORDS.direction,
        "aria-label": this.name,
        onclick: () => this.show(true),
      },
      icon("chat"),
      this.badge,
    );
    if (greeting) launcher.append(make("span", { class: "teaser" }, greeting));
    return launcher;
  }

  show(focus) {
    if (this.floating) {
      this.panel.hidden = false;
      this.launcher.hidden = true;
      keptInTab.set("open", "yes");
      this.count(-this.unread);
    }
    this.conversation.attended = true;
    this.conversation.lastNews = Date.now();
    this.alerts.seen();
    this.begin();
    if (!this.ticket && listIn(keptInTab, "form").some(Boolean)) this.openForm();
    this.grow();
    if (focus) this.rest();
  }

  // Where the focus belongs when nothing else is wanted: where one writes, unless a keyboard would come up there.
  rest() {
    if (this.ticket) this.ticket.focus();
    else if (TOUCH.matches) this.log.focus({ preventScroll: true });
    else this.input.focus();
  }

  // Where a keyboard on the screen covers a part of the window, the panel that fills it has the rest.
  fit() {
    const { height, offsetTop, scale } = visualViewport;
    const covered = scale < 1.01 && height < innerHeight - 1; // a zoom by the fingers covers nothing
    this.panel.style.setProperty("--seen", covered ? `${height}px` : "");
    this.panel.style.setProperty("--seen-from", covered ? `${offsetTop}px` : "");
  }

  hide() {
    this.panel.hidden = true;
    this.launcher.hidden = false;
    this.conversation.attended = false;
    keptInTab.set("open", null);
    this.launcher.focus();
  }

  escape(event) {
    if (this.menu.open) {
      this.menu.open = false;
      this.menu.firstChild.focus();
      event.stopPropagation();
    } else if (this.instead) this.closeInstead();
    else if (this.floating) this.hide();
  }

  // Where the panel covers the page, the focus goes round in it: what lies behind cannot be seen.
  stay(event) {
    const all = [...this.panel.querySelectorAll("button, summary, a[href], input, textarea, [tabindex='0']")];
    const shown = all.filter((element) => element.checkVisibility());
    const [from, to] = event.shiftKey ? [shown[0], shown.at(-1)] : [shown.at(-1), shown[0]];
    if (this.shadowRoot.activeElement !== from) return;
    event.preventDefault();
    to.focus();
  }

  async begin() {
    try {
      await this.conversation.open();
      this.update();
    } catch (problem) {
      this.trouble(problem, () => this.begin());
    }
  }

  count(more) {
    if (!this.floating) return;
    this.unread = this.panel.hidden ? Math.max(0, this.unread + more) : 0;
    this.badge.hidden = !this.unread;
    this.badge.textContent = this.unread;
    const told = this.unread ? `, ${counted(WORDS.unread, this.unread)}` : "";
    this.launcher.setAttribute("aria-label", this.name + told);
  }

  submit() {
    const text = this.input.value.trim();
    if (!text || !this.form.reportValidity()) return;
    this.input.value = "";
    keptInTab.set("draft", null);
    this.grow();
    this.input.focus();
    this.conversation.send({ text }, text);
  }

  // A pressed button, which is gone by then.
  press(body, shown) {
    this.rest();
    this.conversation.send(body, shown);
  }

  update() {
    if (this.ticket) return;
    const { away } = this.conversation;
    this.tooLong = this.input.validationMessage;
    if (this.tooLong) this.notice(this.tooLong);
    else if (!navigator.onLine) this.notice(WORDS.offline);
    else if (away) this.tellAway(away);
    else this.notice("");
  }

  // What still works, once, however often it is tried meanwhile.
  tellAway(who) {
    if (who !== "assistant") return this.notice(who === "page" ? WORDS.notHere : WORDS.unreachable);
    if (this.status.textContent === WORDS.away.join("")) return;
    const [before, search, or, team, after] = WORDS.away;
    const there = FOREIGN ? { target: "_blank", rel: "noopener" } : {};
    const link = make("a", { href: `${SITE}/#search`, ...there }, search);
    const form = make("button", { type: "button", class: "link", onclick: () => this.showForm() }, team);
    this.status.replaceChildren(before, link, or, form, after);
  }

  grow() {
    const { input } = this;
    input.style.height = ""; // one line, as in style.css: nothing is measured before the page is laid out
    if (input.value) input.style.height = `${input.scrollHeight + 2}px`;
  }

  notice(text) {
    if (this.status.textContent !== text) this.status.replaceChildren(text);
  }

  trouble(problem, again) {
    if (problem.away && this.conversation.away) return this.update();
    if (!again) return this.notice(problem.message);
    this.offer(problem.message, WORDS.retry, again);
  }

  // Something that is said with what can be done about it.
  offer(text, title, work) {
    const pressed = () => {
      this.rest();
      work();
    };
    this.status.replaceChildren(`${text} `, make("button", { type: "button", onclick: pressed }, title));
  }

  showForm() {
    this.closeInstead();
    if (!this.ticket) this.openForm();
    this.ticket.focus();
  }

  openForm() {
    this.ticket = new TeamForm(this.conversation, (reference) => {
      this.ticket.element.remove();
      this.ticket = null;
      this.panel.classList.remove("writing");
      this.update();
      this.rest();
      if (reference) this.conversation.tell(fill(WORDS.filed, { reference }));
    });
    this.status.replaceChildren();
    this.panel.insertBefore(this.ticket.element, this.form);
    this.panel.classList.add("writing");
    this.view.showLast();
  }

  // What takes the place of the conversation: the search of the answers, or earlier conversations.
  showInstead(Kind) {
    this.instead?.element.remove();
    this.instead = new Kind(() => this.closeInstead());
    this.panel.classList.add("searching");
    this.log.before(this.instead.element);
    this.instead.first.focus();
  }

  closeInstead() {
    if (!this.instead) return;
    this.instead.element.remove();
    this.instead = null;
    this.panel.classList.remove("searching");
    this.rest();
  }

  async mail() {
    try {
      const { address } = await call("POST", "/api/conversations/transcript", {});
      this.notice(fill(WORDS.mailed, { address }));
    } catch (problem) {
      this.trouble(problem);
    }
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.conversation.transcript());
      this.notice(WORDS.copied);
    } catch {
      this.notice(WORDS.notCopied);
    }
  }

  print() {
    const frame = make("iframe", { class: "hidden", "aria-hidden": "true", tabindex: "-1" });
    this.shadowRoot.append(frame);
    const { document: page } = frame.contentWindow;
    page.title = this.heading;
    for (const text of this.conversation.transcript().split("\n"))
      page.body.append(Object.assign(page.createElement("p"), { textContent: text }));
    frame.contentWindow.addEventListener("afterprint", () => frame.remove());
    frame.contentWindow.print();
  }

  async restart() {
    this.closeInstead();
    try {
      await this.conversation.restart(true);
      if (this.conversation.former) this.offer(WORDS.ended, WORDS.undo, () => this.undo());
      else this.notice(WORDS.ended);
      this.rest();
    } catch (problem) {
      this.trouble(problem, () => this.restart());
    }
  }

  async undo() {
    try {
      await this.conversation.undo();
    } catch (problem) {
      this.trouble(problem);
    }
  }
}

customElements.define("credential-assistant", CredentialAssistant);

// One script tag is enough: without an element on the page, the widget adds its own, as the tag's data- attributes say.
const place = () => {
  if (document.querySelector("credential-assistant")) return;
  const attributes = Object.entries({ position: "bottom-right", ...SCRIPT.dataset });
  const named = attributes.map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    value,
  ]);
  document.body.append(make("credential-assistant", Object.fromEntries(named)));
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
else place();

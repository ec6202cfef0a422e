// <credential-assistant>: the panel, its launcher, its menu, and the plain form for when nobody answers.
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
    this.build(root);
    this.conversation.addEventListener("change", () => this.update());
    this.conversation.addEventListener("news", ({ detail }) => this.count(detail.length));
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
    this.conversation.identityToken = now || "";
    if (this.conversation.isOther()) this.conversation.restart().catch((problem) => this.notice(problem.message));
  }

  build(root) {
    this.unread = 0;
    this.log = make("div", {
      class: "log",
      role: "log",
      "aria-live": "off",
      "aria-label": "Conversation",
      tabindex: "0",
    });
    this.announcer = make("div", { class: "hidden", "aria-live": "polite" });
    this.status = make("div", { class: "status", role: "status" });
    this.input = make("textarea", { id: "text", rows: "1", maxlength: "2000", placeholder: WORDS.placeholder });
    const send = make("button", { type: "submit", class: "send", "aria-label": WORDS.send }, icon("send"));
    this.form = make(
      "form",
      { class: "composer" },
      make("label", { for: "text", class: "hidden" }, WORDS.question),
      this.input,
      send,
    );
    const region = this.floating
      ? { role: "dialog", "aria-label": this.heading }
      : { role: "region", "aria-label": this.heading };
    this.panel = make(
      "section",
      { class: "panel", lang: WORDS.language, ...region },
      this.head(),
      this.log,
      this.status,
      this.form,
      this.announcer,
    );
    this.view = new View(this.conversation, this.log, this.announcer, (body, shown) => this.send(body, shown));
    root.append(this.panel);
    if (this.floating) {
      this.launcher = this.makeLauncher();
      root.append(this.launcher);
      this.panel.hidden = true;
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.grow());
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
    const item = (text, work) =>
      make(
        "button",
        {
          type: "button",
          onclick: () => {
            this.menu.open = false;
            work();
          },
        },
        text,
      );
    this.menu = make(
      "details",
      { class: "menu" },
      make("summary", { "aria-label": WORDS.more }, icon("more")),
      make(
        "div",
        { class: "items" },
        item(WORDS.copy, () => this.copy()),
        item(WORDS.print, () => this.print()),
        item(WORDS.restart, () => this.restart()),
      ),
    );
    this.menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.menu.contains(relatedTarget)) this.menu.open = false;
    });
    const head = make("header", {}, make("h2", {}, this.heading), this.menu);
    if (this.floating)
      head.append(
        make(
          "button",
          { type: "button", class: "icon", "aria-label": WORDS.close, onclick: () => this.hide() },
          icon("close"),
        ),
      );
    return head;
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
    this.begin();
    if (focus) this.input.focus();
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
    } else if (this.floating) this.hide();
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
      this.notice(navigator.onLine ? "" : WORDS.offline);
    } catch (problem) {
      this.trouble(problem, () => this.begin());
    }
  }

  count(more) {
    if (!this.floating) return;
    this.unread = this.panel.hidden ? Math.max(0, this.unread + more) : 0;
    this.badge.hidden = !this.unread;
    this.badge.textContent = this.unread;
    this.launcher.setAttribute("aria-label", this.unread ? `${this.name}, ${WORDS.unread(this.unread)}` : this.name);
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.send({ text }, text);
  }

  send(body, shown) {
    this.input.focus();
    this.conversation.send(body, shown);
  }

  update() {
    const failed = this.conversation.messages.findLast((message) => message.role === "user");
    if (failed?.state === "failed" && failed.problem.status === 503) this.offerForm();
    else if (!failed?.state && !this.ticket) this.notice(navigator.onLine ? "" : WORDS.offline);
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 132)}px`;
  }

  notice(text) {
    if (this.status.textContent !== text) this.status.replaceChildren(text);
  }

  trouble(problem, again) {
    this.status.replaceChildren(
      `${problem.message} `,
      make(
        "button",
        {
          type: "button",
          onclick: () => {
            this.input.focus();
            again();
          },
        },
        WORDS.retry,
      ),
    );
    if (problem.status === 503) this.status.append(this.formButton());
  }

  offerForm() {
    if (!this.ticket) this.status.replaceChildren(this.formButton());
  }

  formButton() {
    return make("button", { type: "button", onclick: () => this.showForm() }, WORDS.form);
  }

  showForm() {
    const id = newId();
    const email = make("input", { type: "email", autocomplete: "email", required: true, maxlength: "254" });
    const about = make("textarea", { rows: "4", required: true, maxlength: "2000" });
    const unsent = this.conversation.messages
      .filter((message) => message.state === "failed")
      .map((message) => message.text);
    about.value = unsent.join("\n");
    const problem = make("p", { class: "problem", role: "alert" });
    const close = () => {
      this.ticket.remove();
      this.ticket = null;
      this.input.focus();
    };
    this.ticket = make(
      "form",
      { class: "ticket" },
      make("h3", {}, WORDS.form),
      make("p", {}, WORDS.formHint),
      make("label", {}, WORDS.email, email),
      make("label", {}, WORDS.about, about),
      problem,
      make(
        "div",
        { class: "buttons" },
        make("button", { class: "send" }, WORDS.formSend),
        make("button", { type: "button", onclick: close }, WORDS.cancel),
      ),
    );
    this.ticket.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const { reference } = await call("POST", "/api/tickets", { id, email: email.value, about: about.value });
        close();
        this.conversation.tell(WORDS.filed(reference));
      } catch (error) {
        problem.textContent = error.message;
      }
    });
    this.status.replaceChildren();
    this.panel.insertBefore(this.ticket, this.form);
    email.focus();
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
    try {
      await this.conversation.restart();
      this.notice(WORDS.ended);
      this.input.focus();
    } catch (problem) {
      this.trouble(problem, () => this.restart());
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

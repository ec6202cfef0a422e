// The plain form to the certification team, which needs neither the assistant nor a conversation.
class TeamForm {
  // `done` is called when it has gone, with the ticket's reference, and when it is not wanted after all, without.
  constructor(conversation, done) {
    const [away, id] = [conversation.away === "assistant", newId()];
    this.email = make("input", { type: "email", autocomplete: "email", required: true, maxlength: "254" });
    const [address, begun] = listIn(keptInTab, "form");
    const unsent = conversation.unsent.flatMap(({ text, file }) => (file ? [] : text)).join("\n");
    const about = limited(make("textarea", { rows: "2", required: true, dir: "auto" }), begun || unsent);
    this.email.value = address || "";
    const files = fileField();
    const problem = make("p", { class: "problem", role: "alert" });
    const send = make("button", { class: "send" }, WORDS.formSend);
    const finish = (reference) => {
      keptInTab.set("form", null);
      done(reference);
    };
    this.cancel = () => finish();
    const cancel = make("button", { type: "button", onclick: this.cancel }, WORDS.cancel);
    this.when = make("p", { class: "when" });
    this.element = make(
      "form",
      { class: "ticket", "aria-label": WORDS.form, tabindex: "-1" },
      make("h3", {}, WORDS.form),
      away ? make("p", {}, WORDS.formAway) : "",
      this.when,
      make("label", {}, WORDS.email, this.email),
      make("label", {}, WORDS.about, about),
      files.element,
      problem,
      make("div", { class: "buttons" }, send, cancel),
    );
    // What was begun outlives the page, in its tab.
    this.element.addEventListener("input", () => keepList(keptInTab, "form", [this.email.value, about.value]));
    takeIn(this.element, files.add);
    this.element.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      const reason = away ? "no_assistant" : "requested";
      try {
        const sent = { id, email: this.email.value, about: about.value, reason, files: await files.claims() };
        finish((await call("POST", "/api/tickets", sent)).reference);
      } catch (error) {
        problem.textContent = error.message;
        send.disabled = false;
      }
    });
    this.tellWhen();
  }

  // Where one begins to write, unless a keyboard would come up over what was said.
  focus() {
    (TOUCH.matches ? this.element : this.email).focus();
  }

  // When one will hear back, as far as the team has said so or it can be measured.
  async tellWhen() {
    const { within, hours } = await call("GET", "/api/team").catch(() => ({}));
    const known = [within && fill(WORDS.within, { within }), hours && fill(WORDS.hours, { hours })];
    this.when.textContent = known.filter(Boolean).join(" ");
  }
}

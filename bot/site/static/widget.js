// The chat widget: <credential-assistant> in a shadow root, no dependencies.
(() => {
  const origin = new URL(document.currentScript.src).origin;

  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  };

  class Problem extends Error {
    constructor(status, message) { super(message); this.status = status; }
  }

  const call = async (method, path, body) => {
    let response;
    try {
      response = await fetch(origin + path, {
        method, credentials: "include",
        headers: body ? { "Content-Type": "application/json" } : {},
        body: body ? JSON.stringify(body) : undefined,
      });
    } catch { throw new Problem(0, "No connection. Please check your network."); }
    if (response.ok) return response.json();
    const error = await response.json().catch(() => ({}));
    throw new Problem(response.status, error.error?.message || "Something went wrong. Please try again.");
  };

  class CredentialAssistant extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      root.append(make("link", { rel: "stylesheet", href: origin + "/static/widget.css" }));
      const chat = make("section", { class: "chat", "aria-label": "Chat with the credential assistant" });
      this.log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Conversation", tabindex: "0" });
      this.status = make("div", { class: "status", role: "status" });
      const form = make("form");
      this.input = make("textarea", { id: "text", rows: "1", maxlength: "2000", placeholder: "Ask about your badge …" });
      this.send = make("button", { type: "submit" }, "Send");
      form.append(make("label", { for: "text", class: "hidden" }, "Your question"), this.input, this.send);
      chat.append(this.log, this.status, form);
      root.append(chat);
      form.addEventListener("submit", (event) => { event.preventDefault(); this.say(); });
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.say(); }
      });
      this.begin();
    }

    async begin() {
      await this.attempt(async () => {
        let answer;
        try {
          answer = await call("GET", "/api/messages");
        } catch (problem) {
          if (problem.status !== 401) throw problem;
          answer = await call("POST", "/api/conversations");
        }
        answer.messages.forEach((message) => this.show(message));
      });
    }

    say() {
      const text = this.input.value.trim();
      if (!text) return;
      if (this.busy) { this.waiting = true; return; } // stays in the field until the answer is there
      this.input.value = "";
      this.input.focus();
      this.exchange({ text }, text);
    }

    exchange(body, shown) {
      this.retireButtons();
      this.show({ role: "user", text: shown });
      return this.attempt(() => this.post(body));
    }

    async post(body) {
      let answer;
      try {
        answer = await call("POST", "/api/messages", body);
      } catch (problem) {
        if (problem.status !== 401) throw problem;
        await call("POST", "/api/conversations");
        answer = await call("POST", "/api/messages", body);
      }
      answer.messages.forEach((message) => this.show(message));
    }

    async attempt(work) {
      this.busy = true;
      this.send.disabled = true;
      this.status.replaceChildren();
      const dots = make("div", { class: "typing", "aria-hidden": "true" });
      dots.append(make("span"), make("span"), make("span"));
      this.log.append(dots);
      this.scroll();
      try {
        await work();
      } catch (problem) {
        this.waiting = false;
        const retry = make("button", { type: "button" }, "Try again");
        retry.addEventListener("click", () => { this.input.focus(); this.attempt(work); });
        this.status.append(problem.message, retry);
      } finally {
        dots.remove();
        this.busy = false;
        this.send.disabled = false;
      }
      if (this.waiting) { this.waiting = false; this.say(); }
    }

    show(message) {
      const bubble = make("div", { class: `message ${message.role === "user" ? "user" : "bot"}` });
      if (message.role === "user") bubble.textContent = message.text;
      else bubble.innerHTML = message.html; // sanitised by the server (bot/formatting.py)
      this.retireButtons();
      const typing = this.log.querySelector(".typing");
      this.log.insertBefore(bubble, typing);
      if (message.buttons?.length) this.log.insertBefore(this.choices(message.buttons), typing);
      this.scroll();
    }

    choices(buttons) {
      const group = make("div", { class: "choices", role: "group", "aria-label": "Suggested replies" });
      for (const { title, payload } of buttons) {
        const button = make("button", { type: "button" }, title);
        button.addEventListener("click", () => {
          if (this.busy) return;
          this.input.focus();
          this.exchange({ payload }, title);
        });
        group.append(button);
      }
      return group;
    }

    retireButtons() { this.log.querySelectorAll(".choices").forEach((group) => group.remove()); }

    // Shows the end, or, where the answer is longer than the view, its beginning below the question.
    scroll() {
      const question = [...this.log.querySelectorAll(".message.user")].pop();
      if (!question) return;
      const box = question.getBoundingClientRect();
      const above = box.bottom - this.log.getBoundingClientRect().top + this.log.scrollTop;
      this.log.scrollTop = above - Math.min(box.height, 96) - 16;
    }
  }

  customElements.define("credential-assistant", CredentialAssistant);
})();

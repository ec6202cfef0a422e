// The conversation: what was said, what is on its way, what comes from elsewhere. No drawing here.
const LOOK = { busy: 3000, idle: 15000, hidden: 60000, longest: 120000 }; // milliseconds between looks for news
const BUSY_FOR = 10 * 60000; // after the last message

class Conversation extends EventTarget {
  constructor(identityToken) {
    super();
    this.messages = [];
    this.identityToken = identityToken;
    this.failures = 0;
    this.lastNews = 0;
    this.tabs = "BroadcastChannel" in window ? new BroadcastChannel(`credential-assistant ${SITE}`) : null;
    this.tabs?.addEventListener("message", ({ data }) => (data === "restarted" ? this.reload() : this.look()));
    addEventListener("online", () => { this.resend(); this.look(); });
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  // Whether this browser has a conversation that may have news.
  get begun() { return kept.get("begun") === "yes"; }
  get waiting() { return this.messages.some((message) => message.state === "sending"); }
  changed() { this.dispatchEvent(new Event("change")); }

  open() {
    this.opening ??= this.begin().catch((problem) => { this.opening = null; throw problem; });
    return this.opening;
  }

  async begin() {
    if (!this.isOther()) {
      try {
        const { messages } = await call("GET", "/api/messages");
        return this.began(messages);
      } catch (problem) {
        if (problem.status !== 401) throw problem;
      }
    }
    return this.create("/api/conversations");
  }

  // Somebody else is signed in at the host page than when the conversation began.
  isOther() { return Boolean(this.identityToken) && kept.get("person") !== personIn(this.identityToken); }

  async create(path) {
    const body = this.identityToken ? { identity_token: this.identityToken } : {};
    let answer;
    try {
      answer = await call("POST", path, body);
    } catch (problem) {
      if (problem.code !== "invalid_identity_token") throw problem;
      this.identityToken = ""; // the chat works without; a look-up then asks for a code
      answer = await call("POST", path, {});
    }
    if (FOREIGN) kept.set("token", answer.token);
    kept.set("person", this.identityToken ? personIn(this.identityToken) : null);
    this.began(answer.messages);
  }

  began(messages) {
    kept.set("begun", "yes");
    this.merge(messages);
    this.changed();
    this.schedule();
  }

  async restart() {
    await this.create("/api/conversations/restart");
    const fresh = this.messages.slice(-1);
    this.messages = fresh;
    this.dispatchEvent(new Event("restart"));
    this.changed();
    this.tabs?.postMessage("restarted");
  }

  async reload() {
    this.messages = [];
    this.opening = null;
    this.dispatchEvent(new Event("restart"));
    await this.open().catch(() => {});
  }

  send(body, shown) {
    const message = { role: "user", text: shown, client_id: newId(), body, at: new Date().toISOString(), state: "sending" };
    this.messages.push(message);
    this.changed();
    return this.deliver(message);
  }

  resend() {
    for (const message of this.messages) if (message.state === "failed") this.deliver(message);
  }

  async deliver(message, again = true) {
    message.state = "sending";
    message.problem = null;
    this.changed();
    try {
      await this.open();
      const answer = await call("POST", "/api/messages", { id: message.client_id, ...message.body });
      delete message.state;
      this.merge(answer.messages);
      this.tabs?.postMessage("changed");
    } catch (problem) {
      if (problem.status === 401 && again) {
        this.opening = null;
        return this.deliver(message, false);
      }
      Object.assign(message, { state: "failed", problem });
    }
    this.lastNews = Date.now();
    this.changed();
    this.schedule();
  }

  // Adds what is new; a message of this tab that comes back from the site is the same message.
  merge(messages) {
    const fresh = [];
    for (const message of messages) {
      if (this.messages.some((known) => known.id === message.id)) continue;
      const own = message.client_id && this.messages.find((known) => known.client_id === message.client_id);
      if (own) { Object.assign(own, { id: message.id, at: message.at }); continue; }
      this.messages.push(message);
      if (message.role !== "user") fresh.push(message);
    }
    if (fresh.length) this.dispatchEvent(new CustomEvent("news", { detail: fresh }));
  }

  schedule() {
    clearTimeout(this.timer);
    if (!this.begun) return;
    const busy = this.attended && Date.now() - this.lastNews < BUSY_FOR;
    const pause = document.hidden ? LOOK.hidden : busy ? LOOK.busy : LOOK.idle;
    this.timer = setTimeout(() => this.look(), Math.min(pause * 2 ** this.failures, LOOK.longest));
  }

  // Looks for answers of the team and for what was said in other tabs.
  async look() {
    if (this.looking || this.waiting || !navigator.onLine || !this.begun) return this.schedule();
    this.looking = true;
    const last = this.messages.filter((message) => message.id).pop();
    try {
      const { messages } = await call("GET", `/api/messages${last ? `?after=${last.id}` : ""}`);
      this.failures = 0;
      if (messages.length) { this.lastNews = Date.now(); this.merge(messages); this.changed(); }
    } catch (problem) {
      this.failures = Math.min(this.failures + 1, 6);
      if (problem.status === 401) { kept.set("begun", null); this.opening = null; }
    } finally {
      this.looking = false;
      this.schedule();
    }
  }

  rate(message, helpful, comment) {
    message.rated = helpful;
    return call("POST", `/api/messages/${message.id}/feedback`, comment ? { helpful, comment } : { helpful });
  }

  transcript() {
    return this.messages
      .filter((message) => message.state !== "failed")
      .map(({ role, text, at }) => `${at ? `[${new Date(at).toLocaleString()}] ` : ""}${WORDS.roles[role]}: ${text}`)
      .join("\n\n");
  }
}

const personIn = (token) => {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).email || "";
  } catch { return ""; }
};

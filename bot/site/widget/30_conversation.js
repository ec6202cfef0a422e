// The conversation: what was said, what is on its way, what comes from elsewhere. No drawing here.
const LOOK = { busy: 3000, idle: 15000, hidden: 60000, longest: 120000 }; // milliseconds between looks for news
const LEAVING = 150; // milliseconds after which a request has reached the site, or is so slow that others may pass it
const BUSY_FOR = 10 * 60000; // after the last message

class Conversation extends EventTarget {
  constructor(identityToken) {
    super();
    this.messages = [];
    this.identityToken = identityToken;
    this.failures = 0;
    this.lastNews = 0;
    this.era = 0; // counts the conversations: an answer to an earlier one is no answer here
    this.started = Promise.resolve(); // the last delivery has begun: messages leave in the order they were written
  }

  // From here on until `detach` it hears of other tabs and of the network.
  attach() {
    this.end = new AbortController();
    const { signal } = this.end;
    this.tabs = "BroadcastChannel" in window ? new BroadcastChannel(`credential-assistant ${SITE}`) : null;
    this.tabs?.addEventListener("message", ({ data }) => (data === "restarted" ? this.reload() : this.look()), {
      signal,
    });
    addEventListener(
      "online",
      () => {
        this.resend();
        this.look();
      },
      { signal },
    );
    document.addEventListener("visibilitychange", () => document.hidden || this.look(), { signal });
  }

  detach() {
    this.end.abort();
    this.tabs?.close();
    clearTimeout(this.timer);
  }

  // Whether this browser has a conversation that may have news.
  get begun() {
    return kept.get("begun") === "yes";
  }
  get waiting() {
    return this.messages.some((message) => message.state === "sending");
  }
  changed() {
    this.dispatchEvent(new Event("change"));
  }

  open() {
    this.opening ??= this.begin().catch((problem) => {
      this.opening = null;
      throw problem;
    });
    return this.opening;
  }

  async begin() {
    if (!this.isOther()) {
      try {
        const { messages } = await call("GET", "/api/messages");
        return this.began(messages, true);
      } catch (problem) {
        if (problem.status !== 401) throw problem;
      }
    }
    return this.create("/api/conversations");
  }

  // Somebody else is signed in at the host page, or nobody any more, than when the conversation began.
  isOther() {
    if (this.identityToken && kept.get("refused") === this.identityToken.slice(-24)) return false;
    return personIn(this.identityToken) !== (kept.get("person") || "");
  }

  async create(path) {
    const body = this.identityToken ? { identity_token: this.identityToken } : {};
    let answer;
    try {
      answer = await call("POST", path, body);
    } catch (problem) {
      if (problem.code !== "invalid_identity_token") throw problem;
      kept.set("refused", this.identityToken.slice(-24)); // the end of its signature tells it from others
      this.identityToken = ""; // the chat works without; a look-up then asks for a code
      answer = await call("POST", path, {});
    }
    if (FOREIGN) kept.set("token", answer.token);
    kept.set("person", personIn(this.identityToken) || null);
    this.began(answer.messages);
  }

  began(messages, old = false) {
    kept.set("begun", "yes");
    this.seen = messages.at(-1)?.id;
    this.merge(messages, old);
    this.changed();
    this.schedule();
  }

  async restart() {
    const old = this.messages;
    this.messages = [];
    this.era += 1;
    try {
      await this.create("/api/conversations/restart");
    } catch (problem) {
      this.messages = old;
      throw problem;
    }
    this.dispatchEvent(new Event("restart"));
    this.changed();
    this.tabs?.postMessage("restarted");
  }

  async reload() {
    this.era += 1;
    this.messages = [];
    this.opening = null;
    this.dispatchEvent(new Event("restart"));
    await this.open().catch(() => {});
  }

  send(body, shown) {
    const message = {
      role: "user",
      text: shown,
      client_id: newId(),
      body,
      at: new Date().toISOString(),
      state: "sending",
    };
    this.messages.push(message);
    return this.deliver(message);
  }

  // One after the other: what was written first is said first.
  async resend() {
    for (const message of this.messages.filter(({ state }) => state === "failed")) await this.deliver(message);
  }

  // Waits until the message before has left for sure, not for its answer: the site answers a burst together.
  async deliver(message, again = true) {
    message.state = "sending";
    message.problem = null;
    this.changed();
    const { started: before, era } = this;
    let left;
    this.started = new Promise((resolve) => {
      left = resolve;
    });
    try {
      await before;
      await this.open();
      const sent = call("POST", "/api/messages", { id: message.client_id, ...message.body });
      setTimeout(left, LEAVING);
      const answer = await sent;
      if (era !== this.era) return;
      delete message.state;
      this.merge(answer.messages);
      this.tabs?.postMessage("changed");
    } catch (problem) {
      left();
      if (era !== this.era) return;
      if (problem.status === 401 && again) {
        this.opening = null;
        return this.deliver(message, false);
      }
      Object.assign(message, { state: "failed", problem });
    }
    left();
    this.lastNews = Date.now();
    this.changed();
    this.schedule();
  }

  // Adds what is new; a message of this tab that comes back from the site is the same message.
  // `old`: it is history, and no news.
  merge(messages, old = false) {
    const fresh = [];
    for (const message of messages) {
      if (this.messages.some((known) => known.id === message.id)) continue;
      const own = message.client_id && this.messages.find((known) => known.client_id === message.client_id);
      if (own) {
        Object.assign(own, { id: message.id, at: message.at });
        continue;
      }
      this.messages.push(message);
      if (message.role !== "user" && !old) fresh.push(message);
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
    const { era } = this;
    try {
      // after the last one that was read so: what another tab said may stand before a reply that came here
      const { messages } = await call("GET", `/api/messages${this.seen ? `?after=${this.seen}` : ""}`);
      this.failures = 0;
      if (era !== this.era) return;
      this.seen = messages.at(-1)?.id || this.seen;
      const before = this.messages.length;
      this.merge(messages);
      if (this.messages.length > before) {
        this.lastNews = Date.now();
        this.changed();
      }
    } catch (problem) {
      this.failures = Math.min(this.failures + 1, 6);
      if (problem.status === 404) this.reload(); // the conversation is another one by now
      if (problem.status === 401) {
        kept.set("begun", null);
        this.opening = null;
      }
    } finally {
      this.looking = false;
      this.schedule();
    }
  }

  // Something to say that comes from this page itself, and stays to be read.
  tell(text) {
    const message = {
      id: newId(),
      role: "bot",
      text,
      html: make("p", {}, text).outerHTML,
      at: new Date().toISOString(),
    };
    this.messages.push(message);
    this.dispatchEvent(new CustomEvent("news", { detail: [message] }));
    this.changed();
  }

  rate(message, helpful, comment) {
    message.rated = helpful;
    return call("POST", `/api/messages/${message.id}/feedback`, comment ? { helpful, comment } : { helpful });
  }

  transcript() {
    return this.messages
      .filter((message) => message.state !== "failed")
      .map(({ role, text, html, at }) => {
        const said = role === "user" ? text : plain(html, true);
        return `${at ? `[${new Date(at).toLocaleString()}] ` : ""}${WORDS.roles[role]}: ${said}`;
      })
      .join("\n\n");
  }
}

const personIn = (token) => {
  if (!token) return "";
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).email || "";
  } catch {
    return "";
  }
};

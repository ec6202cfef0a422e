// The conversation: what was said, what is on its way, what comes from elsewhere. No drawing here.
const LOOK = { busy: 3000, idle: 15000, hidden: 60000, longest: 120000 }; // milliseconds between looks for news
const LEAVING = 150; // milliseconds after which a request has reached the site, or is so slow that others may pass it
const BUSY_FOR = 10 * 60000; // after the last message
const TRY = { first: 2000, longest: 30000 }; // milliseconds between two tries to reach who is away
const MOST_KEPT = 50; // messages that a page keeps for after a reload

class Conversation extends EventTarget {
  constructor(identityToken) {
    super();
    this.messages = [];
    this.identityToken = identityToken;
    this.failures = 0;
    this.away = ""; // who does not answer just now, see Problem
    this.tries = 0;
    this.lastNews = 0;
    this.era = 0; // counts the conversations: an answer to an earlier one is no answer here
    this.started = Promise.resolve(); // the last delivery has begun: messages leave in the order they were written
    this.former = null; // the conversation before "Start again", until something is said in the new one
  }

  // From here on until `detach` it hears of other tabs and of the network.
  attach() {
    this.end = new AbortController();
    const { signal } = this.end;
    this.tabs = "BroadcastChannel" in window ? new BroadcastChannel(`credential-assistant ${SITE}`) : null;
    this.tabs?.addEventListener("message", ({ data }) => this.hear(data), {
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
    if (this.away) this.recover();
  }

  // What another tab has done.
  async hear(done) {
    if (done === "changed") return this.look();
    await this.reload();
    if (done === "restarted") this.dispatchEvent(new Event("restarted"));
  }

  detach() {
    this.end.abort();
    this.tabs?.close();
    clearTimeout(this.timer);
    clearTimeout(this.trying);
  }

  // Whether this browser has a conversation that may have news.
  get begun() {
    return kept.get("begun") === "yes";
  }
  get unsent() {
    return this.messages.filter(({ state }) => state === "failed");
  }
  get waiting() {
    return this.messages.some((message) => message.state === "sending");
  }
  changed() {
    this.keepUnsent();
    this.dispatchEvent(new Event("change"));
  }

  // What is drawn may stand in another order than the messages do now.
  redraw() {
    this.dispatchEvent(new Event("redraw"));
    this.changed();
  }

  open() {
    this.opening ??= this.begin().catch((problem) => {
      this.opening = null;
      this.missed(problem);
      throw problem;
    });
    if (!this.restored) this.restore();
    return this.opening;
  }

  // What could not be sent outlives the page, in its tab alone, lest two tabs send it.
  keepUnsent() {
    if (!this.restored) return; // what was kept has not been read yet
    const waiting = this.messages.filter(({ state, file }) => state && !file).slice(-MOST_KEPT);
    const bare = waiting.map(({ text, client_id, body, at }) => ({ text, client_id, body, at }));
    keepList(keptInTab, "unsent", bare);
  }

  restore() {
    this.restored = true;
    const unsent = this.isOther() ? [] : listIn(keptInTab, "unsent");
    for (const message of unsent) this.push(message);
  }

  // Somebody did not answer: tried again, ever more slowly, with what could not be sent.
  missed(problem) {
    if (!problem.away) return;
    this.away = problem.away;
    this.tryLater();
    this.changed();
  }

  // What somebody sends meanwhile makes the next try no later.
  tryLater() {
    this.trying ??= setTimeout(() => this.recover(), Math.min(TRY.first * 2 ** this.tries, TRY.longest));
  }

  reached() {
    clearTimeout(this.trying);
    Object.assign(this, { away: "", tries: 0, trying: null });
  }

  async recover() {
    this.trying = null;
    this.tries += 1;
    try {
      await this.open();
      await this.resend(true);
      if (!this.unsent.some(({ problem }) => problem.away)) this.reached();
    } catch {
      /* it stays away */
    }
    // Whatever ended this try (a refusal, another conversation), the next one comes as long as somebody is away.
    if (this.away) this.tryLater();
    this.changed();
  }

  async begin() {
    if (this.isOther()) this.forget();
    else if (!FOREIGN || session.token) {
      try {
        const { messages } = await call("GET", "/api/messages");
        return this.began(messages, true);
      } catch (problem) {
        if (problem.status !== 401) throw problem;
      }
    }
    return this.create("/api/conversations");
  }

  // What the one before has left in this browser is nobody else's to read.
  forget() {
    kept.set("told", null);
    keptInTab.set("draft", null);
    keptInTab.set("form", null);
  }

  // Somebody else is signed in at the host page, or nobody any more, than when the conversation began.
  isOther() {
    const refused = this.identityToken && kept.get("refused") === this.identityToken.slice(-24);
    return (refused ? "" : personIn(this.identityToken)) !== (kept.get("person") || "");
  }

  // The host page says who is signed in now; returns whether that is somebody else. Even where no conversation can be
  // begun for them just now, nothing of the one before is shown, asked for or gone on with.
  async become(identityToken) {
    this.identityToken = identityToken;
    await Promise.allSettled([this.opening, this.creating]); // what begins just now is of the one before
    if (this.identityToken !== identityToken || !this.isOther()) return false;
    this.forget();
    kept.set("begun", null);
    await this.reload();
    if (this.opening) this.tabs?.postMessage("resumed");
    return true;
  }

  create(path) {
    this.creating = this.created(path);
    return this.creating;
  }

  async created(path) {
    const identity = this.identityToken;
    const body = identity ? { identity_token: identity } : {};
    let answer;
    let refused = false;
    try {
      answer = await call("POST", path, body);
    } catch (problem) {
      if (problem.code !== "invalid_identity_token") throw problem;
      kept.set("refused", identity.slice(-24)); // the end of its signature tells it from others
      refused = true; // the chat works without; a look-up then asks for a code
      if (this.identityToken === identity) this.identityToken = "";
      answer = await call("POST", path, {});
    }
    session.token = answer.token;
    kept.set("person", (!refused && personIn(identity)) || null);
    this.began(answer.messages);
    return answer;
  }

  // `old`: it has begun before, and what was said is no news.
  began(messages, old = false) {
    kept.set("begun", "yes");
    this.seen = messages.at(-1)?.id;
    const [early, told] = [this.messages, listIn(kept, "told")];
    const now = messages.map((message) => {
      const own = message.client_id && early.find(({ client_id }) => client_id === message.client_id);
      return own ? Object.assign(own, { id: message.id, at: message.at }) : message;
    });
    const others = early.filter((one) => ![...now, ...told].some(({ id }) => id === one.id) && !now.includes(one));
    const [unsent, before] = [others.filter(({ state }) => state), others.filter(({ state }) => !state)];
    this.messages = [...before, ...now, ...unsent];
    for (const message of told) this.insert(message);
    if (!old) this.tellNews(now.filter(({ role }) => role !== "user"));
    if (!old) this.reached();
    this.redraw();
    this.schedule();
    this.askAgain(messages);
  }

  // A message of this page itself, at its time.
  insert(message) {
    const later = this.messages.findIndex(({ at, state }) => state || at > message.at);
    this.messages.splice(later < 0 ? this.messages.length : later, 0, message);
  }

  // What was kept but not answered, because the page or the assistant went away in between, is asked once more.
  askAgain(messages) {
    const last = messages.findLastIndex(({ role }) => role !== "user");
    const asked = this.messages.filter(
      ({ role, state, client_id }) =>
        role === "user" &&
        !state &&
        messages.slice(last + 1).some((one) => one.client_id && one.client_id === client_id),
    );
    for (const message of asked) {
      message.body ??= { text: message.text };
      this.deliver(message);
    }
  }

  // `undoable`: who asked for it may still want the old one back.
  async restart(undoable = false) {
    const [old, told] = [this.messages, listIn(kept, "told")];
    this.messages = [];
    this.era += 1;
    kept.set("told", null);
    try {
      const { former } = await this.create("/api/conversations/restart");
      this.former = undoable && former ? { token: former, told } : null;
    } catch (problem) {
      this.messages = old;
      keepList(kept, "told", told);
      throw problem;
    }
    this.tabs?.postMessage("restarted");
  }

  // Back to the conversation before "Start again".
  async undo() {
    const identity = this.identityToken ? { identity_token: this.identityToken } : {};
    const { told, token: former } = this.former;
    this.creating = call("POST", "/api/conversations/resume", { former, ...identity });
    const { token, messages } = await this.creating;
    this.former = null;
    this.era += 1;
    this.messages = [];
    session.token = token;
    keepList(kept, "told", told);
    this.began(messages, true);
    this.tabs?.postMessage("resumed");
  }

  async reload() {
    this.era += 1;
    this.messages = [];
    this.opening = null;
    this.former = null;
    this.redraw();
    await this.open().catch(() => {});
  }

  send(body, text) {
    this.former = null;
    return this.push({ text, client_id: newId(), body, at: new Date().toISOString() });
  }

  sendFile(file) {
    this.former = null;
    return this.push({ text: file.name, client_id: newId(), file, at: new Date().toISOString() });
  }

  // What will never be taken, however often it is tried.
  remove(message) {
    this.messages = this.messages.filter((one) => one !== message);
    this.changed();
  }

  push(said) {
    const message = { role: "user", state: "sending", ...said };
    this.messages.push(message);
    return this.deliver(message);
  }

  // One after the other: what was written first is said first.
  async resend(quiet = false) {
    for (const message of this.unsent) {
      if (quiet && !message.problem.away) continue; // it was refused
      await this.deliver(message, { quiet });
      if (quiet && message.problem?.away) return;
    }
  }

  // Waits until the message before has left for sure, not for its answer: the site answers a burst together.
  // `quiet`: nobody has asked for this try, so what is shown stays until it succeeds.
  async deliver(message, { again = true, quiet = false } = {}) {
    if (!quiet) {
      message.state = "sending";
      message.problem = null;
      this.changed();
    }
    const { started: before, era } = this;
    let left;
    this.started = new Promise((resolve) => {
      left = resolve;
    });
    try {
      await before;
      await this.open();
      const sent = message.file
        ? call("POST", placeOf("/api/attachments", message.file, message.client_id), message.file)
        : call("POST", "/api/messages", { id: message.client_id, ...message.body });
      setTimeout(left, LEAVING);
      const answer = await sent;
      if (era !== this.era) return;
      delete message.state;
      message.problem = null;
      this.reached();
      if (message.file) this.added(message, answer);
      else this.merge(answer.messages);
      this.tabs?.postMessage("changed");
    } catch (problem) {
      left();
      if (era !== this.era) return;
      if (problem.status === 401 && again) {
        this.opening = null;
        return this.deliver(message, { again: false, quiet });
      }
      Object.assign(message, { state: "failed", problem });
      this.missed(problem);
    }
    left();
    this.lastNews = Date.now();
    this.changed();
    this.schedule();
  }

  added(message, { message_id, reference, ...file }) {
    Object.assign(message, { id: message_id, files: [file] });
    this.tell(reference ? fill(WORDS.fileAdded, { reference }) : WORDS.fileWaits);
  }

  // Adds what is new; a message of this tab that comes back from the site is the same message.
  merge(messages) {
    const fresh = [];
    for (const message of messages) {
      if (this.messages.some((known) => known.id === message.id)) continue;
      const own = this.messages.find((known) =>
        message.utterance === "file"
          ? known.file && known.state
          : message.client_id && known.client_id === message.client_id,
      );
      if (own) {
        Object.assign(own, { id: message.id, at: message.at });
        continue;
      }
      this.messages.push(message);
      if (message.role !== "user") fresh.push(message);
    }
    this.tellNews(fresh);
  }

  tellNews(messages) {
    if (messages.length) this.dispatchEvent(new CustomEvent("news", { detail: messages }));
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
        this.fromElsewhere = true; // nobody here has asked for it just now
        this.changed();
        this.fromElsewhere = false;
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

  // Something to say that comes from this page itself, and stays to be read, also after a reload.
  tell(text) {
    const message = { id: newId(), role: "bot", html: "", text, at: new Date().toISOString() };
    keepList(kept, "told", [...listIn(kept, "told"), message].slice(-MOST_KEPT));
    this.messages.push(message);
    this.tellNews([message]);
    this.changed();
  }

  async rate(message, helpful, comment) {
    await call("POST", `/api/messages/${message.id}/feedback`, comment ? { helpful, comment } : { helpful });
    message.helpful = helpful;
  }

  transcript() {
    return this.messages
      .filter((message) => message.state !== "failed")
      .map(({ role, text, html, at }) => {
        const said = html ? plain(html, true) : text;
        return `${at ? `[${new Date(at).toLocaleString(LOCALE)}] ` : ""}${WORDS.roles[role]}: ${said}`;
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

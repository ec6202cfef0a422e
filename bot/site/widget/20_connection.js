// Talks to the site: by its cookie on its own pages, by a token elsewhere, where cookies do not travel.
const FOREIGN = SITE !== location.origin;
const LONGEST_CALL = 60000; // milliseconds
const LONGEST_UPLOAD = 300000; // of a file

// A browser that takes no cookie gets by with the token as well; on the site's own pages no script can find it again.
const session = {
  byToken: FOREIGN || !navigator.cookieEnabled,
  own: "",
  get token() {
    return FOREIGN ? kept.get("token") : this.own;
  },
  set token(value) {
    if (FOREIGN) kept.set("token", value);
    else this.own = value;
  },
};

class Problem extends Error {
  constructor(status, message, code = "", wait = 0) {
    super(message);
    Object.assign(this, { status, code, wait });
  }

  // What may pass by itself: "assistant" where the site answers without it, "page" where it answers to other pages,
  // "site" where nothing does, "" for the rest.
  get away() {
    if (this.code === "assistant_unavailable") return "assistant";
    if (this.code === "not_here") return "page";
    return [0, 502, 503, 504].includes(this.status) ? "site" : "";
  }
}

// Why nothing came back, which browsers do not say: no network, a page that is not allowed, or a site that is away.
const silence = async () => {
  if (!navigator.onLine) return new Problem(0, WORDS.noNetwork);
  const elsewhere = { method: "HEAD", cache: "no-store", credentials: "omit" };
  const answers =
    FOREIGN &&
    (await fetch(`${SITE}/widget.js`, elsewhere).then(
      ({ ok }) => ok,
      () => false,
    ));
  return answers ? new Problem(0, WORDS.notHere, "not_here") : new Problem(0, WORDS.noAnswer);
};

const contentOf = async (response) => {
  if (response.ok && response.headers.has("Content-Disposition")) return response.blob();
  return response.status === 204 ? {} : response.json().catch(() => ({}));
};

// Says and asks in JSON, but for files, which go and come as they are.
const call = async (method, path, body) => {
  const file = body instanceof Blob;
  const headers = body ? { "Content-Type": file ? "application/octet-stream" : "application/json" } : {};
  const token = session.byToken && session.token;
  if (token) headers.Authorization = `Bearer ${token}`;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), file ? LONGEST_UPLOAD : LONGEST_CALL);
  let response;
  try {
    response = await fetch(SITE + path, {
      method,
      headers,
      signal: abort.signal,
      credentials: FOREIGN ? "omit" : "same-origin",
      body: file ? body : body && JSON.stringify(body),
    });
  } catch {
    throw abort.signal.aborted ? new Problem(0, WORDS.noAnswer) : await silence();
  } finally {
    clearTimeout(timer);
  }
  const answer = await contentOf(response);
  if (response.ok) return answer;
  const { code, message } = answer.error || {};
  if (code === "no_conversation" && !FOREIGN) {
    const cookieLost = !session.byToken && session.own;
    session.byToken = Boolean(cookieLost) || !navigator.cookieEnabled;
    if (cookieLost) return call(method, path, body);
    session.own = "";
  }
  throw new Problem(response.status, message || WORDS.failed, code, Number(response.headers.get("Retry-After")) || 0);
};

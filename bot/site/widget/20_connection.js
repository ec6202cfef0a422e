// Talks to the site: by its cookie on its own pages; elsewhere by a token, because cookies do not travel.
const FOREIGN = SITE !== location.origin;
const LONGEST_CALL = 60000; // milliseconds

class Problem extends Error {
  constructor(status, message, code = "", wait = 0) {
    super(message);
    Object.assign(this, { status, code, wait });
  }
}

const call = async (method, path, body) => {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const token = FOREIGN && kept.get("token");
  if (token) headers.Authorization = `Bearer ${token}`;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LONGEST_CALL);
  let response;
  try {
    response = await fetch(SITE + path, {
      method,
      headers,
      signal: abort.signal,
      credentials: FOREIGN ? "omit" : "same-origin",
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, WORDS.network);
  } finally {
    clearTimeout(timer);
  }
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { code, message } = answer.error || {};
  throw new Problem(response.status, message || WORDS.failed, code, Number(response.headers.get("Retry-After")) || 0);
};

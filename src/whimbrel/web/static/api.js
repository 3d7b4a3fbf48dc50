// Requests to the server of this page. Nothing else of it uses fetch.

/** The server said no, or could not be asked. `status` is 0 where it could not be reached. */
export class Refused extends Error {
  constructor(status, message, retry = 0) {
    super(message);
    this.status = status;
    /** Seconds after which to try again; 0 if it did not say. */
    this.retry = retry;
  }

  /** Whether the server of the page itself did not answer. */
  get unreachable() {
    return this.status === 0;
  }

  /** Whether the server answers, and the daemon does not. */
  get daemonAway() {
    return this.status === 503;
  }
}

const PATIENCE = 15000;
const listeners = new Set();

/** Call `listener(refused or null)` after each answer, and after each failure to get one. */
export function onAnswer(listener) {
  listeners.add(listener);
}

function tell(refused) {
  for (const listener of listeners) listener(refused);
}

async function ask(path, options, read, signal) {
  const both = new AbortController();
  const end = () => both.abort();
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    end();
  }, PATIENCE);
  try {
    const response = await fetch(`/api/v1/${path}`, { credentials: "same-origin", cache: "no-store", ...options, signal: both.signal });
    if (!response.ok) throw new Refused(response.status, await reason(response), Number(response.headers.get("Retry-After")) || 0);
    const answer = await read(response);
    tell(null);
    return answer;
  } catch (error) {
    if (signal?.aborted) throw error;
    const refused = error instanceof Refused ? error : new Refused(0, late ? "The device does not answer." : "The device cannot be reached.");
    tell(refused);
    throw refused;
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener("abort", end);
  }
}

async function reason(response) {
  try {
    const body = await response.json();
    if (typeof body.error === "string" && body.error) return body.error;
  } catch {
    // Not of this server, or cut off: its status has to do.
  }
  return `The device answered ${response.status} ${response.statusText}`.trim() + ".";
}

/** Return the path of a request with its keys; null and undefined ones are left out. */
export function address(path, keys = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(keys)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** Return the JSON of a GET. Raises `Refused`. */
export const get = (path, keys, signal) => ask(address(path, keys), {}, (response) => response.json(), signal);

/** Return the octets of a GET as a blob. Raises `Refused`. */
export const blob = (path, keys, signal) => ask(address(path, keys), {}, (response) => response.blob(), signal);

/** Send a verb with its keys; return its answer, or null for none. Raises `Refused`. */
export function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  const read = (response) => (response.status === 204 ? null : response.json());
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, read);
}

/** Return the URL of something to download. */
export const url = (path, keys) => `/api/v1/${address(path, keys)}`;

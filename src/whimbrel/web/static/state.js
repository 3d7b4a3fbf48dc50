// What all views share: the session, the way to the device, the device's clock.

const watchers = new Map();

/** Call `listener` whenever `what` changes; until `signal` is aborted, if there is one. */
export function watch(what, listener, signal) {
  if (!watchers.has(what)) watchers.set(what, new Set());
  watchers.get(what).add(listener);
  signal?.addEventListener("abort", () => watchers.get(what).delete(listener));
}

/** Tell those who watch `what`. */
export function changed(what, detail) {
  for (const listener of [...(watchers.get(what) ?? [])]) listener(detail);
}

/** The session: `may` are the verbs that this page may use; null before the login. */
export const session = { may: null, version: "", device: "" };

/** Whether this page may use a verb. */
export const may = (verb) => session.may?.includes(verb) ?? false;

/** The way to the device: ok, reach (the server of the page is away), daemon (the daemon is). `since`: ms of this clock. */
export const way = { state: "ok", reason: "", since: Date.now() };

/** Note the state of the way; those who watch `way` are told of a change alone. */
export function setWay(state, reason = "") {
  if (way.state === state) {
    way.reason = reason || way.reason;
    return;
  }
  const before = way.state;
  Object.assign(way, { state, reason, since: Date.now() });
  changed("way", before);
}

// A device without a battery may be hours off, and a simulated air has a time of its own: ages are by its clock, not ours.
const clock = { ahead: 0, known: false };

/** Note the time of the device, in seconds since the epoch. `exact`: it is now; otherwise it may be a little ago. */
export function heardTime(seconds, exact = true) {
  if (!seconds) return;
  const ahead = seconds - Date.now() / 1000;
  if (exact || !clock.known || ahead > clock.ahead) {
    clock.ahead = ahead;
    clock.known = true;
  }
}

/** The time of the device: seconds since the epoch. */
export const now = () => Date.now() / 1000 + clock.ahead;

/** Seconds that something is ago by the clock of the device, at least 0. */
export const ago = (seconds) => Math.max(0, now() - seconds);

/** What was learned from events and is kept for a view that opens later: the newest body by kind. */
export const latest = new Map();

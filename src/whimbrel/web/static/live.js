// The stream of events, and the polls that go on while somebody looks.

import { get, onAnswer } from "./api.js";
import { changed, heardTime, latest, setWay, way, watch } from "./state.js";

const KINDS = [
  "incident-opened", "incident-changed", "incident-closed", "alert", "alert-updated", "alert-closed", "alert-acknowledged",
  "access-point-found", "access-point-changed", "access-point-lost", "networks-guarded", "hopping-changed", "radio-blind",
  "recording-begun", "recording-ended", "recording-kept", "recording-changed", "system-report", "module-changed", "module-warning",
];
const KEPT = new Set(["system-report", "hopping-changed"]);
const SLOWEST = 10000;
// The server says something every 15 s. After this long without a word the connection leads nowhere: a cable that was pulled
// sends no goodbye, and a device that was without power knows nothing of it.
const SILENCE = 40000;
const LOOK = 10000;

/** The last events with a sentence, for the view of the log: {time, level, source, message}. */
export const log = [];
/** So many of them are kept. */
export const LOGGED = 200;

const logged = new Map(); // the time of the last logged event of each kept kind, which is sent again with each connection
let socket = null;
let wait = 500;
let timer = 0;
let heard = 0;
let wanted = false;

/** Follow the events from now on, until `stop`. */
export function start() {
  wanted = true;
  connect();
}

/** End the stream. */
export function stop() {
  wanted = false;
  clearTimeout(timer);
  socket?.close();
  socket = null;
}

function connect() {
  clearTimeout(timer);
  if (!wanted || socket) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  heard = Date.now();
  const opened = new WebSocket(`${scheme}://${location.host}/api/v1/events?kinds=${KINDS.join(",")}&latest=${[...KEPT].join(",")}`);
  socket = opened;
  opened.addEventListener("open", () => {
    heard = Date.now();
    wait = 500;
    if (way.state === "reach") setWay("ok");
    changed("refresh");
  });
  opened.addEventListener("message", (event) => {
    heard = Date.now();
    take(event.data);
  });
  opened.addEventListener("close", () => {
    if (socket !== opened) return;
    socket = null;
    // Whether the session has ended or the server has is told by the answer to this, by way of onAnswer.
    get("session").catch(() => {});
    later();
  });
}

function later() {
  clearTimeout(timer);
  if (!wanted) return;
  timer = setTimeout(connect, wait);
  wait = Math.min(wait * 1.7, SLOWEST);
}

function take(data) {
  let line;
  try {
    line = JSON.parse(data);
  } catch {
    return;
  }
  if (line.daemon === "unreachable") setWay("daemon", line.reason);
  else if (line.daemon === "reached") {
    setWay("ok");
    changed("refresh");
  } else if (line.lagged) changed("refresh");
  else if (line.kind) {
    if (line.kind === "system-report") heardTime(line.time);
    if (KEPT.has(line.kind)) latest.set(line.kind, line.body);
    const again = KEPT.has(line.kind) && logged.get(line.kind) === line.time;
    if (line.message && line.kind !== "system-report" && !again) {
      if (KEPT.has(line.kind)) logged.set(line.kind, line.time);
      log.push({ time: line.time, level: line.level, source: line.source, message: line.message });
      if (log.length > LOGGED) log.shift();
    }
    changed(line.kind, line);
    changed("event", line);
  }
}

onAnswer((refused) => {
  if (refused === null) {
    if (way.state === "reach") setWay("ok");
  } else if (refused.unreachable) setWay("reach", refused.message);
  else if (refused.daemonAway) setWay("daemon", refused.message);
  else if (refused.status === 401) changed("unauthorized", refused);
});

function hurry() {
  if (document.hidden || !wanted) return;
  if (socket && Math.abs(Date.now() - heard) > SILENCE) {
    const dead = socket;
    socket = null;
    dead.close();
  }
  if (!socket) {
    wait = 500;
    connect();
  }
}
document.addEventListener("visibilitychange", hurry);
document.addEventListener("resume", hurry);
addEventListener("online", hurry);
addEventListener("pageshow", hurry);
setInterval(() => socket && hurry(), LOOK);

/**
 * Ask for `path` now and every `seconds`, and hand each answer to `take`, until `signal` is aborted. While the page is hidden
 * nothing is asked; a slow device is asked less often, so that a page never takes more than a fifth of its time. After an
 * interruption the answer is fetched at once. `failed(refused)` gets every failure. Returns a function that asks at once.
 */
export function poll({ path, keys = {}, seconds, take: use, failed = () => {}, signal, fetcher = get }) {
  let next = 0;
  let busy = false;
  let again = false;
  async function ask() {
    clearTimeout(next);
    if (signal.aborted) return;
    if (busy) {
      again = true;
      return;
    }
    if (document.hidden) return;
    busy = true;
    const began = performance.now();
    try {
      const answer = await fetcher(path, typeof keys === "function" ? keys() : keys, signal);
      if (!signal.aborted) {
        // An answer of the daemon is the proof that it is there.
        if (way.state === "daemon") setWay("ok");
        use(answer);
      }
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
    busy = false;
    if (signal.aborted) return;
    const took = performance.now() - began;
    if (again) {
      again = false;
      next = setTimeout(ask, 300);
    } else next = setTimeout(ask, Math.max(seconds * 1000, took * 4));
  }
  const seen = () => document.hidden || ask();
  document.addEventListener("visibilitychange", seen);
  signal.addEventListener("abort", () => {
    clearTimeout(next);
    document.removeEventListener("visibilitychange", seen);
  });
  watch("refresh", ask, signal);
  ask();
  return ask;
}

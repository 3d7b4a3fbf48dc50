// The last minutes of signal of each access point, as any view has heard of it: a plot that opens later is not empty.

import { now } from "./state.js";

/** Seconds that are kept. */
const KEPT = 180;
const MOST = 200;
const heard = new Map();

/** Note rows of the survey. */
export function note(rows) {
  for (const row of rows) {
    if (row.rssi.last === null) continue;
    let samples = heard.get(row.bssid);
    if (!samples) {
      samples = { times: [], levels: [] };
      heard.set(row.bssid, samples);
    }
    const { times, levels } = samples;
    if (times.length && row.last <= times.at(-1)) continue;
    times.push(row.last);
    levels.push(row.rssi.last);
    if (times.length > MOST) {
      times.shift();
      levels.shift();
    }
  }
  const old = now() - KEPT;
  for (const [bssid, { times }] of heard) if (times.at(-1) < old) heard.delete(bssid);
}

/** The samples of an access point since a time: {times, levels}. */
export function since(bssid, time) {
  const { times = [], levels = [] } = heard.get(bssid) ?? {};
  const from = times.findIndex((one) => one >= time);
  return from < 0 ? { times: [], levels: [] } : { times: times.slice(from), levels: levels.slice(from) };
}

// The last minutes of signal of each access point, as any view has heard of it: a plot that opens later is not empty.

import { now } from "./state.js";

/** Seconds that are kept. */
const KEPT = 180;
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
  }
  const old = now() - KEPT;
  for (const [bssid, { times, levels }] of heard) {
    const gone = times.findIndex((time) => time >= old);
    if (gone < 0) heard.delete(bssid);
    else if (gone > 0) {
      times.splice(0, gone);
      levels.splice(0, gone);
    }
  }
}

/** The samples of an access point since a time: {times, levels}. */
export function since(bssid, time) {
  const { times = [], levels = [] } = heard.get(bssid) ?? {};
  const from = times.findIndex((one) => one >= time);
  return from < 0 ? { times: [], levels: [] } : { times: times.slice(from), levels: levels.slice(from) };
}

// The last minutes of signal of each device, as any view has heard of it: a plot that opens later is not empty.

import { now } from "./state.js";

/** Seconds that are kept. */
const KEPT = 180;
const heard = new Map();

/** Note rows of the survey. */
export function note(rows) {
  for (const row of rows) {
    if (row.rssi.last === null) continue;
    const address = row.station ?? row.bssid;
    let samples = heard.get(address);
    if (!samples) {
      samples = { times: [], levels: [] };
      heard.set(address, samples);
    }
    const { times, levels } = samples;
    if (times.length && row.last <= times.at(-1)) continue;
    times.push(row.last);
    levels.push(row.rssi.last);
  }
  const old = now() - KEPT;
  for (const [address, { times, levels }] of heard) {
    const gone = times.findIndex((time) => time >= old);
    if (gone < 0) heard.delete(address);
    else if (gone > 0) {
      times.splice(0, gone);
      levels.splice(0, gone);
    }
  }
}

/** The samples of a device since a time: {times, levels}. */
export function since(address, time) {
  const { times = [], levels = [] } = heard.get(address) ?? {};
  const from = times.findIndex((one) => one >= time);
  return from < 0 ? { times: [], levels: [] } : { times: times.slice(from), levels: levels.slice(from) };
}

// What the tables of access points and of stations have in common.

import { fill } from "./dom.js";
import { since } from "./format.js";
import { setSignal, signal } from "./parts.js";
import { ago } from "./state.js";

const STALE = 60;

/** Whether a row was not heard for so long that its figures are old. */
export const stale = (row) => ago(row.last) > STALE;

/** The order of strength; what has none comes last. */
export const strengthOf = (row) => row.rssi.smoothed ?? -200;

/** The maker of a station's radio. */
export const maker = (row) => row.vendor || (row.randomised ? "random address" : "unknown maker");

export const signalColumn = {
  id: "signal", label: "Signal", down: true, by: strengthOf,
  make: (cell) => cell.append(signal()),
  update: (cell, row) => setSignal(cell.firstChild, row.rssi, stale(row)),
};

export const heardColumn = { id: "heard", label: "Heard", down: true, by: (row) => row.last, text: (row) => since(ago(row.last)) };

/** Fill a cell by `make()` if `now`, a text that says what is in it, has changed. */
export function renew(cell, now, make) {
  if (cell.dataset.now === now) return;
  cell.dataset.now = now;
  fill(cell, make());
}

/** The words of a search, in small letters. */
export const words = (query) => query.toLowerCase().split(/\s+/).filter(Boolean);

// Values as people read them.

import { now } from "./state.js";

/** Octets: 812 B, 3.4 kB, 12 MB. */
export function octets(value) {
  if (value < 1000) return `${value} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let number = value;
  let unit = -1;
  do {
    number /= 1000;
    unit += 1;
  } while (number >= 999.5 && unit < units.length - 1);
  return `${number < 9.95 ? number.toFixed(1) : Math.round(number)} ${units[unit]}`;
}

/** A count with thin spaces between thousands. */
export const count = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** A word with its number: "1 station", "3 stations". */
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A duration: 4 s, 12 min, 3 h, 2 d. */
export function duration(seconds) {
  const value = Math.max(0, seconds);
  if (value < 90) return `${Math.round(value)} s`;
  if (value < 5400) return `${Math.round(value / 60)} min`;
  if (value < 129600) return `${Math.round(value / 3600)} h`;
  return `${Math.round(value / 86400)} d`;
}

/** How long ago something was: now, 12 s ago. */
export const since = (seconds) => (seconds < 2 ? "now" : `${duration(seconds)} ago`);

/** A time of today (of the device) as 14:03:22, an earlier one with its date; in the time zone of this browser. */
export function moment(seconds, today = now()) {
  if (!seconds) return "–";
  const date = new Date(seconds * 1000);
  const clock = date.toLocaleTimeString("en-GB");
  if (date.toDateString() === new Date(today * 1000).toDateString()) return clock;
  const year = date.getFullYear() === new Date(today * 1000).getFullYear() ? undefined : "numeric";
  return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year })} ${clock.slice(0, 5)}`;
}

/** A share as a percentage. */
export const percent = (share, digits = 0) => `${(share * 100).toFixed(digits)} %`;

/** A level: −47 dBm, or a dash. */
export const dbm = (value) => (value === null || value === undefined ? "–" : `${level(value)} dBm`);

/** A level without its unit, with a true minus sign. */
export const level = (value) => (value === null || value === undefined ? "–" : String(value).replace("-", "\u2212"));

/** The name of a band. */
export const band = (name) => (name ? `${name} GHz` : "");

/** A channel as the settings and the radio's verbs write it: 6, 36, 6GHz:37. */
export const channelText = (row) => (row.band === "6" ? `6GHz:${row.channel}` : String(row.channel));

/** The bands, in their order. */
export const BANDS = ["2.4", "5", "6", "60"];

/** The place of a band in their order. */
export const bandRank = (name) => (BANDS.includes(name) ? BANDS.indexOf(name) : BANDS.length);

/** A signal as a share of the scale that the page draws: 0 at −95 dBm, 1 at −30. */
export const strength = (value) => (value === null || value === undefined ? 0 : Math.min(1, Math.max(0, (value + 95) / 65)));

/** A signal in a word, for those who do not see the bar. */
export function strengthWord(value) {
  if (value === null || value === undefined) return "unknown";
  if (value >= -50) return "very strong";
  if (value >= -62) return "strong";
  if (value >= -74) return "fair";
  return "weak";
}

// Tables as files for a spreadsheet.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { now } from "./state.js";

// A name off the air that begins like this would be a formula to a spreadsheet.
const FORMULA = /^[=+\-@\t\r|%]/;

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = Array.isArray(value) ? value.join("; ") : String(value);
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

/** The text of a table: `columns` are [label, value(row)]; lines end as RFC 4180 says. */
export const csv = (columns, rows) => [columns.map(([label]) => cell(label)), ...rows.map((row) => columns.map(([, value]) => cell(value(row))))].map((line) => `${line.join(",")}\r\n`).join("");

/** A button that saves what `rows()` returns at that moment as NAME-TIME.csv. */
export function saver(name, columns, rows) {
  const save = () => {
    const stamp = new Date(now() * 1000).toISOString().slice(0, 19).replaceAll(":", "");
    // The mark at the beginning tells spreadsheets that it is UTF-8.
    const address = URL.createObjectURL(new Blob(["\ufeff", csv(columns, rows())], { type: "text/csv" }));
    h("a", { href: address, download: `whimbrel-${name}-${stamp}Z.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
  return h("button", { type: "button", class: "button", on: { click: save } }, icon("download"), h("span", null, "Save this table (CSV)"));
}

const time = (seconds) => (seconds ? new Date(seconds * 1000).toISOString() : "");

/** The columns of access points. */
export const ACCESS_POINTS = [
  ["BSSID", (row) => row.bssid], ["SSID", (row) => row.ssid || row.mesh_id], ["SSID in hex", (row) => row.ssid_hex], ["Hidden", (row) => row.hidden], ["Maker", (row) => row.vendor],
  ["Protection", (row) => row.security], ["PMF", (row) => row.pmf], ["AKMs", (row) => row.akms], ["Ciphers", (row) => row.ciphers], ["WPS", (row) => row.wps],
  ["Channel", (row) => row.channel], ["Band (GHz)", (row) => row.band], ["MHz", (row) => row.freq], ["Width (MHz)", (row) => row.width], ["Generation", (row) => row.phy], ["Country", (row) => row.country],
  ["dBm", (row) => row.rssi.smoothed], ["dBm at least", (row) => row.rssi.min], ["dBm at most", (row) => row.rssi.max], ["Stations", (row) => row.stations], ["Frames", (row) => row.frames], ["Beacons", (row) => row.beacons],
  ["First", (row) => time(row.first)], ["Last", (row) => time(row.last)],
];

/** The columns of stations. */
export const STATIONS = [
  ["Address", (row) => row.station], ["Maker", (row) => row.vendor], ["Random address", (row) => row.randomised], ["BSSID", (row) => row.bssid], ["Looks for", (row) => row.probed],
  ["dBm", (row) => row.rssi.smoothed], ["dBm at least", (row) => row.rssi.min], ["dBm at most", (row) => row.rssi.max], ["Frames", (row) => row.frames], ["Octets of data", (row) => row.data_octets],
  ["First", (row) => time(row.first)], ["Last", (row) => time(row.last)],
];

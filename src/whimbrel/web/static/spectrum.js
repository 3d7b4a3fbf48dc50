// The picture of one band: each network is a hill over the frequencies that it takes, as high as its signal.

import { strengthOf } from "./columns.js";
import { h, s } from "./dom.js";
import { strength } from "./format.js";
import { grade } from "./parts.js";

const HEIGHT = 190;
const BASE = 160;
const TOP = 18;

// The frequencies of a band in MHz, and the channels that are written below.
const BANDS = {
  2.4: { parts: [[2392, 2494]], labels: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], freq: (channel) => (channel === 14 ? 2484 : 2407 + 5 * channel) },
  5: { parts: [[5160, 5340], [5480, 5740], [5735, 5905]], labels: [36, 44, 52, 60, 100, 108, 116, 124, 132, 140, 149, 157, 165, 173], freq: (channel) => 5000 + 5 * channel },
  6: { parts: [[5935, 7125]], labels: [1, 33, 65, 97, 129, 161, 193, 225], freq: (channel) => 5950 + 5 * channel },
  60: { parts: [[57240, 70200]], labels: [1, 2, 3, 4, 5, 6], freq: (channel) => 56160 + 2160 * channel },
};
const GAP = 14;
/** Room on the left for the numbers of the lines, which no hill crosses. */
const LABELS = 30;

// Parts of a band that lie apart are drawn side by side, without the void between them.
function scale(parts, width) {
  const joined = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last && part[0] <= last[1]) last[1] = Math.max(last[1], part[1]);
    else joined.push([...part]);
  }
  const octaves = joined.reduce((sum, [low, high]) => sum + high - low, 0);
  const perMhz = (width - LABELS - GAP * (joined.length - 1)) / octaves;
  let left = LABELS;
  const placed = joined.map(([low, high]) => {
    const at = { low, high, left };
    left += (high - low) * perMhz + GAP;
    return at;
  });
  const x = (freq) => {
    const part = placed.find(({ high }) => freq <= high) ?? placed.at(-1);
    return part.left + (Math.max(part.low, Math.min(part.high, freq)) - part.low) * perMhz;
  };
  return { x, placed, perMhz };
}

function hill(x, row) {
  const center = row.center || row.freq;
  const half = (row.width || 20) / 2;
  const [left, right] = [x(center - half - 1), x(center + half + 1)];
  const top = BASE - strength(row.rssi.smoothed ?? row.rssi.last) * (BASE - TOP);
  const slope = Math.min(10, (right - left) / 4);
  const round = (value) => value.toFixed(1);
  const path = `M${round(left)} ${BASE}C${round(left + slope * 0.6)} ${BASE} ${round(left + slope * 0.5)} ${round(top)} ${round(left + slope * 1.4)} ${round(top)}H${round(right - slope * 1.4)}C${round(right - slope * 0.5)} ${round(top)} ${round(right - slope * 0.6)} ${BASE} ${round(right)} ${BASE}Z`;
  return { path, top, middle: (left + right) / 2, left, right };
}

// A name is written where it touches no other; the strongest come first.
function names(hills, width) {
  const taken = [];
  const shown = [];
  for (const { row, top, middle } of hills) {
    const name = row.ssid || row.mesh_id;
    if (!name) continue;
    const text = name.length > 16 ? `${[...name].slice(0, 15).join("")}…` : name;
    const half = Math.max(18, text.length * 3.4);
    const at = Math.min(width - half, Math.max(LABELS + half, middle));
    const y = top - 5;
    if (taken.some((box) => Math.abs(box.at - at) < box.half + half && Math.abs(box.y - y) < 14)) continue;
    taken.push({ at, half, y });
    shown.push(s("text", { class: "hill-name", x: at.toFixed(1), y: y.toFixed(1) }, text));
    if (shown.length === 10) break;
  }
  return shown;
}

const KINDS = [
  ["good", "encrypted"],
  ["weak", "weakly encrypted"],
  ["open", "not encrypted"],
  ["guarded", "guarded"],
];

/** The meaning of the lines, as a list. */
export const legend = () =>
  h("ul", { class: "legend", "aria-label": "Meaning of the lines" }, KINDS.map(([kind, word]) => h("li", null, s("svg", { viewBox: "0 0 26 10", "aria-hidden": "true", focusable: "false" }, s("path", { class: kind === "guarded" ? "hill is-guarded" : `hill grade-${kind}`, d: "M1 9C5 9 5 2 8 2H18C21 2 21 9 25 9" })), word)));

/** Draw `rows` of access points of one band, `width` pixels wide; `guarded(row)` says which are guarded. */
export function spectrum(band, rows, guarded, width) {
  const { parts, labels, freq } = BANDS[band] ?? BANDS[2.4];
  const { x, placed, perMhz } = scale(parts, width);
  const strongest = [...rows].sort((one, other) => strengthOf(other) - strengthOf(one));
  const hills = strongest.map((row) => ({ row, ...hill(x, row) }));
  const lines = [-90, -70, -50, -30].map((value) => {
    const y = (BASE - strength(value) * (BASE - TOP)).toFixed(1);
    return { line: s("line", { class: "grid", x1: 0, x2: width, y1: y, y2: y }), label: s("text", { class: "grid-label", x: 0, y: Number(y) - 3 }, `\u2212${-value}`) };
  });
  let last = -Infinity;
  const apart = (channel) => {
    if (x(freq(channel)) - last < 24) return false;
    last = x(freq(channel));
    return true;
  };
  const marks = labels.filter((channel) => placed.some((part) => freq(channel) >= part.low && freq(channel) <= part.high)).filter(apart);
  // The highest are behind, so that each stays in sight.
  return s(
    "svg",
    { class: "spectrum", viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" },
    lines.map(({ line }) => line),
    placed.map(({ low, high, left }) => s("line", { class: "base", x1: left.toFixed(1), x2: (left + (high - low) * perMhz).toFixed(1), y1: BASE, y2: BASE })),
    hills.map(({ row, path }) => s("path", { class: `hill grade-${grade(row)}${guarded(row) ? " is-guarded" : ""}`, d: path })),
    lines.map(({ label }) => label),
    names(hills, width),
    marks.map((channel) => s("text", { class: "channel-label", x: x(freq(channel)).toFixed(1), y: BASE + 18 }, String(channel))),
  );
}

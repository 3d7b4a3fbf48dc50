// The signal of one device: its number, and its last two minutes as a plot.

import { attribute, h, text } from "./dom.js";
import { dbm, level, strengthWord } from "./format.js";
import { plot } from "./plot.js";
import { since } from "./signals.js";
import { now } from "./state.js";

/** Seconds of signal that the plot shows. */
const SPAN = 120;

/** Return {node, show(address, rssi)}; `below` are elements under the plot. */
export function reading(signal, ...below) {
  const number = h("strong", { class: "big-number" }, "–");
  const word = h("span", { class: "muted" });
  const spread = h("span", { class: "muted" });
  const place = h("div", { class: "plot" });
  const node = h("section", { class: "card", "aria-labelledby": "signal-title" }, h("h2", { id: "signal-title" }, "Signal"), h("p", { class: "reading" }, number, h("span", { class: "unit" }, "dBm"), word, spread), place, below);
  const draw = plot(place, { series: [{ label: "Signal", tone: "accent", fill: true, points: true }], range: [-100, -20], height: 230, size: 40, span: SPAN, signal });
  function show(address, rssi) {
    text(number, level(rssi.last));
    text(word, strengthWord(rssi.smoothed ?? rssi.last));
    text(spread, rssi.min === null ? "" : `${level(rssi.min)} to ${level(rssi.max)}`);
    const { times, levels } = since(address, now() - SPAN * 1.5);
    const end = Math.max(now(), times.at(-1) ?? 0);
    draw([[...times, end], [...levels, null]]);
    attribute(place, "role", "img");
    attribute(place, "aria-label", `Signal of the last two minutes, now ${dbm(rssi.last)}`);
  }
  return { node, show };
}

// What happens, as sentences, the newest first: what the journal of the device says too.

import { fill, h, text } from "./dom.js";
import { moment, plural } from "./format.js";
import { choice, empty, loading } from "./parts.js";
import { log, LOGGED } from "./live.js";
import { remember } from "./router.js";
import { watch } from "./state.js";

export const title = "Log";

const LEVELS = [
  ["", "All"],
  ["notice", "Important"],
];
const HIGH = new Set(["notice", "warning", "error", "critical", "alert", "emergency"]);

const line = ({ time, level, source, message }) =>
  h("li", { class: `log-line log-${HIGH.has(level) ? level : "plain"}` }, h("time", null, moment(time)), h("span", { class: "log-text" }, h("span", { class: "visually-hidden" }, `${level}: `), h("bdi", null, message)), h("span", { class: "muted" }, source));

export function mount(root, { keys, signal: leave }) {
  let level = keys.get("only") ?? "";
  let held = false;
  const list = h("ol", { class: "log" });
  const body = h("div", { class: "card" }, loading());
  const found = h("p", { class: "totals" });
  const levels = choice("Which lines", LEVELS, level, (value) => {
    level = value;
    remember({ only: value });
    draw();
  });
  const hold = h("button", { type: "button", class: "button", "aria-pressed": "false", on: { click: () => {
    held = !held;
    hold.setAttribute("aria-pressed", String(held));
    text(hold.firstChild, held ? "Go on" : "Hold");
    draw();
  } } }, h("span", null, "Hold"));
  root.append(h("div", { class: "tools" }, h("div", { class: "log-tools" }, levels, hold)), body, found);

  function draw() {
    const shown = log.filter((one) => !level || HIGH.has(one.level)).reverse();
    if (shown.length) {
      fill(list, shown.map(line));
      if (!list.isConnected) fill(body, list);
    } else fill(body, empty("Nothing has happened since this page is open", "Each event that this page hears of appears here.", "log"));
    text(found, `${plural(shown.length, "line")}, at most the last ${LOGGED}. The journal of the device has all.`);
  }
  let due = 0;
  const soon = () => {
    if (held || due) return;
    due = setTimeout(() => {
      due = 0;
      if (!held) draw();
    }, 500);
  };
  leave.addEventListener("abort", () => clearTimeout(due));
  watch("event", soon, leave);
  draw();
}

// Health: the modules, what was lost, the board, the receiver.

import { get } from "./api.js";
import { clockCard } from "./clock.js";
import { fill, h, keyed, text } from "./dom.js";
import { count, duration, octets, percent } from "./format.js";
import { icon } from "./icons.js";
import { poll } from "./live.js";
import { card, facts, failure, loading } from "./parts.js";
import { ago, latest, session, watch } from "./state.js";

export const title = "Health";

const WELL = { ready: "good", finished: "good", stopped: "off", starting: "off", waiting: "warning", degraded: "warning", "backing-off": "bad", failed: "bad" };
const PICTURES = { good: "check", off: "notice", warning: "warning", bad: "critical" };

function gauge(label, share, words) {
  const bar = h("span", { class: "gauge-bar" });
  bar.style.setProperty("--to", Math.max(0, Math.min(1, share)).toFixed(3));
  return h("div", { class: `gauge${share > 0.9 ? " gauge-full" : ""}` }, h("span", { class: "gauge-label" }, label), h("span", { class: "gauge-value" }, words), h("span", { class: "gauge-track", "aria-hidden": "true" }, bar));
}

function board(report) {
  if (!report) return h("p", { class: "muted" }, "The board reports every few seconds.");
  return [
    h("div", { class: "gauges" },
      report.cpu !== null && gauge("Processor", report.cpu, percent(report.cpu)),
      report.memory_total > 0 && gauge("Memory", report.memory_used / report.memory_total, `${octets(report.memory_used)} of ${octets(report.memory_total)}`),
      report.disk_used !== null && gauge("Card", report.disk_used, percent(report.disk_used)),
      report.temperature !== null && gauge("Temperature", (report.temperature - 20) / 65, `${report.temperature.toFixed(0)} °C`),
      report.battery !== null && gauge("Battery", report.battery, percent(report.battery))),
    facts([
      ["Daemon in memory", report.resident ? octets(report.resident) : ""],
      ["Slowed down by", report.throttled],
      ["Board running for", duration(report.uptime)],
      ["Addresses", report.addresses.length > 0 && report.addresses.map(([interface_, address]) => h("div", null, h("code", null, address), ` ${interface_}`))],
    ]),
  ];
}

function losses(status, report) {
  const lost = status.listeners.filter((listener) => listener.lost > 0);
  const rows = [
    ["In the kernel", status.kernel_lost],
    ...lost.map((listener) => [`On the way to ${listener.reader}`, listener.lost]),
    ...(report?.losses ?? []).filter(([where]) => where !== "kernel" && where !== "bus").map(([where, number]) => [`On the ${where}`, number]),
  ];
  const discarded = Object.entries(status.discarded).filter(([, number]) => number > 0);
  return [
    rows.every(([, number]) => number === 0) ? h("p", { class: "good" }, icon("check"), "Nothing was lost since the start.") : facts(rows.map(([where, number]) => [where, count(number)])),
    discarded.length > 0 && [h("h3", null, "Frames of no use"), facts(discarded.map(([why, number]) => [why, count(number)]))],
  ];
}

function makeModule() {
  return h("li", { class: "module" }, h("span", { class: "module-mark" }), h("span", { class: "module-main" }, h("span", { class: "module-name" }), h("span", { class: "module-reason" })), h("span", { class: "module-state" }));
}

function updateModule(node, row) {
  const [mark, main, state] = node.children;
  const warnings = Object.values(row.warnings);
  const well = warnings.length && WELL[row.state] === "good" ? "warning" : (WELL[row.state] ?? "off");
  if (node.dataset.well !== well) {
    node.dataset.well = well;
    fill(mark, icon(PICTURES[well]));
  }
  text(main.children[0], row.module);
  text(main.children[1], [row.reason, ...warnings].filter(Boolean).join(" "));
  text(state, `${row.state}, ${duration(row.seconds)}${row.starts > 1 ? `, ${row.starts} starts` : ""}`);
}

// Those of the second process: the server of this page knows them, and those of the daemon, by itself.
function drawReach(rows, leave, list) {
  const there = new Set(rows.map((row) => row.module));
  get("reach", {}, leave).then(({ modules }) => {
    const others = modules.filter((each) => !there.has(each.module)).map((each) => ({ ...each, seconds: ago(each.since) }));
    keyed(list, others, (row) => row.module, makeModule, updateModule);
  }).catch(() => {}); // the next answer brings them
}

export function mount(root, { signal: leave }) {
  let status = null;
  const faults = h("div");
  const parts = { board: card("Board"), losses: card("Losses"), daemon: card("Daemon") };
  const clock = clockCard();
  const modules = h("ul", { class: "plain-list" });
  const ofReach = h("ul", { class: "plain-list" });
  const body = h("div", null, loading());
  const content = [faults, h("div", { class: "columns" }, h("div", { class: "column" }, card("Modules", modules), card("Modules of reach", ofReach)), h("div", { class: "column" }, clock.node, Object.values(parts)))];
  root.append(body);

  function draw() {
    if (!status) return;
    if (!faults.isConnected) fill(body, content);
    const report = latest.get("system-report") ?? null;
    const problems = [...status.receiver, ...status.refused.map((line) => `Settings: ${line}`)];
    fill(faults, problems.length > 0 && h("section", { class: "card problems", "aria-label": "Problems" }, problems.map((line) => h("p", { class: "problem" }, icon("warning"), line))));
    clock.update(status);
    fill(parts.board, h("h2", null, "Board"), board(report));
    fill(parts.losses, h("h2", null, "Losses"), losses(status, report));
    fill(parts.daemon, h("h2", null, "Daemon"), facts([
      ["Does", status.status],
      ["Version", status.version],
      ["This page", session.version !== status.version ? session.version : ""],
      ["Running for", duration(status.seconds)],
      ["Settings", h("code", null, status.config || "defaults")],
      ["Events", count(status.events)],
      ["Receiver", status.receiver.length ? "has faults" : "no fault found"],
    ]));
  }
  poll({ path: "status", seconds: 5, signal: leave, take: (answer) => {
    status = answer;
    draw();
  }, failed: (error) => status ?? fill(body, failure(error)) });
  const ask = poll({ path: "modules", seconds: 5, signal: leave, take: (rows) => {
    keyed(modules, rows, (row) => row.module, makeModule, updateModule);
    drawReach(rows, leave, ofReach);
  } });
  watch("system-report", draw, leave);
  watch("module-changed", ask, leave);
  watch("module-warning", ask, leave);
}

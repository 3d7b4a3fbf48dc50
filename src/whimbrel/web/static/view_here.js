// What is here: the access points, live.

import { heardColumn, renew, signalColumn, stale, strengthOf, words } from "./columns.js";
import { ACCESS_POINTS, saver } from "./csv.js";
import { attribute, h, text } from "./dom.js";
import { bandRank, BANDS, plural } from "./format.js";
import { follow } from "./guarded.js";
import { poll } from "./live.js";
import { choice, empty, failure, grade, loading, name, protection, protectionRank, setName } from "./parts.js";
import { link, remember } from "./router.js";
import { note } from "./signals.js";
import { heardTime, watch } from "./state.js";
import { instead, searchField, selection, Table, toggled } from "./table.js";

export const title = "What is here";

const FILTERS = [
  ["", "All"],
  ["open", "Open"],
  ["weak", "Weak"],
  ["guarded", "Guarded"],
];

const STRENGTHS = [-50, -60, -70, -80];

function columns(guarded) {
  return [
    {
      id: "name", label: "Network", main: true, by: (row) => row.ssid || row.mesh_id || "\uffff",
      make: (cell) => cell.append(name("")),
      update: (cell, row) => setName(cell.firstChild, row),
    },
    signalColumn,
    {
      id: "protection", label: "Protection", by: protectionRank,
      update: (cell, row) => {
        const now = `${row.security} ${row.wps} ${guarded.has(row)} ${grade(row)}`;
        renew(cell, now, () => protection(row, guarded.has(row)));
      },
    },
    {
      id: "channel", label: "Channel", by: (row) => bandRank(row.band) * 1000 + row.channel,
      make: (cell) => cell.append(h("b", null), h("span", { class: "unit" })),
      update: (cell, row) => {
        text(cell.firstChild, row.channel || "–");
        text(cell.lastChild, row.band ? ` ${row.band} GHz` : "");
      },
    },
    { id: "stations", label: "Stations", short: "stations", down: true, by: (row) => row.stations, text: (row) => row.stations || "" },
    heardColumn,
    {
      id: "address", label: "Address", by: (row) => row.bssid,
      make: (cell, row) => cell.append(h("code", null, row.bssid), " ", h("span", { class: "vendor" })),
      update: (cell, row) => text(cell.lastChild, row.vendor),
    },
  ];
}

function matches(row, wanted) {
  const hay = `${row.ssid} ${row.names.join(" ")} ${row.bssid} ${row.vendor} ${row.security} ch${row.channel} ${row.band}ghz`.toLowerCase();
  return wanted.every((word) => hay.includes(word));
}

export function mount(root, { keys, signal: leave }) {
  let filter = keys.get("only") ?? "";
  let query = keys.get("find") ?? "";
  let band = keys.get("band") ?? "";
  let from = keys.get("from") ?? "";
  let rows = null;
  const guarded = follow(leave, () => rows && draw());
  const sortId = keys.get("sort") ?? "signal";
  const table = new Table({
    label: "Access points", columns: columns(guarded), key: (row) => row.bssid, href: (row) => link("ap", row.bssid),
    sort: { id: "signal", down: true }, stale,
    sorted: ({ id, down }) => remember({ sort: id === "signal" && down ? "" : `${id}${down ? "-" : ""}` }),
  });
  if (sortId !== "signal") table.resort(sortId.replace(/-$/, ""), sortId.endsWith("-"));
  const kept = (row, which) => (which === "guarded" ? guarded.has(row) : which === "" || grade(row) === which);
  const filters = choice("Which access points", FILTERS, filter, (value) => {
    filter = value;
    remember({ only: value });
    table.order.clear();
    draw();
  });
  const search = searchField("Name, address, vendor, ch6", query, (value) => {
    query = value;
    remember({ find: value });
    draw();
    clearTimeout(said);
    said = setTimeout(() => text(found, query && plural(table.rows.length, "access point") + " found"), 800);
  });
  const change = (name, set) => (value) => {
    set(value);
    remember({ [name]: value });
    table.order.clear();
    draw();
    more.mark(band || from);
  };
  const bands = selection("Band", [["", "every band"], ...BANDS.map((one) => [one, `${one} GHz`])], band, change("band", (value) => (band = value)));
  const strengths = selection("Signal", [["", "any"], ...STRENGTHS.map((one) => [String(one), `from \u2212${-one} dBm`])], from, change("from", (value) => (from = value)));
  const more = toggled("Filter", [bands, strengths], band || from);
  const fits = (row) => (!band || row.band === band) && (!from || strengthOf(row) >= Number(from));
  let said = 0;
  const found = h("p", { class: "visually-hidden", role: "status" });
  const totals = h("p", { class: "totals" });
  const save = h("div", { class: "actions" }, saver("access-points", ACCESS_POINTS, () => table.shown()));
  root.append(h("div", { class: "tools" }, search, filters, h("div", { class: "tools-row" }, table.picker, more.button), more.node, found), table.node, totals, save);
  instead(table, loading());

  function draw() {
    const wanted = words(query);
    const fitting = rows.access_points.filter(fits);
    const shown = fitting.filter((row) => kept(row, filter) && matches(row, wanted));
    table.show(shown);
    for (const button of filters.children) text(button.lastChild, String(fitting.filter((row) => kept(row, button.dataset.value)).length));
    if (shown.length) instead(table, null);
    else if (rows.access_points.length) instead(table, empty("No access point fits", "Another word, or another filter, finds more.", "search"));
    else instead(table, empty("Nothing heard yet", "Each access point appears with its first frame.", "here"));
    const { totals: t } = rows;
    const more = [t.made_up && `${plural(t.made_up, "made-up one")} left out`, t.access_points_evicted && `${plural(t.access_points_evicted, "earlier one")} made room`].filter(Boolean);
    text(totals, [`${plural(rows.access_points.length, "access point")}, ${plural(t.stations, "station")}, ${plural(t.frames, "frame")}`, ...more].join(" · "));
    attribute(table.table, "aria-rowcount", shown.length + 1);
  }

  const ask = poll({
    path: "survey", keys: { what: "access_points" }, seconds: 2, signal: leave,
    take: (answer) => {
      heardTime(answer.time, false);
      note(answer.access_points);
      rows = answer;
      draw();
    },
    failed: (error) => rows ?? instead(table, failure(error)),
  });
  // A new one is shown at once, but a flood of them does not ask more often than this.
  let asked = 0;
  const soon = () => {
    if (Date.now() - asked < 1000) return;
    asked = Date.now();
    ask();
  };
  for (const kind of ["access-point-found", "access-point-lost", "access-point-changed"]) watch(kind, soon, leave);
  const ages = setInterval(() => rows && table.draw(), 1000);
  leave.addEventListener("abort", () => {
    clearInterval(ages);
    clearTimeout(said);
  });
}


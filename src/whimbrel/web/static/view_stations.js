// The stations: phones, laptops, things.

import { heardColumn, maker, renew, signalColumn, stale, words } from "./columns.js";
import { STATIONS, saver } from "./csv.js";
import { h, text } from "./dom.js";
import { octets, plural } from "./format.js";
import { poll } from "./live.js";
import { choice, empty, failure, loading, name } from "./parts.js";
import { link, remember } from "./router.js";
import { heardTime } from "./state.js";
import { instead, searchField, Table } from "./table.js";

export const title = "Stations";

const FILTERS = [
  ["", "All"],
  ["joined", "In a network"],
  ["free", "In none"],
  ["fixed", "Fixed address"],
];
const FITS = { "": () => true, joined: (row) => row.bssid !== null, free: (row) => row.bssid === null, fixed: (row) => !row.randomised };

function columns(names) {
  const network = (row) => (row.bssid ? names.get(row.bssid) || row.bssid : "");
  return [
    {
      id: "name", label: "Station", main: true, by: (row) => row.station,
      make: (cell) => cell.append(h("code", null), " ", h("span", { class: "vendor" })),
      update: (cell, row) => {
        text(cell.firstChild, row.station);
        text(cell.lastChild, maker(row));
      },
    },
    signalColumn,
    {
      id: "network", label: "Network", by: (row) => network(row) || "\uffff",
      update: (cell, row) => {
        const now = network(row);
        renew(cell, now, () => (row.bssid ? h("a", { href: link("ap", row.bssid) }, name(now)) : h("span", { class: "muted" }, "no network")));
      },
    },
    {
      id: "probed", label: "Looks for", by: (row) => -row.probed.length,
      update: (cell, row) => renew(cell, row.probed.join("\n"), () => row.probed.map((one, at) => [at > 0 && ", ", name(one)])),
    },
    { id: "octets", label: "Data", down: true, by: (row) => row.data_octets, text: (row) => (row.data_octets ? octets(row.data_octets) : "") },
    heardColumn,
  ];
}

export function mount(root, { keys, signal: leave }) {
  let filter = keys.get("only") ?? "";
  let query = keys.get("find") ?? "";
  let rows = null;
  const names = new Map();
  const table = new Table({ label: "Stations", columns: columns(names), key: (row) => row.station, href: (row) => link("station", row.station), sort: { id: "signal", down: true }, stale });
  const filters = choice("Which stations", FILTERS, filter, (value) => {
    filter = value;
    remember({ only: value });
    table.order.clear();
    draw();
  });
  const search = searchField("Address, maker, network", query, (value) => {
    query = value;
    remember({ find: value });
    draw();
  });
  const totals = h("p", { class: "totals" });
  root.append(h("div", { class: "tools" }, search, filters, table.picker), table.node, totals, h("div", { class: "actions" }, saver("stations", STATIONS, () => table.shown())));
  instead(table, loading());

  const matches = (row, wanted) => {
    const hay = `${row.station} ${row.vendor} ${row.probed.join(" ")} ${row.bssid ?? ""} ${names.get(row.bssid) ?? ""}`.toLowerCase();
    return wanted.every((word) => hay.includes(word));
  };
  function draw() {
    if (!rows) return;
    const wanted = words(query);
    const shown = rows.stations.filter((row) => FITS[filter](row) && matches(row, wanted));
    table.show(shown);
    for (const button of filters.children) text(button.lastChild, String(rows.stations.filter(FITS[button.dataset.value]).length));
    if (shown.length) instead(table, null);
    else instead(table, rows.stations.length ? empty("No station fits", "Another word, or another filter, finds more.", "search") : empty("No station heard yet", "Each appears with its first frame.", "stations"));
    const random = rows.stations.filter((row) => row.randomised).length;
    text(totals, `${plural(rows.stations.length, "station")}, ${random} of them with random addresses: one device may be several of these.`);
  }
  poll({ path: "survey", keys: { what: "access_points" }, seconds: 15, signal: leave, take: ({ access_points: all }) => {
    names.clear();
    for (const row of all) if (row.ssid) names.set(row.bssid, row.ssid);
    draw();
  } });
  poll({
    path: "survey", keys: { what: "stations" }, seconds: 3, signal: leave,
    take: (answer) => {
      heardTime(answer.time, false);
      rows = answer;
      draw();
    },
    failed: (error) => rows ?? instead(table, failure(error)),
  });
  const ages = setInterval(() => rows && table.draw(), 1000);
  leave.addEventListener("abort", () => clearInterval(ages));
}

// What the history knows of one device, and its changes in words.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { dbm, moment } from "./format.js";
import { card, facts, name } from "./parts.js";

const FIELDS = { security: "protection", pmf: "protection of management frames", freq: "frequency", akms: "key management", wps: "WPS", ssid: "name", phy: "generation", group_cipher: "group cipher", mesh_id: "mesh", adhoc: "ad hoc" };
const MOST = 20;

const value = (what) => {
  if (what === null || what === "") return "nothing";
  if (Array.isArray(what)) return what.length ? what.join(", ") : "nothing";
  if (typeof what === "boolean") return what ? "yes" : "no";
  return String(what);
};

/** A change of an announcement in words. */
export const inWords = ({ field, old, new: now }) => [`${FIELDS[field] ?? field}: `, name(value(old)), " → ", name(value(now))];

/** Return a card of the earlier days of a device; it stays away where there is no history, or nothing in it. */
export function past(address, signal) {
  const body = h("div");
  const node = card("Earlier", body);
  node.hidden = true;
  get("history", { what: "access_points changes stations", device: address }, signal).then(
    ({ access_points: points, changes, stations }) => {
      const row = points[0] ?? stations.find((one) => one.station === address);
      if (!row) return;
      node.hidden = false;
      fill(body,
        facts([
          ["First heard", moment(row.first.time)],
          ["Last heard before", moment(row.last.time)],
          ["Loudest", row.loudest !== undefined && dbm(row.loudest)],
          ["Changes", row.changes !== undefined && String(row.changes)],
          ["Kept because", row.why === "guarded" ? "it works with a guarded network" : row.why === "alert" ? "an alert names it" : ""],
        ]),
        changes.length > 0 && h("ul", { class: "plain-list" }, changes.slice(0, MOST).map((row_) => h("li", { class: "line" }, h("span", { class: "line-main plain" }, inWords(row_.change)), h("time", { class: "muted" }, moment(row_.at.time))))),
      );
    },
    () => {},
  );
  return node;
}

// What was noticed about one device, as a card that is there only if there is something.

import { fill, h } from "./dom.js";
import { since } from "./format.js";
import { poll } from "./live.js";
import { card, severity } from "./parts.js";
import { link } from "./router.js";
import { ago, watch } from "./state.js";

/** The address of an alert's view: of its incident, if it belongs to one. */
export const alertLink = (alert) => (alert.incident ? link("incident", alert.incident) : link("alert", alert.id));

const line = (alert) =>
  h("li", null, h("a", { class: "line", href: alertLink(alert) }, severity(alert.severity), h("span", { class: "line-main" }, alert.title), h("span", { class: "muted" }, since(ago(alert.last)))));

/** Return the card of the alerts that name an address, kept up to date until `signal` is aborted. */
export function noticed(address, signal) {
  const list = h("ul", { class: "plain-list" });
  const node = card("Noticed", list);
  node.hidden = true;
  const ask = poll({
    path: "alerts", seconds: 30, signal,
    take: ({ alerts }) => {
      const mine = alerts.filter((alert) => [alert.bssid, alert.sender, alert.receiver].includes(address));
      node.hidden = mine.length === 0;
      fill(list, mine.map(line));
    },
  });
  for (const kind of ["alert", "alert-closed"]) watch(kind, ask, signal);
  return node;
}

// The devices that were near, the most likely followers first; and those that belong here.

import { maker } from "./columns.js";
import { attribute, fill, h, keyed, text } from "./dom.js";
import { duration, moment, plural, since } from "./format.js";
import { poll } from "./live.js";
import { alertLink } from "./noticed.js";
import { act, button, card, empty, failure, loading, severity } from "./parts.js";
import { link } from "./router.js";
import { ago, may } from "./state.js";

export const title = "Visitors";

/** Seconds of one window in which a device counts as near. */
const WINDOW = 300;
const SHOWN = 12;

const where = (row) =>
  [row.places > 0 && `near at ${plural(row.places, "place")} away from home, for ${duration(row.windows * WINDOW)} in all`, row.at_home > 0 && `near at home, for ${duration(row.at_home * WINDOW)}`].filter(Boolean).join("; ") || "near";

function make(ask) {
  return (row) => h(
    "li",
    { class: "visitor" },
    h("a", { class: "line-main", href: link("station", row.address) }, h("code", null, row.address), " ", h("span", { class: "vendor" }), h("span", { class: "line-sub" }), h("span", { class: "line-sub" })),
    may("ignore") && h("button", { type: "button", class: "button", on: { click: async (event) => {
      if (await act(event.currentTarget, "ignore", { addresses: [row.address] }, `${row.address} belongs here from now on.`)) ask();
    } } }, h("span", null, "Belongs here")),
  );
}

function update(node, row) {
  const [, vendor, place, when] = node.firstChild.children;
  text(vendor, maker(row));
  text(place, where(row));
  text(when, `first ${moment(row.first)}, last ${since(ago(row.last))}`);
  node.classList.toggle("is-far", row.places > 1);
  const belongs = node.querySelector("button");
  if (belongs) attribute(belongs, "aria-label", `${row.address} belongs here`);
}

export function mount(root, { signal: leave }) {
  const alerts = h("div");
  const list = h("ul", { class: "plain-list" });
  const found = h("p", { class: "muted" });
  const near = card("Near", found, list);
  const ignored = h("div");
  const body = h("div", null, loading());
  root.append(h("p", { class: "lead-in" }, "A device that is near you at several places may follow you. Your own devices, and those of your home, are told apart by saying that they belong here."), alerts, body);
  const all = may("ignore") && button("All that are near now belong here", "check", async (event) => {
    if (await act(event.currentTarget, "ignore", {}, (answer) => `${plural(answer.changed, "device")} added.`)) both();
  });

  function draw(answer) {
    if (!near.isConnected) fill(body, h("div", { class: "columns" }, h("div", { class: "column wide" }, near), h("div", { class: "column" }, card("They belong here", ignored))));
    const { visitors, left_out: more } = answer;
    const random = answer.random > 0 ? `, ${answer.random} with a random address, of which a new one is not recognised` : "";
    text(found, answer.near > 0 ? `${plural(answer.near, "device")} near at the last look${random}.${more ? ` ${plural(more, "more")} left out.` : ""}` : "No device was near at the last look.");
    if (visitors.length) {
      if (!list.isConnected) fill(near, h("h2", null, "Near"), found, list);
      keyed(list, visitors, (row) => row.address, make(both), update);
    } else fill(near, h("h2", null, "Near"), found, empty("Nobody", "A device is a visitor once it was near for five minutes.", "visitors"));
  }
  const ask = poll({
    path: "visitors", seconds: 20, signal: leave, take: draw,
    failed: (error) => near.isConnected || fill(body, error.status === 409 ? empty("Followers are not looked for", `${error.message}.`, "visitors") : failure(error)),
  });
  const again = poll({ path: "ignored", seconds: 120, signal: leave, take: (answer) => listIgnored(answer) });
  function both() {
    ask();
    again();
  }
  function listIgnored({ addresses, file }) {
    const line = (address) => h("li", { class: "line" }, h("code", { class: "line-main" }, address), may("ignore") && h("button", { type: "button", class: "button", "aria-label": `${address} does not belong here`, on: { click: async (event) => {
      if (await act(event.currentTarget, "ignore", { addresses: [address], forget: true }, `${address} does not belong here any more.`)) both();
    } } }, h("span", null, "Take out")));
    const rest = addresses.slice(SHOWN);
    fill(ignored,
      addresses.length ? h("ul", { class: "plain-list" }, addresses.slice(0, SHOWN).map(line)) : h("p", { class: "muted" }, "Nobody yet."),
      rest.length > 0 && h("details", null, h("summary", null, `${plural(rest.length, "more", "more")}`), h("ul", { class: "plain-list" }, rest.map(line))),
      addresses.length > 0 && h("p", { class: "hint" }, "The list: ", h("code", null, file)),
      all && h("div", { class: "actions" }, all));
  }
  poll({ path: "alerts", seconds: 30, signal: leave, take: ({ alerts: every }) => {
    const mine = every.filter((alert) => alert.rule === "follower");
    fill(alerts, mine.map((alert) => h("a", { class: "card follower", href: alertLink(alert) }, severity(alert.severity), h("span", { class: "line-main" }, alert.title, h("span", { class: "line-sub" }, alert.text)))));
  } });
}

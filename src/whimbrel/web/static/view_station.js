// One station: its signal live, its network, what it looks for, what was noticed about it.

import { maker, renew, stale } from "./columns.js";
import { fill, h, text } from "./dom.js";
import { count, duration, moment, octets, since } from "./format.js";
import { poll } from "./live.js";
import { act, button, card, empty, facts, failure, loading, name } from "./parts.js";
import { noticed } from "./noticed.js";
import { past } from "./past.js";
import { reading } from "./reading.js";
import { link } from "./router.js";
import { note } from "./signals.js";
import { ago, heardTime, may } from "./state.js";

export const title = "Station";

export function mount(root, { subject, signal: leave, title: setTitle }) {
  const address = subject.toLowerCase();
  const badges = h("p", { class: "badges" });
  const state = h("p", { class: "hint" });
  const buttons = h("div", { class: "actions" }, may("ignore") && button("It belongs here", "check", (event) => act(event.currentTarget, "ignore", { addresses: [address] }, "From now on it is no follower.")));
  const level = reading(leave, state, buttons);
  const about = h("div");
  const wanted = h("ul", { class: "plain-list" });
  const wantedCard = card("Looks for", h("p", { class: "muted" }, "Names that it has called: networks that it knows."), wanted);
  const body = h("div", null, loading());
  root.append(h("p", { class: "crumb" }, h("a", { href: link("stations") }, "Stations")), badges, body);
  const content = h("div", { class: "columns" }, h("div", { class: "column wide" }, level.node, noticed(address, leave), wantedCard), h("div", { class: "column" }, card("Heard", about), past(address, leave)));
  let row = null;
  let network = null;

  function show() {
    setTitle(row.station);
    fill(badges, h("code", null, row.station), h("span", { class: "muted" }, maker(row)));
    level.show(address, row.rssi);
    text(state, stale(row) ? `It was silent for ${duration(ago(row.last))}.` : "");
    const known = network && (network.ssid || network.mesh_id);
    fill(about, facts([
      ["Network", row.bssid ? h("a", { href: link("ap", row.bssid) }, known ? name(known) : h("code", null, row.bssid)) : "none"],
      ["Access point", row.bssid && known && h("code", null, row.bssid)],
      ["Maker", row.vendor || "unknown"],
      ["Address", row.randomised ? "random: tomorrow it may have another one" : "fixed"],
      ["First", moment(row.first)],
      ["Last", `${moment(row.last)} (${since(ago(row.last))})`],
      ["Frames", count(row.frames)],
      ["Data", row.data_octets ? octets(row.data_octets) : "none"],
      ["Kind of device", row.fingerprint && h("code", null, row.fingerprint)],
    ]));
    wantedCard.hidden = row.probed.length === 0;
    renew(wanted, row.probed.join("\n"), () => row.probed.map((one) => h("li", { class: "line" }, h("span", { class: "line-main" }, name(one)))));
  }
  poll({
    path: "survey", keys: { device: address }, seconds: 1, signal: leave,
    take: (answer) => {
      heardTime(answer.time, false);
      const found = answer.stations.find((one) => one.station === address);
      if (found) {
        note([found]);
        if (!row) fill(body, content);
        const moved = row?.bssid !== found.bssid;
        row = found;
        show();
        if (moved) askNetwork();
      } else if (row) text(state, "It is not heard any more: it was silent for long, or made room for newer ones.");
      else if (answer.access_points.length) location.replace(link("ap", address));
      else fill(body, empty("Not heard at present", `There is no station with the address ${subject}.`, "stations"));
    },
    failed: (error) => row ?? fill(body, error.status === 409 ? empty("Not heard at present", error.message, "stations") : failure(error)),
  });
  const askNetwork = poll({
    path: "survey", keys: () => ({ device: row?.bssid ?? address, what: "access_points" }), seconds: 10, signal: leave,
    take: ({ access_points: [found] }) => {
      network = found ?? null;
      if (row) show();
    },
  });
}

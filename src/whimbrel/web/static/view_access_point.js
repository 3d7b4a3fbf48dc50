// One access point: its signal live, what it announces, who works with it, what was noticed about it.

import { stale, strengthOf } from "./columns.js";
import { fill, h, keyed, text } from "./dom.js";
import { channelText, duration, moment, percent, plural, since, count } from "./format.js";
import { follow } from "./guarded.js";
import { poll } from "./live.js";
import { noticed } from "./noticed.js";
import { act, button, card, empty, facts, failure, loading, nameOf, name, protection, signal, setSignal, toast } from "./parts.js";
import { past } from "./past.js";
import { reading } from "./reading.js";
import { link } from "./router.js";
import { note } from "./signals.js";
import { ago, heardTime, latest, may, watch } from "./state.js";

export const title = "Access point";

const PMF = { none: "none", optional: "optional", required: "required" };

function announced(row) {
  const load = row.load && `${plural(row.load.stations, "station")}, channel ${percent(row.load.utilisation)} busy`;
  return facts([
    ["Address", h("code", null, row.bssid)],
    ["Maker", row.vendor || "unknown"],
    ["Name", row.hidden ? h("span", null, nameOf(row), " (it hides it)") : nameOf(row)],
    ["Earlier names", row.names.length > 1 && row.names.filter((one) => one !== row.ssid).map((one) => h("div", null, name(one)))],
    ["Protection", row.security],
    ["Management frames", `protection ${PMF[row.pmf] ?? row.pmf}`],
    ["Key management", row.akms.join(", ")],
    ["Ciphers", [row.ciphers.join(", "), row.group_cipher && row.group_cipher !== row.ciphers[0] && `group: ${row.group_cipher}`].filter(Boolean).join("; ")],
    ["WPS", row.wps ? "announced" : "no"],
    ["Channel", row.channel ? `${row.channel} (${row.freq} MHz), ${row.width} MHz wide` : "unknown"],
    ["Heard on", row.heard_on ? `${row.heard_on} MHz as well` : ""],
    ["Generation", row.phy && `802.11${row.phy}`],
    ["Country", row.country],
    ["Kind", row.adhoc ? "ad hoc network" : row.mesh_id !== null ? "mesh station" : ""],
    ["Beacon interval", `${row.interval} TU${row.measured_interval ? `, measured ${row.measured_interval}` : ""}`],
    ["Running for", row.uptime !== null && duration(row.uptime)],
    ["Load", load],
    ["Carried by", row.carrier && h("a", { href: link("ap", row.carrier) }, h("code", null, row.carrier))],
  ]);
}

function actions(row, guarded) {
  const channel = channelText(row);
  const buttons = [];
  if (row.channel && may("camp")) buttons.push(button("Listen here for 30 s", "antenna", (event) => act(event.currentTarget, "camp", { channel, seconds: 30 }, `The radio stays on channel ${channel} for 30 s.`)));
  if (row.channel && may("lock")) buttons.push(button("Stay on its channel", "lock", (event) => act(event.currentTarget, "lock", { channel }, `The radio stays on channel ${channel}.`)));
  if (may("learn") && !guarded) buttons.push(button("Guard this network", "guarded", (event) => learn(event.currentTarget, row.bssid)));
  if (may("forget") && guarded?.source === "learned") buttons.push(button("Stop guarding it", "close", (event) => act(event.currentTarget, "forget", { ssid: `hex:${guarded.ssid_hex}` }, "This network is not guarded any more.")));
  return buttons;
}

const GUARDED = "This network is guarded in its present state.";

async function learn(node, bssid) {
  const answer = await act(node, "learn", { bssid });
  if (!answer) return;
  const place = node.parentElement;
  if (answer.written) return toast(GUARDED, "good");
  fill(
    place,
    h("div", { class: "doubts" }, h("p", null, h("strong", null, "There are doubts. Guard it in spite of them?")), h("ul", null, answer.doubts.map((doubt) => h("li", null, name(doubt.ssid), ": ", doubt.text)))),
    button("Guard it in spite of them", "guarded", async (event) => {
      await act(event.currentTarget, "learn", { bssid, sure: true }, GUARDED);
    }, "careful"),
  );
}

function stay(row) {
  const radio = latest.get("hopping-changed");
  if (!radio) return "";
  if (radio.mode === "hopping") return "The radio hops: it hears this one only when it is on its channel.";
  const freq = radio.channel?.freq;
  if (freq && freq !== row.freq) return `The radio stays on another channel (${freq} MHz).`;
  return radio.mode === "camping" ? "The radio listens here for a while." : "The radio stays on this channel.";
}

export function mount(root, { subject, signal: leave, title: setTitle }) {
  const bssid = subject.toLowerCase();
  const radio = h("p", { class: "hint" });
  const badges = h("p", { class: "badges" });
  const buttons = h("div", { class: "actions" });
  const level = reading(leave, radio, buttons);
  const about = h("div");
  const statistics = h("div");
  const stations = h("ul", { class: "plain-list" });
  const unlisted = h("p", { class: "muted" });
  const stationsCard = card("Stations", stations, unlisted);
  const content = h(
    "div",
    { class: "columns" },
    h("div", { class: "column wide" }, level.node, noticed(bssid, leave), stationsCard),
    h("div", { class: "column" }, card("Announced", about), card("Heard", statistics), past(bssid, leave)),
  );
  const body = h("div", null, loading());
  root.append(h("p", { class: "crumb" }, h("a", { href: link("here") }, "What is here")), badges, body);

  let row = null;
  let actionsFor = "";
  const guarded = follow(leave, () => row && show());

  function show() {
    setTitle(row.ssid || row.mesh_id || "Hidden network");
    const isGuarded = guarded.has(row);
    const network = guarded.of(row);
    fill(badges, protection(row, isGuarded), h("span", { class: "muted" }, row.channel ? ` channel ${row.channel}, ${row.band} GHz` : ""), h("code", null, row.bssid));
    level.show(bssid, row.rssi);
    text(radio, stay(row));
    fill(about, announced(row));
    fill(statistics, facts([["First", moment(row.first)], ["Last", `${moment(row.last)} (${since(ago(row.last))})`], ["Beacons", count(row.beacons)], ["Frames", count(row.frames)], ["Stations with it", count(row.stations)], ["Returned to an old announcement", row.flips ? `${row.flips} times` : ""]]));
    const wanted = `${channelText(row)} ${isGuarded} ${network?.source}`;
    if (wanted !== actionsFor) {
      actionsFor = wanted;
      fill(buttons, actions(row, network));
    }
  }

  function list(members, leftOut) {
    const mine = [...members].sort((one, other) => strengthOf(other) - strengthOf(one));
    stationsCard.hidden = mine.length === 0;
    text(unlisted, leftOut ? `${plural(leftOut, "more station")}, heard longer ago.` : "");
    keyed(stations, mine, (one) => one.station, (one) => h("li", null, h("a", { class: "station-line", href: link("station", one.station) }, h("code"), h("span", { class: "muted" }), signal())), (node, one) => {
      const [address, kind, strength] = node.firstChild.children;
      text(address, one.station);
      text(kind, one.vendor || (one.randomised ? "random address" : ""));
      setSignal(strength, one.rssi, stale(one));
    });
  }

  poll({
    path: "survey", keys: { device: bssid }, seconds: 1, signal: leave,
    take: (answer) => {
      heardTime(answer.time, false);
      const [found] = answer.access_points;
      if (found) {
        note([found]);
        if (!row) fill(body, content);
        row = found;
        show();
        list(answer.stations.filter((one) => one.bssid === bssid), answer.left_out);
      } else if (row) text(radio, "It is not heard any more: it was silent for long, or made room for newer ones.");
      else if (answer.stations.some((one) => one.station === bssid)) location.replace(link("station", bssid));
      else fill(body, empty("Not heard at present", `There is no access point with the address ${subject}.`));
    },
    failed: (error) => row ?? fill(body, error.status === 409 ? empty("Not heard at present", error.message) : failure(error)),
  });
  watch("hopping-changed", () => row && text(radio, stay(row)), leave);
}

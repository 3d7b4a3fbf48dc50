// One access point: its signal live, what it announces, who works with it, what was noticed about it.

import { attribute, fill, h, keyed, text } from "./dom.js";
import { channelText, dbm, duration, level, moment, percent, plural, since, strengthWord, count } from "./format.js";
import { follow } from "./guarded.js";
import { poll } from "./live.js";
import { act, button, card, empty, facts, failure, loading, nameOf, name, protection, severity, signal, setSignal, toast } from "./parts.js";
import { plot } from "./plot.js";
import { link } from "./router.js";
import { note, since as heardSince } from "./signals.js";
import { ago, heardTime, latest, may, now, watch } from "./state.js";

export const title = "Access point";

/** Seconds of signal that the plot shows. */
const SPAN = 120;

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
  const number = h("strong", { class: "big-number" }, "–");
  const word = h("span", { class: "muted" });
  const spread = h("span", { class: "muted" });
  const place = h("div", { class: "plot" });
  const radio = h("p", { class: "hint" });
  const badges = h("p", { class: "badges" });
  const buttons = h("div", { class: "actions" });
  const about = h("div");
  const statistics = h("div");
  const stations = h("ul", { class: "plain-list" });
  const stationsCard = card("Stations", stations);
  const alerts = h("ul", { class: "plain-list" });
  const alertsCard = card("Noticed", alerts);
  alertsCard.hidden = true;
  const content = h(
    "div",
    { class: "columns" },
    h("div", { class: "column wide" }, h("section", { class: "card", "aria-labelledby": "signal-title" }, h("h2", { id: "signal-title" }, "Signal"), h("p", { class: "reading" }, number, h("span", { class: "unit" }, "dBm"), word, spread), place, radio, buttons), alertsCard, stationsCard),
    h("div", { class: "column" }, card("Announced", about), card("Heard", statistics)),
  );
  const body = h("div", null, loading());
  root.append(h("p", { class: "crumb" }, h("a", { href: link("here") }, "What is here")), badges, body);

  const draw = plot(place, { series: [{ label: "Signal", tone: "accent", fill: true, points: true }], range: [-100, -20], height: 230, size: 40, span: SPAN, signal: leave });
  let row = null;
  let actionsFor = "";
  const guarded = follow(leave, () => row && show());

  function sample() {
    const { times, levels } = heardSince(bssid, now() - SPAN * 1.5);
    const end = Math.max(now(), times.at(-1) ?? 0);
    draw([[...times, end], [...levels, null]]);
    attribute(place, "role", "img");
    attribute(place, "aria-label", `Signal of the last two minutes, now ${dbm(row.rssi.last)}`);
  }

  function show() {
    setTitle(row.ssid || row.mesh_id || "Hidden network");
    const isGuarded = guarded.has(row);
    const network = guarded.of(row);
    fill(badges, protection(row, isGuarded), h("span", { class: "muted" }, row.channel ? ` channel ${row.channel}, ${row.band} GHz` : ""), h("code", null, row.bssid));
    text(number, level(row.rssi.last));
    text(word, strengthWord(row.rssi.smoothed ?? row.rssi.last));
    text(spread, row.rssi.min === null ? "" : `${level(row.rssi.min)} to ${level(row.rssi.max)}`);
    text(radio, stay(row));
    fill(about, announced(row));
    fill(statistics, facts([["First", moment(row.first)], ["Last", `${moment(row.last)} (${since(ago(row.last))})`], ["Beacons", count(row.beacons)], ["Frames", count(row.frames)], ["Stations with it", count(row.stations)], ["Returned to an old announcement", row.flips ? `${row.flips} times` : ""]]));
    const wanted = `${channelText(row)} ${isGuarded} ${network?.source}`;
    if (wanted !== actionsFor) {
      actionsFor = wanted;
      fill(buttons, actions(row, network));
    }
    sample();
  }

  poll({
    path: "survey", keys: { what: "access_points" }, seconds: 1, signal: leave,
    take: (answer) => {
      heardTime(answer.time, false);
      note(answer.access_points);
      const found = answer.access_points.find((one) => one.bssid === bssid);
      if (found) {
        if (!row) fill(body, content);
        row = found;
        show();
      } else if (row) text(radio, "It is not heard any more: it was silent for long, or made room for newer ones.");
      else fill(body, empty("Not heard at present", `There is no access point with the address ${subject}.`));
    },
    failed: (error) => row ?? fill(body, failure(error)),
  });
  poll({
    path: "survey", keys: { what: "stations" }, seconds: 5, signal: leave,
    take: ({ stations: all }) => {
      const mine = all.filter((one) => one.bssid === bssid).sort((one, other) => (other.rssi.smoothed ?? -200) - (one.rssi.smoothed ?? -200));
      stationsCard.hidden = mine.length === 0;
      keyed(stations, mine, (one) => one.station, () => h("li", { class: "station-line" }, h("code"), h("span", { class: "muted" }), signal()), (node, one) => {
        text(node.children[0], one.station);
        text(node.children[1], one.vendor || (one.randomised ? "random address" : ""));
        setSignal(node.children[2], one.rssi, ago(one.last) > 60);
      });
    },
  });
  const ask = poll({
    path: "alerts", seconds: 30, signal: leave,
    take: ({ alerts: all }) => {
      const mine = all.filter((alert) => alert.bssid === bssid);
      alertsCard.hidden = mine.length === 0;
      fill(alerts, mine.map((alert) => h("li", null, h("a", { class: "line", href: alert.incident ? link("incident", alert.incident) : link("alert", alert.id) }, severity(alert.severity), h("span", { class: "line-main" }, alert.title), h("span", { class: "muted" }, since(ago(alert.last)))))));
    },
  });
  watch("alert", ask, leave);
  watch("hopping-changed", () => row && text(radio, stay(row)), leave);
}

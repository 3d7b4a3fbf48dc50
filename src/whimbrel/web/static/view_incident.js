// One incident: what happens, what to do, and the alerts that say so, with their evidence. Or one alert without an incident.
// One that the daemon has forgotten is that of the history.

import { fill, h } from "./dom.js";
import { get, url } from "./api.js";
import { count, dbm, duration, level, moment, octets, plural, since } from "./format.js";
import { icon } from "./icons.js";
import { poll } from "./live.js";
import { act, button, empty, facts, failure, loading, nameOf, severity } from "./parts.js";
import { link } from "./router.js";
import { ago, heardTime, may, watch } from "./state.js";
import { inWords } from "./view_recordings.js";

export const title = "Incident";

const address = (value) => value && (value === "ff:ff:ff:ff:ff:ff" ? "everybody" : h("a", { href: link("ap", value) }, h("code", null, value)));
const plain = (value) => value && (value === "ff:ff:ff:ff:ff:ff" ? "everybody" : h("code", null, value));

function evidence(alert) {
  const place = h("div", { class: "evidence" });
  const more = h("details", { on: { toggle: () => more.open && !place.firstChild && frames(place, alert.id) } }, h("summary", null, `Look at ${alert.frames === 1 ? "the frame" : `the ${alert.frames} frames`}`), place);
  return h(
    "div",
    { class: "alert-evidence" },
    h("a", { class: "button", href: url(`alerts/${encodeURIComponent(alert.id)}/evidence.pcapng`), download: `whimbrel-alert-${alert.id}.pcapng` }, icon("download"), h("span", null, `Evidence (${plural(alert.frames, "frame")}, pcapng)`)),
    more,
  );
}

async function frames(place, id) {
  fill(place, loading());
  let answer;
  try {
    answer = await get(`alerts/${encodeURIComponent(id)}/evidence`);
  } catch (error) {
    fill(place, failure(error));
    return;
  }
  const bytes = (hex) => (hex.match(/../g) ?? []).slice(0, 32).join(" ") + (hex.length > 64 ? " …" : "");
  const first = answer.frames[0]?.time ?? 0;
  fill(
    place,
    answer.left_out > 0 && h("p", { class: "muted" }, `${plural(answer.left_out, "frame")} between the first and the last were not kept.`),
    h("div", { class: "table-scroll", role: "region", "aria-label": "Frames", tabIndex: 0 },
      h("table", { class: "frames" },
        h("thead", null, h("tr", null, ["After", "dBm", "MHz", "Octets", "Begins with"].map((label) => h("th", { scope: "col" }, label)))),
        h("tbody", null, answer.frames.map((frame) => h("tr", null, h("td", null, `${(frame.time - first).toFixed(3)} s`), h("td", null, level(frame.rssi)), h("td", null, frame.freq || "–"), h("td", null, frame.length), h("td", null, h("code", null, bytes(frame.octets)))))),
      )),
  );
}

function alertCard(alert, alone) {
  return h(
    "article",
    { class: `card alert-card severity-edge-${alert.severity}` },
    h("header", { class: "alert-head" }, severity(alert.severity), h("h3", null, alert.title), h("span", { class: "muted" }, since(ago(alert.last)))),
    h("p", { class: "alert-text" }, alert.text),
    facts([
      ["Seen", `${count(alert.count)} ${alert.count === 1 ? "time" : "times"}${alert.threshold ? `, alert from ${alert.threshold}` : ""}`],
      ["From", `${moment(alert.first)}${alert.last - alert.first >= 1 ? `, for ${duration(alert.last - alert.first)}` : ""}`],
      ["Access point", address(alert.bssid)],
      ["Network", alert.ssid && nameOf(alert)],
      ["Sender", alert.sender !== alert.bssid && plain(alert.sender)],
      ["Receiver", plain(alert.receiver)],
      ["Signal", alert.rssi_range ? `${level(alert.rssi_range[0])} to ${dbm(alert.rssi_range[1])}` : ""],
      ["Channel", alert.channel ? `${alert.channel} (${alert.freq} MHz)` : ""],
      ["Confidence", alert.confidence],
      ["Raised before", alert.again ? `${plural(alert.again, "time")}` : ""],
    ]),
    !alone && h("p", { class: "muted" }, alert.meaning),
    h("details", { class: "more" }, h("summary", null, "What else it may be"), h("p", null, alert.fooled_by), h("p", { class: "muted" }, `Detection ${alert.rule}. Source: ${alert.reference}`)),
    alert.frames > 0 && evidence(alert),
  );
}

function acknowledge(row, ask) {
  if (!ask) return h("p", { class: "muted" }, "From the history: the daemon itself does not remember it any more.");
  if (row.acknowledged) return h("p", { class: "seen" }, icon("check"), "Marked as seen. Should it become worse, it counts as not seen again.");
  if (!may("acknowledge")) return null;
  return h("div", { class: "actions" }, button("Mark as seen", "check", async (event) => {
    await act(event.currentTarget, "acknowledge", { alert: row.id }, "Marked as seen.");
    ask();
  }, "primary"));
}

/**
 * Return the place of the recordings that some alerts began, and `show`, which takes the ids of these. It is empty where there
 * is no recording, or no recorder. The list is asked for at once, and when a recording changes.
 */
function recordings(signal) {
  const place = h("div", { class: "recorded" });
  let all = [];
  let wanted = [];
  function draw() {
    const mine = all.filter(({ recording }) => wanted.includes(inWords(recording).alert));
    fill(place, mine.length > 0 && [ h("h2", null, "Recorded around it"), mine.map((row) => h("a", { class: "button", href: url(`recordings/${encodeURIComponent(row.recording)}`), download: `${row.recording}.pcapng` }, icon("download"), h("span", null, `${inWords(row.recording).reason} (${octets(row.octets)}${row.open ? " so far" : ""}, pcapng)`)))]);
  }
  const ask = () => get("recordings", {}, signal).then((answer) => {
    all = answer.recordings;
    draw();
  }, () => {});
  for (const kind of ["recording-begun", "recording-ended", "recording-kept", "recording-changed", "refresh"]) watch(kind, ask, signal);
  ask();
  const show = (ids) => {
    wanted = ids;
    draw();
  };
  return { place, show };
}

function summary(row, ask, recorded) {
  const state = row.state === "open" || row.open ? "It goes on." : "It is over.";
  const lasting = row.last - row.first >= 1 ? `, for ${duration(row.last - row.first)}` : "";
  return h(
    "section",
    { class: `card summary severity-edge-${row.severity}`, "aria-label": "Summary" },
    h("p", { class: "badges" }, severity(row.severity), h("span", { class: "muted" }, `confidence ${row.confidence}`)),
    h("p", { class: "lead" }, row.text),
    h("p", { class: "muted" }, `${state} From ${moment(row.first)}${lasting}. ${row.channel ? `Channel ${row.channel}, ${row.band} GHz.` : ""}`),
    row.ssid && h("p", null, "Network ", nameOf(row), row.bssid && [" at ", address(row.bssid)]),
    h("h2", null, "What it means"),
    h("p", null, row.meaning),
    h("h2", null, "What to do"),
    h("p", { class: "advice" }, row.advice),
    recorded,
    acknowledge(row, ask),
  );
}

/** What of an answer changes the picture: ages and counts that only grow do not. */
const outline = (answer) => JSON.stringify([answer.incidents.map((row) => [row.id, row.state, row.acknowledged, row.severity, row.text, row.cause]), answer.alerts.map((row) => [row.id, row.state, row.acknowledged, row.severity, row.count, row.frames, row.text])]);

export function mount(root, { view, subject, keys, signal: leave, title: setTitle }) {
  const body = h("div", null, loading());
  root.append(h("p", { class: "crumb" }, h("a", { href: view === "alert" ? `${link("incidents")}?part=weaknesses` : link("incidents") }, view === "alert" ? "Weaknesses" : "Incidents")), body);
  let drawn = "";
  const recorded = recordings(leave);
  const busy = () => body.querySelector("details[open]") || body.contains(document.activeElement);
  const late = h("button", { type: "button", class: "button news", hidden: true, on: { click: () => draw(waiting) } }, h("span", null, "There is more: show it"));
  let waiting = null;
  root.insertBefore(late, body);

  function draw(answer) {
    waiting = null;
    late.hidden = true;
    drawn = outline(answer);
    const row = answer.incidents[0] ?? answer.alerts.find((alert) => alert.id === subject) ?? answer.alerts[0];
    if (!row) {
      fill(body, empty("This is not remembered any more", "The daemon remembers the last 128 alerts; earlier ones are in the history.", "history"));
      return;
    }
    show(row, answer.incidents.length === 0, answer.alerts, ask);
  }

  function show(row, alone, found, again) {
    setTitle(row.title);
    const alerts = [...found].sort((one, other) => one.first - other.first);
    recorded.show(alerts.map((alert) => alert.id));
    fill(body, h("div", { class: "columns" },
      h("div", { class: "column" }, summary(row, again, recorded.place)),
      h("div", { class: "column" }, h("h2", { class: "section-title" }, alone ? "The evidence" : `${plural(alerts.length, "alert")} in it`), alerts.map((alert) => alertCard(alert, alone)))));
  }
  const ask = poll({
    path: `alerts/${encodeURIComponent(subject)}`, seconds: 15, signal: leave,
    take: (answer) => {
      heardTime(answer.time);
      if (outline(answer) === drawn) return;
      // Who reads the frames or is about to press a button is not interrupted.
      if (drawn && busy()) {
        waiting = answer;
        late.hidden = false;
      } else draw(answer);
    },
    failed: (error) => {
      if (drawn) return;
      if (error.status === 404 || error.status === 400) forgotten(error);
      else fill(body, failure(error));
    },
  });
  async function forgotten(error) {
    let row = null;
    let alerts = [];
    try {
      const past = await get("history", { what: "incidents alerts", since: keys.get("since") }, leave);
      row = past.incidents.find((one) => one.id === subject) ?? null;
      alerts = past.alerts.filter((one) => one.id === subject || row?.alerts.includes(one.id));
      drawn = "past";
    } catch {
      // There is no history, or it is not there at present: then nobody remembers it.
    }
    if (leave.aborted) return;
    if (!row && !alerts.length) fill(body, empty("This is not remembered any more", error.message, "history"));
    else show(row ?? alerts[0], !row, alerts.map((alert) => ({ ...alert, frames: 0 })), null);
  }
  const own = ({ body: row }) => (row.id === subject || row.incident === subject) && ask();
  for (const kind of ["incident-changed", "incident-closed", "alert", "alert-updated", "alert-closed", "alert-acknowledged"]) watch(kind, own, leave);
}


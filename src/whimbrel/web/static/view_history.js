// The history: who was around, what changed, what happened since a chosen time; and a report to hand on.

import { get, url } from "./api.js";
import { fill, h } from "./dom.js";
import { count, duration, moment, plural } from "./format.js";
import { icon } from "./icons.js";
import { card, choice, empty, failure, loading, nameOf, severity } from "./parts.js";
import { inWords } from "./past.js";
import { plot } from "./plot.js";
import { link, remember } from "./router.js";
import { now, watch } from "./state.js";

export const title = "History";

const DAY = 86400;
const SPANS = [
  ["1", "Day"],
  ["7", "Week"],
  ["30", "Month"],
  ["365", "Year"],
];
const SHOWN = 12;

/** A list of which the first are shown, and the rest on request. */
function long(rows, line, nothing) {
  if (!rows.length) return h("p", { class: "muted" }, nothing);
  const list = h("ul", { class: "plain-list" }, rows.slice(0, SHOWN).map(line));
  const rest = rows.length - SHOWN;
  if (rest <= 0) return list;
  const more = h("button", { type: "button", class: "button", on: { click: () => {
    list.append(...rows.slice(SHOWN).map(line));
    list.children[SHOWN].querySelector("a")?.focus();
    more.remove();
  } } }, h("span", null, `Show ${plural(rest, "more", "more")}`));
  return [list, more];
}

/** A time of the history; one by a clock that nobody had told the time is marked. */
const dated = (seconds, by) => (by.estimate ? h("span", { title: "the time is an estimate" }, `~ ${moment(seconds)}`) : moment(seconds));

const changeLine = (row) =>
  h("li", null, h("a", { class: "line", href: link("ap", row.bssid) }, h("span", { class: "line-main" }, nameOf(row), h("span", { class: "line-sub" }, inWords(row.change))), h("time", { class: "muted" }, dated(row.at.time, row.at))));

const incidentLine = (row) =>
  h("li", null, h("a", { class: "past-incident", href: `${link("incident", row.id)}?since=${Math.floor(row.first) - 1}` }, h("span", { class: "incident-head" }, severity(row.severity), h("time", { class: "incident-time" }, dated(row.first, row))), h("span", { class: "line-main" }, row.title, h("span", { class: "line-sub" }, row.text))));

const newLine = (row) =>
  h("li", null, h("a", { class: "line", href: link("ap", row.bssid) }, h("span", { class: "line-main" }, nameOf(row.announced), h("span", { class: "line-sub" }, `${row.announced.security}, ${row.bssid}`)), h("time", { class: "muted" }, dated(row.first.time, row.first))));

const sessionLine = (row) =>
  h("li", null, h("div", { class: "line" }, h("span", { class: "line-main" }, `${moment(row.began)}, for ${duration(row.ended - row.began)}`, h("span", { class: "line-sub" }, [row.radio, row.place, row.clock ? row.estimate && "the time is an estimate" : "clock not set"].filter(Boolean).join(" · "))), h("span", { class: "muted" }, plural(row.frames, "frame"))));

function crowds(rows, leave) {
  if (rows.length < 2) return h("p", { class: "muted" }, "The picture needs two hours of listening.");
  const place = h("div", { class: "plot", role: "img", "aria-label": `Access points and stations around, hour by hour: at most ${Math.max(...rows.map((row) => row.access_points))} and ${Math.max(...rows.map((row) => row.stations))}` });
  const set = plot(place, { series: [{ label: "Access points", tone: "accent", stepped: true, fill: true }, { label: "Stations", tone: "second", stepped: true }], range: (u, low, high) => [0, Math.max(5, high * 1.1)], height: 220, signal: leave });
  const sorted = [...rows].sort((one, other) => one.hour - other.hour);
  set([sorted.map((row) => row.hour), sorted.map((row) => row.access_points), sorted.map((row) => row.stations)]);
  return place;
}

export function mount(root, { keys, signal: leave }) {
  let days = SPANS.some(([one]) => one === keys.get("days")) ? keys.get("days") : "1";
  let turn = null;
  const report = h("a", { class: "button", target: "_blank", rel: "noopener" }, icon("report"), h("span", null, "Report to hand on"));
  const spans = choice("Since when", SPANS, days, (chosen) => {
    days = chosen;
    remember({ days: chosen === "1" ? "" : chosen });
    load();
  });
  const body = h("div", null, loading());
  root.append(h("div", { class: "tools" }, spans, h("div", { class: "actions" }, report)), body);

  async function load() {
    turn?.abort();
    turn = new AbortController();
    const { signal } = turn;
    leave.addEventListener("abort", () => turn.abort());
    const since = Math.floor(now() - Number(days) * DAY);
    report.href = url("report.html", { since });
    const step = { 1: 1, 7: 1, 30: 6, 365: 24 }[days];
    let past;
    let fresh;
    try {
      past = await get("history", { what: "sessions incidents changes crowds", since, step }, signal);
      fresh = await get("history", { what: "access_points", since, new: "true" }, signal);
    } catch (error) {
      if (signal.aborted) return;
      fill(body, error.unreachable || error.daemonAway ? failure(error) : empty("There is no history", `${error.message} The module history in the settings keeps one.`, "history"));
      return;
    }
    const added = fresh.access_points;
    fill(body, h("div", { class: "columns" },
      h("div", { class: "column wide" }, card("Around", crowds(past.crowds, signal)), card(`Incidents (${count(past.incidents.length)})`, long(past.incidents, incidentLine, "None in this time.")), card(`Changes (${count(past.changes.length)})`, long(past.changes, changeLine, "No access point announced anything else than before."))),
      h("div", { class: "column" }, card(`New access points (${count(added.length)})`, long(added, newLine, "None was heard for the first time.")), card(`Times of listening (${count(past.sessions.length)})`, long(past.sessions, sessionLine, "None in this time."))),
    ));
    if (past.left_out) body.append(h("p", { class: "totals" }, `${plural(past.left_out, "more row")} left out; the report, or a shorter time, has them.`));
  }
  load();
  // After an interruption, what could not be fetched is fetched; what is there may be read on.
  watch("refresh", () => body.querySelector(".empty") && load(), leave);
}

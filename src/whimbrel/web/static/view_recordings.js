// The recordings: to download, and to keep.

import { url } from "./api.js";
import { fill, h, keyed, text, attribute } from "./dom.js";
import { count, duration, moment, octets } from "./format.js";
import { icon } from "./icons.js";
import { poll } from "./live.js";
import { act, button, card, choice, empty, facts, failure, loading } from "./parts.js";
import { link } from "./router.js";
import { may, watch } from "./state.js";

export const title = "Recordings";

const MODES = [
  ["all", "Everything"],
  ["interesting", "What matters"],
  ["off", "Incidents"],
];
const MODE_WORDS = { all: "everything, all the time", interesting: "management, logins and evidence, all the time", off: "the frames around incidents" };

const words = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");

/** The name of a recording in words: its reason, and its time, which the name has in UTC. */
export function inWords(recording) {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z-(.+)$/.exec(recording);
  if (!match) return { alert: null, reason: recording, time: "" };
  const [, day, hour, minute, second, rest] = match;
  const alert = /^(.+)-a(\d+)$/.exec(rest);
  return { alert: alert?.[2] ?? null, reason: alert ? `${words(alert[1])}, alert ${alert[2]}` : words(rest), time: moment(Date.parse(`${day}T${hour}:${minute}:${second}Z`) / 1000) };
}

const alertOf = (row) => {
  const { alert } = inWords(row.recording);
  return alert && h("a", { href: link("alert", alert) });
};

function make(ask) {
  return (row) => h(
    "li",
    { class: "recording" },
    icon("recordings"),
    h("span", { class: "recording-main" }, h("span", { class: "recording-name" }, alertOf(row)), h("span", { class: "muted" })),
    may("record") && h("button", { type: "button", class: "button square keep", on: { click: async (event) => {
      if (await act(event.currentTarget, "record", { what: "keep", recording: row.recording }, "This recording is kept for good.")) ask();
    } } }, icon("keep")),
    h("a", { class: "button square", href: url(`recordings/${encodeURIComponent(row.recording)}`), download: `${row.recording}.pcapng` }, icon("download")),
  );
}

function update(node, row) {
  const [heading, state] = node.querySelector(".recording-main").children;
  const { reason, time } = inWords(row.recording);
  text(heading.firstElementChild ?? heading, reason);
  attribute(heading, "title", row.recording);
  text(state, [time, octets(row.octets), row.open ? "is being written" : "", row.kept ? "kept for good" : ""].filter(Boolean).join(" · "));
  node.classList.toggle("is-recording", row.open);
  const keep = node.querySelector(".keep");
  if (keep) {
    keep.hidden = row.kept;
    attribute(keep, "aria-label", `Keep ${row.recording} for good`);
  }
  attribute(node.querySelector("a[download]"), "aria-label", `Download ${row.recording}, ${octets(row.octets)}`);
}

export function mount(root, { signal: leave }) {
  const state = h("div");
  const list = h("ul", { class: "plain-list" });
  const controls = h("div", { class: "actions" });
  const recorder = card("Recorder", state, controls);
  const files = card(null);
  const body = h("div", null, loading());
  root.append(body);
  let modes = null;

  function draw({ state: now, recordings }) {
    if (!recorder.isConnected) fill(body, h("div", { class: "columns" }, h("div", { class: "column wide" }, files), h("div", { class: "column" }, recorder)));
    fill(state, now.problem && h("p", { class: "problem" }, icon("warning"), now.problem), facts([
      ["Records", MODE_WORDS[now.mode] ?? now.mode],
      ["Now", now.recording.length ? now.recording.map((one) => inWords(one).reason).join(", ") : "nothing"],
      ["In memory", `the last ${duration(now.ring_seconds)} (${octets(now.ring_octets)})`],
      ["On the card", `${octets(now.used)} of ${octets(now.cap)}, ${octets(now.free)} free`],
      ["Written in the last hour", octets(now.last_hour)],
      ["Frames lost", now.lost ? count(now.lost) : ""],
      ["Written late", now.late ? `${count(now.late)} frames` : ""],
      ["At home", now.home && `records ${now.home}`],
      ["Folder", h("code", null, now.folder)],
    ]));
    if (may("record")) {
      if (!modes) {
        modes = choice("What is recorded all the time", MODES, now.mode, async (what) => {
          await act(modes, "record", { what }, "From now on.");
          ask();
        });
        fill(controls, button("Keep the last frames", "keep", async (event) => {
          if (await act(event.currentTarget, "record", { what: "keep" }, (answer) => `Recorded as ${answer.recording}.`)) ask();
        }, "primary"), modes);
      }
      for (const mode of modes.children) attribute(mode, "aria-pressed", String(mode.dataset.value === now.mode));
    }
    if (recordings.length) {
      if (!list.isConnected) fill(files, h("h2", null, "Files"), list);
      keyed(list, recordings, (row) => row.recording, make(ask), update);
    } else fill(files, h("h2", null, "Files"), empty("No recording yet", "The frames around an incident are recorded by themselves.", "recordings"));
  }
  let first = true;
  const ask = poll({
    path: "recordings", seconds: 10, signal: leave,
    take: (answer) => {
      first = false;
      draw(answer);
    },
    failed: (error) => {
      if (!first) return;
      fill(body, error.unreachable || error.daemonAway ? failure(error) : empty("Nothing is recorded", `${error.message} The module recorder in the settings records the frames around an incident.`, "recordings"));
    },
  });
  for (const kind of ["recording-begun", "recording-ended", "recording-kept", "recording-changed"]) watch(kind, ask, leave);
}

// The channels as a picture: the networks of each band over its frequencies, and how busy the channels are.

import { attribute, fill, h, keyed, text } from "./dom.js";
import { bandRank, count, level, percent, plural } from "./format.js";
import { follow } from "./guarded.js";
import { poll } from "./live.js";
import { act, button, card, empty, failure, grade, loading } from "./parts.js";
import { legend, spectrum } from "./spectrum.js";
import { link } from "./router.js";
import { heardTime, latest, may, watch } from "./state.js";

export const title = "Channels";

/** What is known about each channel of a band: counts of the radio, and what its networks announce. */
export function uses(band, channels, points) {
  const by = new Map();
  const of = (channel, freq) => {
    if (!by.has(channel)) by.set(channel, { channel, freq, band, networks: 0, strongest: null, frames: 0, airtime: 0, retries: 0, busy: null });
    return by.get(channel);
  };
  for (const row of channels) {
    if (row.band !== band) continue;
    Object.assign(of(row.channel, row.freq), { frames: row.frames, airtime: row.airtime_us / 1e6, retries: row.retries });
  }
  for (const row of points) {
    if (row.band !== band) continue;
    const use = of(row.channel, row.freq);
    use.networks += 1;
    if (row.load) use.busy = Math.max(use.busy ?? 0, row.load.utilisation);
    if (row.rssi.smoothed !== null) use.strongest = Math.max(use.strongest ?? -200, row.rssi.smoothed);
  }
  return [...by.values()].sort((one, other) => one.freq - other.freq);
}

const meter = (share, word) => {
  const bar = h("span", { class: "meter-bar" });
  bar.style.setProperty("--to", Math.min(1, share).toFixed(3));
  return h("span", { class: "meter" }, h("span", { class: "meter-track", "aria-hidden": "true" }, bar), h("span", null, word));
};

const LABELS = ["Channel", "Networks", "Strongest", "Announced use", "Airtime heard", "Sent again"];

const seconds = (value) => (value >= 0.1 ? `${value.toFixed(1)} s` : `${(value * 1000).toFixed(0)} ms`);

function cells(use, most) {
  return [
    h("th", { scope: "row" }, h("a", { href: `${link("here")}?find=${encodeURIComponent(`ch${use.channel} ${use.band}ghz`)}` }, String(use.channel))),
    h("td", null, use.networks || ""),
    h("td", null, use.strongest === null ? "" : level(use.strongest)),
    h("td", null, use.busy === null ? "" : meter(use.busy, percent(use.busy))),
    h("td", null, use.frames ? meter(use.airtime / most, seconds(use.airtime)) : ""),
    h("td", null, use.frames ? percent(use.retries / use.frames) : ""),
  ];
}

function bandCard(band) {
  const summary = h("p", { class: "muted" });
  const picture = h("div", { class: "picture", role: "img" });
  const body = h("tbody");
  const figures = h("table", { class: "channel-table", "aria-label": `Channels of ${band} GHz` }, h("thead", null, h("tr", null, LABELS.map((label) => h("th", { scope: "col" }, label)))), body);
  const node = card(`${band} GHz`, summary, picture, h("div", { class: "table-scroll", role: "region", "aria-label": `Figures of ${band} GHz`, tabIndex: 0 }, figures));
  node.update = (points, channels, guarded) => {
    const mine = points.filter((row) => row.band === band && row.freq);
    const rows = uses(band, channels, points);
    const fullest = [...rows].sort((one, other) => other.networks - one.networks)[0];
    const open = mine.filter((row) => grade(row) === "open").length;
    const most = mine.length ? `${plural(mine.length, "access point")}, most of them on channel ${fullest.channel} (${fullest.networks})` : "No access point heard";
    text(summary, `${most}${open ? `, ${count(open)} not encrypted` : ""}.`);
    attribute(picture, "aria-label", `${band} GHz: ${most}. The table has the same in figures.`);
    fill(picture, spectrum(band, mine, guarded, Math.round(Math.max(300, picture.clientWidth || 640))));
    const airtime = Math.max(0.001, ...channels.map((row) => row.airtime_us / 1e6));
    keyed(body, rows, (use) => use.freq, () => h("tr"), (line, use) => {
      const now = JSON.stringify(use);
      if (line.dataset.now === now && !line.contains(document.activeElement)) return;
      line.dataset.now = now;
      if (!line.contains(document.activeElement)) fill(line, cells(use, airtime));
    });
  };
  return node;
}

function radioCard() {
  const line = h("p");
  const buttons = h("div", { class: "actions" });
  const field = h("input", { id: "channel-wish", type: "text", placeholder: "6, 36/80, 6GHz:37", autocomplete: "off", autocapitalize: "none", spellcheck: "false", inputmode: "text" });
  const form = may("lock") && h("form", { class: "inline-form", on: { submit: (event) => {
    event.preventDefault();
    if (field.value.trim()) act(form.lastChild, "lock", { channel: field.value.trim() }, `The radio stays on channel ${field.value.trim()}.`);
  } } }, h("label", { for: "channel-wish" }, "Stay on channel"), field, h("button", { type: "submit", class: "button" }, h("span", null, "Stay")));
  const node = card("Radio", line, form, buttons);
  const draw = () => {
    const radio = latest.get("hopping-changed");
    const where = radio?.channel ? `${radio.channel.freq} MHz` : "";
    const words = { hopping: "It visits the channels in turn.", locked: `It stays on ${where}.`, camping: `It listens on ${where} for a while.` };
    text(line, radio ? words[radio.mode] : "");
    fill(buttons, radio && radio.mode !== "hopping" && may("unlock") && button("Visit all channels again", "channels", (event) => act(event.currentTarget, "unlock", {}, "The radio visits the channels again.")));
    node.hidden = !radio && !form;
  };
  draw();
  return { node, draw };
}

export function mount(root, { signal: leave }) {
  let points = null;
  let channels = null;
  const bands = h("div", { class: "bands" }, loading());
  const radio = radioCard();
  root.append(legend(), bands, radio.node);
  const guarded = follow(leave, () => draw());

  function draw() {
    if (!points || !channels) return;
    const names = [...new Set([...points, ...channels].map((row) => row.band).filter(Boolean))].sort((one, other) => bandRank(one) - bandRank(other));
    if (!names.length) return void fill(bands, empty("Nothing heard yet", "Each channel appears with its first frame.", "channels"));
    if (bands.firstElementChild && !bands.firstElementChild.dataset.key) fill(bands);
    keyed(bands, names, (band) => band, bandCard, () => {});
    for (const node of bands.children) node.update(points, channels, (row) => guarded.has(row));
  }
  poll({ path: "survey", keys: { what: "access_points" }, seconds: 4, signal: leave, take: (answer) => {
    heardTime(answer.time, false);
    points = answer.access_points;
    draw();
  }, failed: (error) => points ?? fill(bands, failure(error)) });
  poll({ path: "survey", keys: { what: "channels" }, seconds: 4, signal: leave, take: (answer) => {
    channels = answer.channels;
    draw();
  } });
  watch("hopping-changed", radio.draw, leave);
}


// Plots by uPlot, which is fetched when the first one is drawn.

import { h } from "./dom.js";
import { moment } from "./format.js";

let fetched = null;

function library() {
  fetched ??= new Promise((resolve, reject) => {
    const sheet = h("link", { rel: "stylesheet", href: "/assets/uplot.min.css" });
    const script = h("script", { src: "/assets/uplot.min.js" });
    script.addEventListener("load", () => resolve(globalThis.uPlot));
    script.addEventListener("error", () => {
      fetched = null;
      script.remove();
      reject(new Error("The plot could not be fetched."));
    });
    document.head.append(sheet, script);
  });
  return fetched;
}

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The colour that the styles call by a name, as in `tone("accent")`. */
export const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function faded(color, share) {
  return `color-mix(in srgb, ${color} ${share * 100}%, transparent)`;
}

function axes(unit, size) {
  const common = { stroke: () => tone("muted"), font: "12px system-ui, sans-serif", grid: { stroke: () => tone("line"), width: 1 }, ticks: { show: false } };
  const values = (plot, splits) => splits.map((value) => (value === null ? "" : `${String(value).replace("-", "\u2212")}${unit}`));
  return [
    { ...common, grid: { show: false }, space: 70, size: 28, values: (plot, splits) => splits.map((value) => clock(value, splits)) },
    { ...common, size, values, splits: null, space: 28 },
  ];
}

function clock(value, splits) {
  const wide = splits.length > 1 && splits[1] - splits[0] >= 43200;
  const fine = splits.length > 1 && splits[1] - splits[0] < 60;
  const date = new Date(value * 1000);
  if (wide) return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: fine ? "2-digit" : undefined });
}

/**
 * A plot of series over time in `place`, drawn anew in another colour scheme or width, gone when `signal` is aborted.
 * `series`: {label, tone, fill, points, stepped}; `range`: of the values, [low, high] or a function as uPlot has it; `span`: seconds shown.
 * Returns `set(data)`, which takes lists: the times, then the values of each series.
 */
export function plot(place, { series, range, unit = "", height = 220, size = 44, signal, span = null }) {
  let chart = null;
  let data = null;
  let drawnWidth = 0;
  const line = (one) => ({
    label: one.label,
    stroke: () => tone(one.tone),
    width: 2,
    fillTo: Array.isArray(range) ? range[0] : 0,
    fill: one.fill ? () => faded(tone(one.tone), 0.14) : undefined,
    points: { show: one.points ?? false, size: 5, fill: () => tone(one.tone) },
    paths: one.stepped ? globalThis.uPlot.paths.stepped({ align: 1 }) : undefined,
    spanGaps: true,
  });
  async function build() {
    const UPlot = await library();
    if (signal.aborted || !data) return;
    chart?.destroy();
    drawnWidth = place.clientWidth;
    chart = new UPlot(
      {
        width: drawnWidth,
        height,
        padding: [10, 20, 0, 0],
        legend: { show: series.length > 1, live: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: { x: { time: true, range: span && ((u, low, high) => [high - span, high]) }, y: { range } },
        series: [{ value: (u, value) => moment(value) }, ...series.map(line)],
        axes: axes(unit, size),
      },
      data,
      place,
    );
  }
  const again = () => data && build();
  const resize = new ResizeObserver(() => {
    if (chart && place.clientWidth && place.clientWidth !== drawnWidth) {
      drawnWidth = place.clientWidth;
      chart.setSize({ width: drawnWidth, height });
    }
  });
  resize.observe(place);
  dark.addEventListener("change", again, { signal });
  signal.addEventListener("abort", () => {
    resize.disconnect();
    chart?.destroy();
    chart = null;
  });
  return (values) => {
    const first = data === null;
    data = values;
    if (chart) chart.setData(values);
    else if (first) build().catch(() => (data = null));
  };
}

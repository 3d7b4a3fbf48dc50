// Which view is shown: by the fragment, so that back, reload and links work, and the server needs to know no view.

import { fill, h } from "./dom.js";
import { failure, loading } from "./parts.js";

const VIEWS = {
  here: () => import("./view_here.js"),
  ap: () => import("./view_access_point.js"),
  station: () => import("./view_station.js"),
  visitors: () => import("./view_visitors.js"),
  log: () => import("./view_log.js"),
  stations: () => import("./view_stations.js"),
  channels: () => import("./view_channels.js"),
  incidents: () => import("./view_incidents.js"),
  incident: () => import("./view_incident.js"),
  alert: () => import("./view_incident.js"),
  recordings: () => import("./view_recordings.js"),
  history: () => import("./view_history.js"),
  panel: () => import("./view_panel.js"),
  health: () => import("./view_health.js"),
  rules: () => import("./view_rules.js"),
  more: () => import("./view_more.js"),
};

/** The view that a fragment names: `#/ap/00:11…?x=1` is {view: "ap", subject: "00:11…", keys}. */
export function route(fragment = location.hash) {
  const [path, query = ""] = fragment.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = path.split("/");
  let subject = "";
  try {
    subject = decodeURIComponent(rest.join("/"));
  } catch {
    // A fragment that somebody made up names nothing.
  }
  return { view: Object.hasOwn(VIEWS, view) ? view : "here", subject, keys: new URLSearchParams(query) };
}

/** The fragment of a view. */
export const link = (view, subject = "") => `#/${view}${subject ? `/${encodeURIComponent(subject)}` : ""}`;

/** Change the keys of the present fragment without a step in the browser's history. */
export function remember(keys) {
  const here = route();
  for (const [name, value] of Object.entries(keys)) {
    if (value) here.keys.set(name, value);
    else here.keys.delete(name);
  }
  const query = here.keys.toString();
  history.replaceState(null, "", link(here.view, here.subject) + (query ? `?${query}` : ""));
}

let shown = null;

/**
 * Show the view that the fragment names in `main`. A view exports `mount(root, context)`; the context has `subject`, `keys`,
 * `signal` (aborted when the view is left) and `title(text)`. `moved(view, title)` is told.
 */
export async function show(main, moved, focus = true) {
  shown?.abort();
  const leave = new AbortController();
  shown = leave;
  const { view, subject, keys } = route();
  const root = h("div", { class: `view view-${view}` });
  fill(main, loading());
  let module;
  try {
    module = await VIEWS[view]();
  } catch {
    if (!leave.signal.aborted) fill(main, failure({ unreachable: true, message: "A part of the page could not be fetched." }));
    retry(main, moved, leave.signal);
    return;
  }
  if (leave.signal.aborted) return;
  fill(main, root);
  const title = (text) => moved(view, text);
  title(module.title);
  module.mount(root, { view, subject, keys, signal: leave.signal, title });
  if (focus) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

function retry(main, moved, signal) {
  const timer = setTimeout(() => show(main, moved, false), 3000);
  signal.addEventListener("abort", () => clearTimeout(timer));
}

/** Leave the present view, without another. */
export function leave() {
  shown?.abort();
  shown = null;
}

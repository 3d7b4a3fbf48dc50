// The frame around the views: bars, the state of the way to the device, badges, news.

import { get } from "./api.js";
import { attribute, fill, h, say, text } from "./dom.js";
import { duration, plural } from "./format.js";
import { bird, icon } from "./icons.js";
import { poll } from "./live.js";
import { toast } from "./parts.js";
import { link, show } from "./router.js";
import { heardTime, session, watch, way } from "./state.js";

/** The views of the bars: name, label, icon, and whether it is one of the five of a phone. */
export const PLACES = [
  ["here", "What is here", "here", "Here"],
  ["incidents", "Incidents", "incidents", "Incidents"],
  ["channels", "Channels", "channels", "Channels"],
  ["stations", "Stations", "stations", null],
  ["visitors", "Visitors", "visitors", null],
  ["panel", "Panel", "panel", "Panel"],
  ["recordings", "Recordings", "recordings", null],
  ["history", "History", "history", null],
  ["rules", "Detections", "rules", null],
  ["health", "Health", "health", null],
  ["log", "Log", "log", null],
];
/** Views that belong to a place of the bars. */
const WITHIN = { ap: "here", station: "stations", incident: "incidents", alert: "incidents" };

function item(view, label, picture, extra = "") {
  return h("a", { class: `place ${extra}`.trim(), href: link(view), data: { view } }, icon(picture), h("span", { class: "place-label" }, label), view === "incidents" && h("span", { class: "tally", hidden: true }));
}

/** Build the frame into `app`, and show the views in it until `signal` is aborted. */
export function mount(app, signal) {
  const title = h("h1", { id: "title" }, "");
  const activity = h("p", { class: "activity" }, "");
  const main = h("main", { id: "main", tabIndex: -1, "aria-labelledby": "title" });
  const banner = h("div", { class: "banner", role: "status", hidden: true });
  const side = h(
    "nav",
    { class: "side", "aria-label": "Views" },
    h("a", { class: "brand", href: link("here"), "aria-label": "Whimbrel: what is here" }, bird(), h("span", null, "Whimbrel")),
    h("div", { class: "places" }, PLACES.map(([view, label, picture]) => item(view, label, picture))),
    h("p", { class: "side-foot" }, item("more", session.device || "This device", "more")),
  );
  const tabs = h("nav", { class: "tabs", "aria-label": "Main views" }, PLACES.filter((place) => place[3]).map(([view, , picture, short]) => item(view, short, picture)), item("more", "More", "more"));
  fill(
    app,
    h("a", { class: "skip", href: "#main", on: { click: (event) => { event.preventDefault(); main.focus(); } } }, "Skip to the content"),
    side,
    h("div", { class: "stage" }, h("header", { class: "top" }, bird(), h("div", { class: "top-text" }, title, activity)), banner, main),
    tabs,
    h("div", { id: "toasts" }),
  );
  const moved = (view, name) => {
    text(title, name);
    heading(name);
    const within = WITHIN[view] ?? view;
    const listed = PLACES.some((place) => place[0] === within && place[3]);
    for (const place of app.querySelectorAll(".place")) {
      const here = place.dataset.view === within || (!listed && place.closest(".tabs") && place.dataset.view === "more");
      attribute(place, "aria-current", here ? "page" : null);
    }
  };
  const shown = () => show(main, moved);
  addEventListener("hashchange", shown, { signal });
  show(main, moved, false);
  showWay(banner, signal);
  followStatus(activity, signal);
  followIncidents(app, signal);
}

let called = "";
let open = 0;

function heading(name = called) {
  called = name;
  document.title = `${open ? `(${open}) ` : ""}${name} – Whimbrel`;
}

const AWAY = {
  reach: ["The device does not answer", "This page waits for it. Check the cable or the network, or whether whimbrel-reach runs."],
  daemon: ["The daemon is away", "This page waits for it. Nothing is watched meanwhile."],
};

function showWay(banner, signal) {
  const age = h("span", { class: "banner-age" });
  const draw = (before) => {
    const away = AWAY[way.state];
    banner.hidden = !away;
    document.body.classList.toggle("is-away", Boolean(away));
    if (away) {
      fill(banner, icon("away"), h("div", null, h("strong", null, away[0]), h("span", null, ` ${away[1]}`), way.reason && way.state === "daemon" && h("span", { class: "banner-reason" }, way.reason)), age);
    } else if (before) say("The device answers again.");
  };
  // The age counts without being read aloud each second.
  attribute(age, "aria-hidden", "true");
  const timer = setInterval(() => way.state !== "ok" && text(age, duration((Date.now() - way.since) / 1000)), 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  watch("way", draw, signal);
  draw();
}

function followStatus(activity, signal) {
  const draw = (status) => text(activity, status.status);
  const ask = poll({ path: "status", seconds: 5, take: draw, signal });
  watch("hopping-changed", ask, signal);
  watch("way", () => way.state !== "ok" && text(activity, way.state === "daemon" ? "daemon away" : "not connected"), signal);
}

function followIncidents(app, signal) {
  const draw = ({ time, incidents }) => {
    heardTime(time);
    open = incidents.filter((incident) => !incident.acknowledged).length;
    for (const tally of app.querySelectorAll(".place .tally")) {
      tally.hidden = open === 0;
      fill(tally, h("span", { "aria-hidden": "true" }, String(open)), h("span", { class: "visually-hidden" }, `, ${plural(open, "open incident")} not acknowledged`));
    }
    heading();
  };
  const ask = poll({ path: "alerts", keys: { open: "true" }, seconds: 30, take: draw, signal });
  for (const kind of ["incident-opened", "incident-changed", "incident-closed", "alert-acknowledged"]) watch(kind, ask, signal);
  watch("incident-opened", ({ body }) => toast(`${body.title}: ${body.text}`, body.severity, link("incident", body.id)), signal);
}

/** Ask who we are; for the start. Raises `Refused`. */
export async function identify() {
  const answer = await get("session");
  Object.assign(session, { may: answer.may ?? [], version: answer.version ?? "", device: answer.device ?? "" });
}

// Incidents: the open ones first; beside them the weaknesses, which are no incident.

import { attribute, fill, h, keyed, text } from "./dom.js";
import { plural, since } from "./format.js";
import { poll } from "./live.js";
import { act, button, choice, empty, failure, loading, severity, SEVERITIES } from "./parts.js";
import { link, remember } from "./router.js";
import { ago, heardTime, may, watch } from "./state.js";

export const title = "Incidents";

const PARTS = [
  ["", "Incidents"],
  ["weaknesses", "Weaknesses"],
];

const rank = (row) => SEVERITIES.indexOf(row.severity);

/** The order of incidents: open before closed, then not acknowledged ones, then the worst, then the newest. */
export function inOrder(one, other) {
  const closed = (row) => (row.state === "open" ? 0 : 1);
  return closed(one) - closed(other) || Number(one.acknowledged) - Number(other.acknowledged) || (closed(one) ? 0 : rank(one) - rank(other)) || other.last - one.last;
}

function make() {
  return h("li", { class: "incident" }, h("a", { class: "incident-link" }, h("span", { class: "incident-head" }, h("span", { class: "incident-badge" }), h("span", { class: "incident-state" }), h("time", { class: "incident-time" })), h("span", { class: "incident-title" }), h("span", { class: "incident-text" }), h("span", { class: "incident-where" })));
}

const where = (row) => [row.channel ? `channel ${row.channel}, ${row.band} GHz` : "", row.alerts ? plural(row.alerts.length, "alert") : ""].filter(Boolean).join(" · ");

function update(node, row) {
  const entry = node.firstChild;
  const [head, heading, sentence, place] = entry.children;
  attribute(entry, "href", link(row.alerts ? "incident" : "alert", row.id));
  if (node.dataset.severity !== row.severity) {
    node.dataset.severity = row.severity;
    fill(head.children[0], severity(row.severity));
  }
  text(head.children[1], [row.state === "open" ? "goes on" : row.alerts ? "over" : "", row.acknowledged ? "seen" : ""].filter(Boolean).join(", "));
  node.classList.toggle("is-open", row.state === "open");
  node.classList.toggle("is-seen", row.acknowledged);
  text(head.children[2], since(ago(row.last)));
  text(heading, row.title);
  text(sentence, row.text);
  text(place, where(row));
}

export function mount(root, { keys, signal: leave }) {
  let part = keys.get("part") ?? "";
  let answer = null;
  const parts = choice("What to list", PARTS, part, (value) => {
    part = value;
    remember({ part: value });
    draw();
  });
  const all = h("div", { class: "actions" });
  const list = h("ul", { class: "incidents" });
  const body = h("div", null, loading());
  root.append(h("div", { class: "tools" }, parts, all), body);

  function draw() {
    if (!answer) return;
    const lists = { "": [...answer.incidents].sort(inOrder), weaknesses: answer.alerts.filter((alert) => !alert.incident) };
    for (const tab of parts.children) text(tab.lastChild, String(lists[tab.dataset.value].length));
    const rows = lists[part];
    const fresh = rows.filter((row) => !row.acknowledged).length;
    if (fresh > 1 && may("acknowledge") && part === "") {
      if (!all.firstChild) all.append(button("Mark all as seen", "check", async (event) => {
        await act(event.currentTarget, "acknowledge", { alert: "all" }, "All are marked as seen.");
        ask();
      }));
    } else fill(all);
    if (rows.length) {
      if (body.firstElementChild !== list) fill(body, list);
      keyed(list, rows, (row) => row.id, make, update);
    } else if (part === "") fill(body, empty("No incident", "Nothing that was heard looks like an attack. Remembered are the last 128 alerts; earlier ones are in the history.", "guarded"));
    else fill(body, empty("No weakness", "No network that was heard is easily attacked.", "guarded"));
  }
  const ask = poll({
    path: "alerts", seconds: 20, signal: leave,
    take: (rows) => {
      heardTime(rows.time);
      answer = rows;
      draw();
    },
    failed: (error) => answer ?? fill(body, failure(error)),
  });
  for (const kind of ["incident-opened", "incident-changed", "incident-closed", "alert", "alert-closed", "alert-acknowledged"]) watch(kind, ask, leave);
  const ages = setInterval(draw, 5000);
  leave.addEventListener("abort", () => clearInterval(ages));
}


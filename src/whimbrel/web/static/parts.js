// Parts that several views use: names, badges, bars, empty states, actions.

import { post } from "./api.js";
import { attribute, h, say, text } from "./dom.js";
import * as format from "./format.js";
import { icon } from "./icons.js";
import { way } from "./state.js";

/** A name off the air, by itself: marks that turn the direction of writing do not reach the text around it. */
export const name = (value, extra = "") => h("bdi", { class: `ssid ${extra}`.trim() }, value);

/** Set the name of a network, or say that it hides it. */
export function setName(node, row) {
  const known = row.ssid || row.mesh_id || "";
  text(node, known || "hidden name");
  node.classList.toggle("nameless", !known);
}

/** An element for `setName`. */
export const nameOf = (row) => {
  const node = name("");
  setName(node, row);
  return node;
};

const WORDS = { critical: "Critical", warning: "Warning", notice: "Notice", weakness: "Weakness" };

/** Severities, the worst first. */
export const SEVERITIES = ["critical", "warning", "notice", "weakness"];

/** The severity as a badge with icon and word: the colour is an addition. */
export function severity(value) {
  const known = WORDS[value] ? value : "notice";
  return h("span", { class: `badge severity-${known}` }, icon(known), WORDS[known] ?? value);
}

/** The kind of a protection: open, weak, or good. */
export function grade(row) {
  const security = row.security;
  if (security === "open" || security === "OWE transition") return "open";
  const old = security === "WEP" || /^WPA(\/WPA2)?-/.test(security) || (row.ciphers ?? []).some((cipher) => /TKIP|WEP/.test(cipher));
  return old || row.wps ? "weak" : "good";
}

const RANKS = [/^open|^OWE tr/, /^WEP/, /^WPA-/, /^WPA\/|^encrypted|^RSN|^WPA$/, /^WPA2-P|^OWE/, /^WPA2-E|^WPA2\/WPA3-P/, /^WPA3-P|^WPA2\/WPA3-E/, /^WPA3/];

/** The place of a protection in an order from none to the best. */
export function protectionRank(row) {
  const at = RANKS.findIndex((pattern) => pattern.test(row.security));
  return (at < 0 ? RANKS.length : at) + (row.wps ? -0.5 : 0);
}

const LOCKS = { open: "unlocked", weak: "weak", good: "lock" };
const LOCK_WORDS = { open: "not encrypted", weak: "weak", good: "" };

/** The protection as a badge; `guarded` adds the shield. */
export function protection(row, guarded = false) {
  const kind = grade(row);
  const notes = [LOCK_WORDS[kind], row.wps ? "WPS" : ""].filter(Boolean).join(", ");
  return h(
    "span",
    { class: `protection grade-${kind}`, title: notes || null },
    guarded && icon("guarded", "shield"),
    guarded && h("span", { class: "visually-hidden" }, "guarded, "),
    icon(LOCKS[kind]),
    h("span", null, row.security),
    row.wps && h("span", { class: "wps" }, "WPS"),
    kind !== "good" && h("span", { class: "visually-hidden" }, `, ${LOCK_WORDS[kind]}`),
  );
}

/** A signal as a bar with its number; update it with `setSignal`. */
export function signal() {
  return h(
    "span",
    { class: "signal" },
    h("span", { class: "signal-track", "aria-hidden": "true" }, h("span", { class: "signal-range" }), h("span", { class: "signal-bar" })),
    h("span", { class: "signal-number" }),
    h("span", { class: "visually-hidden" }),
  );
}

/** Draw a signal: `rssi` is a row of the survey's SignalRow; `stale` fades it. */
export function setSignal(node, rssi, stale = false) {
  const [track, number, word] = node.children;
  const value = rssi.smoothed ?? rssi.last;
  const [range, bar] = track.children;
  const low = format.strength(rssi.min);
  const high = format.strength(rssi.max);
  range.style.setProperty("--from", low.toFixed(3));
  range.style.setProperty("--to", high.toFixed(3));
  bar.style.setProperty("--to", format.strength(value).toFixed(3));
  attribute(node, "data-level", format.strengthWord(value).split(" ").pop());
  node.classList.toggle("stale", stale);
  text(number, format.level(value));
  text(word, ` dBm, ${format.strengthWord(value)}`);
}

/** A place without contents, that says why, and what to do. */
export const empty = (title, sentence, picture = "here") =>
  h("div", { class: "empty" }, icon(picture), h("p", { class: "empty-title" }, title), sentence && h("p", null, sentence));

/** The place of a list before its first answer. */
export const loading = () => h("p", { class: "loading", "aria-busy": "true" }, "Asking the device …");

/** What to say where an answer did not come. */
export function failure(error) {
  if (way.state !== "ok" && (error.unreachable || error.daemonAway)) return empty("Waiting for the device", "It comes back by itself.", "away");
  return empty("The device refused this", error.message, "warning");
}

/** Facts as a list of names and values; those without a value are left out. */
export const facts = (rows) =>
  h(
    "dl",
    { class: "facts" },
    rows.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false).map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value))),
  );

/** A card with a title. */
export const card = (title, ...children) => h("section", { class: "card" }, title && h("h2", null, title), children);

/** A button. */
export function button(label, picture, action, extra = "") {
  return h("button", { type: "button", class: `button ${extra}`.trim(), on: { click: action } }, picture && icon(picture), h("span", null, label));
}

/** Show a sentence for a while, and say it. `kind`: plain, good, bad or a severity; `target`: a view to open by it. */
export function toast(sentence, kind = "plain", target = null) {
  say(sentence);
  const place = document.getElementById("toasts");
  if (!place) return;
  while (place.children.length >= 3) place.firstElementChild.remove();
  const pictures = { plain: "notice", good: "check", bad: "warning" };
  const item = h(
    "div",
    { class: `toast toast-${kind}` },
    icon(pictures[kind] ?? kind),
    target ? h("a", { href: target }, sentence) : h("span", null, sentence),
    h("button", { type: "button", class: "bare", "aria-label": "Dismiss", on: { click: () => item.remove() } }, icon("close")),
  );
  place.append(item);
  setTimeout(() => item.remove(), target ? 15000 : 6000);
}

/** Run a verb for a button: it is disabled meanwhile, and the end is told. Returns the answer, or null after a failure. */
export async function act(node, verb, keys, done) {
  node.disabled = true;
  node.setAttribute("aria-busy", "true");
  try {
    const answer = await post(verb, keys);
    if (done) toast(typeof done === "function" ? done(answer) : done, "good");
    return answer ?? {};
  } catch (error) {
    toast(error.message, "bad");
    return null;
  } finally {
    node.disabled = false;
    node.removeAttribute("aria-busy");
  }
}

/** Choices of which one is taken, as buttons that are pressed: `options` are [value, label]. */
export function choice(label, options, chosen, take) {
  const group = h("div", { class: "choice", role: "group", "aria-label": label });
  for (const [value, word] of options) {
    const pressed = (event) => {
      for (const other of group.children) attribute(other, "aria-pressed", String(other === event.currentTarget));
      take(value);
    };
    group.append(h("button", { type: "button", "aria-pressed": String(value === chosen), data: { value }, on: { click: pressed } }, h("span", null, word), h("span", { class: "tally" })));
  }
  return group;
}

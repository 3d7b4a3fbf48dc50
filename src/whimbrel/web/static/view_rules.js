// The detections: what each looks for, and whether it runs.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { plural } from "./format.js";
import { facts, failure, loading, severity } from "./parts.js";
import { watch } from "./state.js";
import { searchField } from "./table.js";

export const title = "Detections";

const FAMILIES = [
  ["disruption", "Disruption"],
  ["impersonation", "Impersonation"],
  ["protocol", "Attacks on protocols"],
  ["weakness", "Weaknesses"],
  ["presence", "Presence"],
];

function line(rule) {
  const changed = Object.entries(rule.settings).filter(([, setting]) => setting.value !== setting.default);
  const state = rule.failed ? "failed" : rule.enabled ? "" : "off";
  return h(
    "details",
    { class: `rule${rule.enabled && !rule.failed ? "" : " is-off"}` },
    h("summary", null, h("span", { class: "rule-title" }, rule.title), state && h("span", { class: "rule-state" }, state), severity(rule.severity)),
    h("p", null, rule.meaning),
    h("p", { class: "advice" }, rule.advice),
    facts([
      ["Looks for", rule.looks_for],
      ["Else it may be", rule.fooled_by],
      ["Source", rule.reference],
      ["Name in the settings", h("code", null, rule.rule)],
      ["Changed settings", changed.length > 0 && changed.map(([name, setting]) => h("div", null, h("code", null, `${name}: ${setting.value}`), ` (default ${setting.default})`))],
    ]),
  );
}

export function mount(root, { signal: leave }) {
  let rules = null;
  const body = h("div", null, loading());
  const found = h("p", { class: "totals" });
  const search = searchField("Name or words", "", (value) => draw(value.toLowerCase().split(/\s+/).filter(Boolean)));
  root.append(h("div", { class: "tools" }, search), body, found);

  function draw(words = []) {
    if (!rules) return;
    const shown = rules.filter((rule) => words.every((word) => `${rule.title} ${rule.rule} ${rule.meaning} ${rule.looks_for}`.toLowerCase().includes(word)));
    fill(body, FAMILIES.map(([family, label]) => {
      const mine = shown.filter((rule) => rule.family === family);
      return mine.length > 0 && h("section", { class: "card rules", "aria-label": label }, h("h2", null, `${label} (${mine.length})`), mine.map(line));
    }));
    const off = rules.filter((rule) => !rule.enabled).length;
    found.textContent = `${plural(shown.length, "detection")}${off ? `, ${off} of all off` : ""}`;
  }
  async function load() {
    try {
      rules = await get("rules", {}, leave);
      draw();
    } catch (error) {
      if (!leave.aborted && !rules) fill(body, failure(error));
    }
  }
  load();
  watch("refresh", () => rules ?? load(), leave);
}

// What does not fit into the bar of a phone, and the way out.

import { post } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { button, card, facts, toast } from "./parts.js";
import { link } from "./router.js";
import { changed, session } from "./state.js";

export const title = "More";

const PLACES = [
  ["stations", "Stations", "Phones, laptops, things around"],
  ["visitors", "Visitors", "Who was near, who may follow you"],
  ["recordings", "Recordings", "Frames to download and to keep"],
  ["history", "History", "Earlier days, changes, report"],
  ["rules", "Detections", "What each looks for"],
  ["health", "Health", "Modules, losses, board, receiver"],
  ["log", "Log", "What happens, line by line"],
];

async function leaveHere() {
  try {
    await post("logout");
  } catch (error) {
    if (error.status !== 401) return toast(error.message, "bad");
  }
  changed("logout");
}

export function mount(root) {
  root.append(
    h("nav", { class: "more-places", "aria-label": "More views" }, PLACES.map(([view, label, sentence]) => h("a", { class: "more-place", href: link(view) }, icon(view), h("span", { class: "line-main" }, label, h("span", { class: "line-sub" }, sentence)), icon("right")))),
    card("This device", facts([["Name", session.device], ["Version", session.version], ["This page may", session.may.length ? session.may.join(", ") : "look, and change nothing"]]), h("div", { class: "actions" }, button("Log out", "signout", leaveHere))),
  );
}

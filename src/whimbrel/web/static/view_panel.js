// The panel of the device: its picture, and its keys.

import { blob, post } from "./api.js";
import { attribute, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { poll } from "./live.js";
import { empty, failure, toast } from "./parts.js";
import { may } from "./state.js";

export const title = "Panel";

const LONG = 600;
const KEYS = [
  ["up", "Up"],
  ["left", "Left"],
  ["ok", "OK"],
  ["right", "Right"],
  ["down", "Down"],
  ["back", "Back"],
  ["menu", "Menu"],
];
const OF_KEYBOARD = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Enter: "ok", Escape: "back", Backspace: "back", m: "menu" };

function pad(press, signal) {
  const buttons = new Map();
  for (const [key, label] of KEYS) {
    let timer = 0;
    let sent = false;
    const button = h("button", { type: "button", class: `panel-key key-${key}`, "aria-label": label }, icon(key), ["back", "menu"].includes(key) && h("span", null, label));
    const down = () => {
      sent = false;
      clearTimeout(timer);
      timer = setTimeout(() => {
        sent = true;
        press(key, "long", button);
      }, LONG);
    };
    const up = () => clearTimeout(timer);
    button.addEventListener("pointerdown", down);
    button.addEventListener("pointerup", up);
    button.addEventListener("pointercancel", up);
    button.addEventListener("pointerleave", up);
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    // A click is also what Enter, the space bar and a screen reader do.
    button.addEventListener("click", () => {
      up();
      if (!sent) press(key, "short", button);
      sent = false;
    });
    buttons.set(key, button);
  }
  const keyboard = (event) => {
    const key = OF_KEYBOARD[event.key];
    const typing = event.target.closest?.("input, select, textarea, a, button");
    if (!key || event.repeat || event.ctrlKey || event.altKey || event.metaKey || (typing && !typing.classList.contains("panel-key"))) return;
    if (typing && ["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    press(key, "short", buttons.get(key));
  };
  document.addEventListener("keydown", keyboard, { signal });
  return h("div", { class: "pad", role: "group", "aria-label": "Keys of the panel" }, [...buttons.values()]);
}

export function mount(root, { signal: leave }) {
  const image = h("img", { class: "screen-image", alt: "The picture on the panel", width: 512, height: 256 });
  const frame = h("div", { class: "screen" }, image);
  const body = h("div", { class: "panel-view" }, frame);
  root.append(body);
  let shown = "";
  let first = true;
  leave.addEventListener("abort", () => URL.revokeObjectURL(shown));

  async function take(octets) {
    const address = URL.createObjectURL(octets);
    const next = new Image();
    next.src = address;
    try {
      await next.decode();
    } catch {
      URL.revokeObjectURL(address);
      return;
    }
    if (leave.aborted) return URL.revokeObjectURL(address);
    if (first && body.firstElementChild !== frame) fill(body, frame, controls);
    first = false;
    attribute(image, "width", next.naturalWidth);
    attribute(image, "height", next.naturalHeight);
    image.src = address;
    URL.revokeObjectURL(shown);
    shown = address;
    frame.classList.add("is-lit");
  }
  const ask = poll({
    path: "panel.png", keys: { scale: 4 }, seconds: 1, signal: leave, fetcher: blob, take,
    failed: (error) => {
      if (first) fill(body, error.unreachable || error.daemonAway ? failure(error) : empty("No picture", error.message, "panel"));
    },
  });
  let last = Promise.resolve();
  const press = (key, gesture, button) => {
    button.classList.add("is-down");
    // One after the other, in the order of the fingers.
    last = last.then(() => post("press", { key, gesture })).then(() => ask(), (error) => toast(error.message, "bad")).finally(() => button.classList.remove("is-down"));
  };
  const controls = may("press")
    ? h("div", null, pad(press, leave), h("p", { class: "hint" }, "Hold a key for a long press. On a keyboard: arrows, Enter, Esc for back, M for the menu."))
    : h("p", { class: "hint" }, "The settings do not allow this page to press keys (may: [press]).");
  body.append(controls);
}

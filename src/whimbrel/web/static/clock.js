// The device's clock: whether its time is known, and the time of this phone or computer for it.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { duration, moment } from "./format.js";
import { icon } from "./icons.js";
import { act, button, card, facts, toast } from "./parts.js";
import { may } from "./state.js";

const TELLERS = { network: "known by the network", person: "known by a person", rtc: "known by a clock with a battery", source: "that of the frames" };
const FAR = 60; // seconds
const LOOK = 1000;
const TRIES = 120;

const here = () => Date.now() / 1000;

/** Whether the time of a status is an estimate; one without a time is of an older device, which does not say. */
export const isEstimate = (status) => status.time > 0 && !status.time_by;

/** Whether this page may set the device's clock, and it seems to be worth it. */
export const isOffered = (status) => may("set-time") && isEstimate(status) && Math.abs(here() - status.time) > FAR;

// Another setting half a minute ago has this one wait; the device counts on meanwhile.
async function set(event) {
  const node = event.currentTarget;
  let state = await act(node, "set-time", { time: here() });
  node.disabled = true;
  try {
    for (let i = 0; state?.going && i < TRIES; i += 1) {
      await new Promise((done) => setTimeout(done, LOOK));
      state = await get("time-state");
    }
    if (state) toast(state.problem ? `The clock is not set: ${state.problem}` : "The clock is set.", state.problem ? "bad" : "good");
  } catch (error) {
    toast(error.message, "bad");
  } finally {
    node.disabled = false;
  }
}

const behind = (seconds) => `${duration(Math.abs(seconds))} ${seconds > 0 ? "behind" : "ahead of"} this phone or computer`;

/** A card with the device's time, made at the first status, and updated with each. */
export function clockCard() {
  const words = h("div");
  const offer = h("div", { class: "actions" }, button("Set it to the time here", "check", set));
  const node = card("Time", words, offer);
  return {
    node,
    update(status) {
      const apart = here() - status.time;
      node.hidden = !(status.time > 0);
      offer.hidden = !isOffered(status);
      fill(words, [
        isEstimate(status) && h("p", { class: "problem" }, icon("warning"), "An estimate: nobody has told the device the time since it started."),
        facts([["Now", moment(status.time)], ["It is", isEstimate(status) ? "" : (TELLERS[status.time_by] ?? status.time_by)], ["That is", isEstimate(status) && Math.abs(apart) > FAR && behind(apart)]]),
      ]);
    },
  };
}

// The start: log in if need be, then show the frame with its views.

import { fill, h } from "./dom.js";
import * as live from "./live.js";
import * as login from "./login.js";
import { empty } from "./parts.js";
import { leave } from "./router.js";
import * as shell from "./shell.js";
import { session, watch } from "./state.js";

const app = document.getElementById("app");
let frame = null;

function enter() {
  frame?.abort();
  frame = new AbortController();
  shell.mount(app, frame.signal);
  live.start();
}

function ask(problem = "") {
  frame?.abort();
  frame = null;
  leave();
  live.stop();
  session.may = null;
  login.mount(app, () => start(), problem);
}

async function start() {
  let problem = "";
  const token = login.tokenInFragment();
  try {
    if (token) await login.login(token);
  } catch (error) {
    problem = error.status === 401 || error.status === 403 ? "The code was too old, or of another device." : error.message;
  }
  try {
    await shell.identify();
  } catch (error) {
    if (error.status === 401 || error.status === 403) return ask(problem);
    fill(app, h("main", { class: "login" }, empty("The device does not answer", "This page waits for it.", "away")));
    setTimeout(start, 2000);
    return;
  }
  enter();
}

watch("unauthorized", () => frame && ask("The session has ended. Log in again."));
watch("logout", () => ask());
// A code that is scanned again while the page is open.
addEventListener("hashchange", () => /^#token=/.test(location.hash) && start());
start();

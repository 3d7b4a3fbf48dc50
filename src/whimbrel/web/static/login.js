// The login, by the token that the device shows.

import { post } from "./api.js";
import { attribute, fill, h, text } from "./dom.js";
import { plural } from "./format.js";
import { bird, icon } from "./icons.js";

/** Take a token out of the fragment, where the QR code of the panel has put it, so that it stays in no history. */
export function tokenInFragment() {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (!match) return null;
  history.replaceState(null, "", "#/here");
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

/** Log in with a token. Raises `Refused`. */
export const login = (token) => post("login", { token });

/** Show the form into `app`; `done()` is called after a login. `problem`: a sentence of an attempt before. */
export function mount(app, done, problem = "") {
  document.title = "Log in – Whimbrel";
  const field = h("input", { id: "token", type: "password", autocomplete: "current-password", autocapitalize: "none", spellcheck: "false", required: true, "aria-describedby": "token-help token-problem" });
  const wrong = h("p", { id: "token-problem", class: "form-problem", role: "alert" }, problem);
  const submit = h("button", { type: "submit", class: "button primary" }, h("span", null, "Log in"));
  let timer = 0;
  async function send(event) {
    event.preventDefault();
    clearInterval(timer);
    submit.disabled = true;
    text(wrong, "");
    try {
      await login(field.value.trim());
      done();
      return;
    } catch (error) {
      attribute(field, "aria-invalid", "true");
      if (error.status === 429) return pause(error.retry || 10);
      text(wrong, error.status === 401 || error.status === 403 ? "This is not the token of this device." : error.message);
    }
    submit.disabled = false;
    field.select();
    field.focus();
  }
  function pause(seconds) {
    let left = seconds;
    text(wrong, `Too many attempts. The next one is possible in ${plural(left, "second")}.`);
    timer = setInterval(() => {
      left -= 1;
      text(submit.firstChild, left > 0 ? `Wait ${left} s` : "Log in");
      if (left > 0) return;
      clearInterval(timer);
      submit.disabled = false;
      text(wrong, "");
    }, 1000);
  }
  fill(
    app,
    h(
      "main",
      { class: "login", "aria-labelledby": "login-title" },
      h(
        "div",
        { class: "login-card" },
        h("div", { class: "login-brand" }, bird(), h("h1", { id: "login-title" }, "Whimbrel")),
        h("p", { class: "login-lead" }, "A wader that listens to the air, and tells you who attacks it."),
        h("form", { on: { submit: send } }, h("label", { for: "token" }, "Token of the device"), h("div", { class: "field" }, icon("key"), field), wrong, submit),
        h("div", { id: "token-help", class: "login-help" }, h("p", null, "On the panel: ", h("strong", null, "Menu, Web page"), ". Point the camera at the code, and you are in."), h("p", null, "In a terminal of the device: ", h("code", null, "whimbrel web-token"))),
      ),
    ),
  );
  field.focus();
}

"""The interface of the web page: every route, from which both the server and its OpenAPI description come. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from whimbrel.verbs.air import SURVEY
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS, EVIDENCE, RULES
from whimbrel.verbs.daemon import MODULES, STATUS
from whimbrel.verbs.declare import Query, Verb
from whimbrel.verbs.device import PRESS, SET_TIME, TIME_STATE
from whimbrel.verbs.guarding import FORGET, GUARDED, LEARN
from whimbrel.verbs.history import HISTORY
from whimbrel.verbs.places import EARLIER, SIGHTINGS, TRACK
from whimbrel.verbs.radio import CAMP, LOCK, UNLOCK
from whimbrel.verbs.recording import RECORD, RECORDINGS
from whimbrel.verbs.visitors import IGNORE, IGNORED, VISITORS

PREFIX = "/api/v1"
Schema = Mapping[str, Any]
"""A JSON Schema."""

_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 1024}
_FLAG: Schema = {"type": "boolean"}
_NUMBER: Schema = {"type": "number"}
_MOMENT: Schema = {"type": "number", "minimum": 0, "maximum": 253_402_300_799}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 128}
_LIST: Schema = {"type": "array", "items": _NAME, "maxItems": 256}

KEYS: Mapping[str, Mapping[str, Schema]] = {
    "survey": {"what": {"enum": ["access_points", "stations", "channels"]}, "device": _NAME},
    "alerts": {"alert": _TEXT, "open": _FLAG},
    "evidence": {"alert": _TEXT},
    "rules": {"rule": _TEXT},
    "history": {
        "what": _TEXT, "since": _MOMENT, "new": _FLAG, "ssid": _TEXT, "device": _TEXT, "alert": _TEXT,
        "step": {"type": "integer", "minimum": 1, "maximum": 8760},
    },
    "sightings": {"after": _COUNT},
    "earlier-sightings": {"after": _COUNT},
    "track": {"after": _NUMBER},
    "acknowledge": {"alert": _TEXT},
    "lock": {"channel": _TEXT},
    "camp": {"channel": _TEXT, "seconds": {"type": "number", "exclusiveMinimum": 0}},
    "press": {
        "key": {"enum": ["up", "down", "left", "right", "ok", "back", "menu"]}, "gesture": {"enum": ["short", "long"]},
    },
    "record": {"what": {"enum": ["keep", "all", "interesting", "off"]}, "recording": _TEXT},
    "learn": {"ssids": _LIST, "bssid": _TEXT, "channels": _FLAG, "devices": _FLAG, "sure": _FLAG, "dry_run": _FLAG},
    "forget": {"ssid": _TEXT},
    "ignore": {"addresses": _LIST, "forget": _FLAG},
    "set-time": {"time": _MOMENT},
}  # fmt: skip
"""The form of each key of the verbs that are offered; a verb that is not here has none."""


class Route(NamedTuple):
    """One method on one path."""

    method: str
    """GET or POST."""
    path: str
    """With its parameters in braces."""
    name: str
    """Of the function that answers."""
    summary: str
    """One line for people."""
    verb: Verb[Any] | None = None
    """The verb of the daemon whose answer this is."""
    keys: Mapping[str, Schema] = {}
    """Parameters of the query, or of the object in the body."""
    required: tuple[str, ...] = ()
    """Those that must be there."""
    media: str = "application/json"
    """Form of the answer; empty for none."""
    open: bool = False
    """Whether it answers without a login."""
    refused: int = 409
    """Status where the daemon refuses: 404 for one thing that is not there."""


def required_keys(verb: Verb[Any]) -> tuple[str, ...]:
    """Return the keys that a verb needs."""
    return tuple(name for name, text in verb.arguments.items() if not text.endswith("?"))


def _look(verb: Query[Any]) -> Route:
    return Route("GET", f"{PREFIX}/{verb.name}", "look", verb.summary, verb, KEYS.get(verb.name, {}))


def _do(verb: Verb[Any]) -> Route:
    keys, required = KEYS.get(verb.name, {}), required_keys(verb)
    return Route("POST", f"{PREFIX}/{verb.name}", "do", verb.summary, verb, keys, required)


_LOOKS = (
    STATUS, MODULES, SURVEY, ALERTS, RULES, GUARDED, HISTORY, RECORDINGS, VISITORS, IGNORED, SIGHTINGS, EARLIER, TRACK,
    TIME_STATE,
)  # fmt: skip
_DEEDS = (ACKNOWLEDGE, LOCK, UNLOCK, CAMP, PRESS, RECORD, LEARN, FORGET, IGNORE, SET_TIME)
_ALERT = f"{PREFIX}/alerts/{{id}}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "index", "the page", media="text/html", open=True),
    Route("GET", "/assets/{name}", "asset", "a file of the page", media="*/*", open=True),
    Route(
        "POST", f"{PREFIX}/login", "login", "log in; answers with the cookie of a session",
        keys={"token": {"type": "string", "minLength": 1, "maxLength": 1024}}, required=("token",), media="", open=True,
    ),
    Route("POST", f"{PREFIX}/logout", "logout", "end the session", media=""),
    Route("GET", f"{PREFIX}/session", "session", "what this session may do, and of which device it is"),
    Route("GET", f"{PREFIX}/reach", "reach", "the modules of both processes, also while the daemon is away"),
    *map(_look, _LOOKS),
    Route("GET", _ALERT, "look", "one alert or incident", ALERTS, refused=404),
    Route("GET", f"{_ALERT}/evidence", "look", EVIDENCE.summary, EVIDENCE, refused=404),
    Route(
        "GET", f"{_ALERT}/evidence.pcapng", "evidence", "the frames of an alert as a capture file",
        media="application/x-pcapng", refused=404,
    ),
    Route(
        "GET", f"{PREFIX}/recordings/{{name}}", "recording", "a recording as its file",
        media="application/x-pcapng", refused=404,
    ),
    Route(
        "GET", f"{PREFIX}/report.html", "report", "a page to hand on, made when it is asked for",
        keys={"since": _MOMENT}, media="text/html",
    ),
    Route(
        "GET", f"{PREFIX}/panel.png", "panel", "the image on the device's panel",
        keys={"scale": {"type": "integer", "minimum": 1, "maximum": 16}}, media="image/png",
    ),
    Route("GET", f"{PREFIX}/openapi.json", "openapi", "this description"),
    Route(
        "GET", f"{PREFIX}/events", "events", "events as they happen, on a WebSocket",
        keys={"kinds": _TEXT, "latest": _TEXT}, required=("kinds",), media="",
    ),
    *map(_do, _DEEDS),
)  # fmt: skip
"""All of them."""

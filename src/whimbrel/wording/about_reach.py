"""Sentences about the second process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import printable
from whimbrel.wording.phrases import why
from whimbrel.wording.quantities import span

if TYPE_CHECKING:
    from whimbrel.events import device, reach


def _started(body: reach.ReachStarted) -> str:
    settings = f"settings of {printable(body.config)}" if body.config else "default settings"
    return f"Whimbrel {body.version} reaches out with {settings}: {printable(', '.join(body.modules))}"


def _stopping(body: reach.ReachStopping) -> str:
    return f"Stopping{why(body.reason)}"


def _reached(body: reach.DaemonReached) -> str:
    again = "" if body.away is None else f" again after {span(body.away)}"
    return f"The daemon, version {printable(body.version)}, is heard{again}"


def _unreachable(body: reach.DaemonUnreachable) -> str:
    return f"The daemon cannot be heard{why(body.reason)}"


def _missed(body: reach.AlertsMissed) -> str:
    between = f"{printable(body.after)} and {printable(body.before)}"
    return f"Alerts between {between} were missed: the daemon does not remember them"


def _sent(body: reach.MessageSent) -> str:
    waiting = f", {body.waiting} wait" if body.waiting else ""
    return f"Told by {printable(body.by)}: {printable(body.title)}{waiting}"


def _there(server: str, waiting: int) -> str:
    return f"The {server} is there" + (f", {waiting} wait for it" if waiting else "")


def _away(server: str, reason: str, waiting: int) -> str:
    return f"The {server} is away{why(reason)}" + (f"; {waiting} wait on disk" if waiting else "")


def _connected(body: reach.BrokerConnected) -> str:
    return _there(f"broker {printable(body.broker)}", body.waiting)


def _lost(body: reach.BrokerLost) -> str:
    return _away("broker", body.reason, body.waiting)


def _server_there(body: reach.LogServerConnected) -> str:
    return _there(f"log server {printable(body.server)}", body.waiting)


def _server_lost(body: reach.LogServerLost) -> str:
    return _away("log server", body.reason, body.waiting)


def _page(body: reach.PageServed) -> str:
    return f"The page is at {printable(body.url)}; `whimbrel web-token` shows what to log in with"


def _report(body: device.ReachReport) -> str:
    if not body.there:
        return "Reach does not run"
    parts = (("page", body.page), ("broker", body.broker), ("log server", body.log_server), ("last message", body.sent))
    said = [f"{name} {printable(text)}" for name, text in parts if text]
    if body.waiting:
        said.append(f"{body.waiting} wait")
    return f"Reach runs{': ' if said else ''}{', '.join(said)}"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "reach-started": _started,
    "reach-stopping": _stopping,
    "daemon-reached": _reached,
    "daemon-unreachable": _unreachable,
    "alerts-missed": _missed,
    "message-sent": _sent,
    "broker-connected": _connected,
    "broker-lost": _lost,
    "log-server-connected": _server_there,
    "log-server-lost": _server_lost,
    "page-served": _page,
    "reach-report": _report,
}

"""``status``, ``survey``, ``restart``, ``lock`` and their like: one question to a running daemon, one answer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from whimbrel.cli import exits
from whimbrel.cli.survey_tables import rows, show_survey
from whimbrel.cli.terminal import terminal_width
from whimbrel.control.client import Refused, Unreachable, ask
from whimbrel.text import printable
from whimbrel.wording.quantities import span
from whimbrel.wording.tables import Column, layout

_MODULES = (
    Column("MODULE"), Column("STATE"), Column("FOR", right=True), Column("STARTS", right=True),
    Column("FAILURES", right=True), Column("WHY", least=20),
)  # fmt: skip


def status(args: argparse.Namespace) -> int:
    """Print a summary of a few lines."""
    answer = ask_daemon(args, "status")
    if args.json:
        return print_json(answer)
    lost = {row["reader"]: row["lost"] for row in rows(answer.get("listeners")) if row.get("lost")}
    discarded = answer.get("discarded")
    discarded = discarded if isinstance(discarded, dict) else {}
    lines = {
        "status": answer.get("status", ""),
        "ready": "yes" if answer.get("ready") else "no",
        "running": f"{_span(answer.get('seconds'))}, process {answer.get('pid')}",
        "version": answer.get("version", ""),
        "settings": answer.get("config") or "defaults",
        "events": str(answer.get("events", 0)),
        "lost": ", ".join(f"{number} by {reader}" for reader, number in lost.items()) or "none",
        "useless": ", ".join(f"{number} {why}" for why, number in discarded.items()) or "none",
        "receiver": "; ".join(map(str, answer.get("receiver") or ())) or "right about its frames",
    }
    for name, value in lines.items():
        print(f"{name + ':':10}{printable(str(value))}")
    return exits.OK


def modules(args: argparse.Namespace) -> int:
    """Print a table of the modules."""
    answer = ask_daemon(args, "modules")
    if args.json:
        return print_json(answer)
    table = [
        (
            printable(str(row.get("module", ""))),
            printable(str(row.get("state", ""))),
            _span(row.get("seconds")),
            str(row.get("starts", "")),
            str(row.get("failures", "")),
            printable("; ".join(_reasons(row))),
        )
        for row in rows(answer)
    ]
    print("\n".join(layout(_MODULES, table, terminal_width())))
    return exits.OK


def survey(args: argparse.Namespace) -> int:
    """Print the tables of what is in the air."""
    answer = ask_daemon(args, "survey")
    if args.json:
        return print_json(answer)
    print("\n".join(show_survey(answer, terminal_width(args.width))))
    return exits.OK


def restart(args: argparse.Namespace) -> int:
    """Restart a module."""
    ask_daemon(args, "restart", module=args.module)
    print(f"{printable(args.module)} is being restarted")
    return exits.OK


def reload(args: argparse.Namespace) -> int:
    """Make the daemon read its settings."""
    answer = ask_daemon(args, "reload")
    if args.json:
        return print_json(answer)
    changed = ", ".join(map(str, answer.get("changed", ())))
    print(printable(f"changed: {changed}" if changed else "nothing has changed for a module that runs"))
    if later := ", ".join(map(str, answer.get("next_start", ()))):
        print(printable(f"these sections count from the next start on: {later}"))
    return exits.OK


def lock(args: argparse.Namespace) -> int:
    """Make the radio stay on a channel."""
    return _print_posture(args, ask_daemon(args, "lock", channel=args.channel))


def unlock(args: argparse.Namespace) -> int:
    """Make the radio visit its channels again."""
    return _print_posture(args, ask_daemon(args, "unlock"))


def camp(args: argparse.Namespace) -> int:
    """Make the radio stay on a channel for a while."""
    return _print_posture(args, ask_daemon(args, "camp", channel=args.channel, seconds=args.seconds))


def _span(seconds: object) -> str:
    return span(seconds) if isinstance(seconds, (int, float)) else "-"


def _reasons(row: Mapping[str, Any]) -> list[str]:
    reasons = [str(row["reason"])] if row.get("reason") else []
    warnings = row.get("warnings")
    texts = map(str, warnings.values()) if isinstance(warnings, dict) else ()
    return [*reasons, *(text for text in texts if text not in reasons)]


def _print_posture(args: argparse.Namespace, answer: Any) -> int:
    if args.json:
        return print_json(answer)
    where = f" on {answer['channel']}" if answer.get("channel") else ""
    time = f" for {span(round(answer['seconds']))}" if answer.get("seconds") else ""
    print(printable(f"the radio is {answer.get('mode')}{where}{time}"))
    return exits.OK


def ask_daemon(args: argparse.Namespace, verb: str, **wish: Any) -> Any:
    """Return the daemon's answer to a verb. Raises `Stop` where there is none, or a refusal."""
    try:
        return ask(args.socket, verb, **wish)
    except Unreachable as error:
        raise exits.CommandError(exits.UNREACHABLE, str(error)) from error
    except Refused as error:
        raise exits.CommandError(exits.FAILURE, str(error)) from error


def print_json(value: Any) -> int:
    """Print a value for programs, and a newline; return the status of success."""
    print(json.dumps(value, indent=2))
    return exits.OK

"""``status``: the state of the daemon."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.cli.terminal import look
from whimbrel.receivers import BLIND, CLOSED
from whimbrel.rows import ListenerRow
from whimbrel.text import printable
from whimbrel.verbs.daemon import STATUS, Status
from whimbrel.wording.about_device import told_by
from whimbrel.wording.about_position import coordinates
from whimbrel.wording.about_radio import receiver_line
from whimbrel.wording.quantities import minute, span
from whimbrel.wording.styles import Style

VERBS = (STATUS,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print a short summary."""
    answer = ask_daemon(args, STATUS)
    if args.json:
        return print_json(answer)
    lines = {"refused": "\n          ".join(map(printable, answer.refused))} if answer.refused else {}
    lines |= {
        "status": answer.status,
        "ready": "yes" if answer.ready else "no",
        "running": f"{span(answer.seconds)}, process {answer.pid}",
        "version": answer.version,
        "settings": answer.config or "defaults",
        **({"unheard": answer.unheard} if answer.unheard else {}),
        **({each.receiver: receiver_line(each) for each in answer.receivers} if len(answer.receivers) > 1 else {}),
        "useless": ", ".join(f"{number} {why}" for why, number in answer.discarded.items()) or "none",
        "receiver": "; ".join(answer.receiver) or "describes its frames correctly",
        "time": time_line(answer),
        "position": coordinates(answer.position) if answer.position else "not known",
        "events": str(answer.events),
        "lost": ", ".join(f"{row.lost} by {row.reader}" for row in answer.listeners if is_lost(row)) or "none",
    }
    bad = {
        "refused": True, "unheard": True, "time": not answer.time_by,
        "ready": not answer.ready, "useless": bool(answer.discarded), "receiver": bool(answer.receiver),
        "lost": any(map(is_lost, answer.listeners)),
    } | {each.receiver: each.state in {BLIND, CLOSED} for each in answer.receivers}  # fmt: skip
    how = look()
    for name, value in lines.items():
        style = Style.DOUBTFUL if bad.get(name) else Style.STRONG if name == "status" else Style.PLAIN
        shown = value if name == "refused" else printable(value)  # that one has lines of its own
        print(how.paint(f"{name + ':':10}", Style.FAINT) + how.paint(shown, style))
    return exits.OK


def time_line(answer: Status) -> str:
    """Return the device's time, and who has told it."""
    told = told_by(answer.time_by)
    return f"{minute(answer.time)}, {told}" if answer.time else told


def is_lost(row: ListenerRow) -> bool:
    """Return whether a listener has lost what it needs: one that wants only the newest event loses nothing."""
    return bool(row.lost) and row.policy != "latest"

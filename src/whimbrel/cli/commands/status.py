"""``status``: the state of the daemon."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.cli.terminal import look
from whimbrel.text import printable
from whimbrel.verbs.daemon import STATUS
from whimbrel.wording.about_position import coordinates
from whimbrel.wording.quantities import span
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
        "useless": ", ".join(f"{number} {why}" for why, number in answer.discarded.items()) or "none",
        "receiver": "; ".join(answer.receiver) or "describes its frames correctly",
        "position": coordinates(answer.position) if answer.position else "not known",
        "events": str(answer.events),
        "lost": ", ".join(f"{row.lost} by {row.reader}" for row in answer.listeners if row.lost) or "none",
    }
    bad = {
        "refused": True, "unheard": True,
        "ready": not answer.ready, "useless": bool(answer.discarded), "receiver": bool(answer.receiver),
        "lost": any(row.lost for row in answer.listeners),
    }  # fmt: skip
    how = look()
    for name, value in lines.items():
        style = Style.DOUBTFUL if bad.get(name) else Style.STRONG if name == "status" else Style.PLAIN
        shown = value if name == "refused" else printable(value)  # that one has lines of its own
        print(how.paint(f"{name + ':':10}", Style.FAINT) + how.paint(shown, style))
    return exits.OK

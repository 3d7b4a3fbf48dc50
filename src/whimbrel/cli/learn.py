"""``learn``: networks to guard, as they are heard now."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from whimbrel.cli import exits
from whimbrel.cli.remote import ask_daemon, print_json
from whimbrel.cli.survey_tables import rows
from whimbrel.text import harmless


def run(args: argparse.Namespace) -> int:
    """Learn, list or forget."""
    if args.ssids and (args.list or args.forget):
        raise exits.CommandError(exits.USAGE, "name networks either to learn or to --list or --forget them, not both")
    if args.list:
        return _list(args)
    if args.forget is not None:
        answer = ask_daemon(args, "forget", ssid=args.forget)
        if args.json:
            return print_json(answer)
        print(f'"{_text(answer, "forgotten")}" is guarded no longer')
        return exits.OK
    return _learn(args)


def _learn(args: argparse.Namespace) -> int:
    wish = {"ssids": args.ssids, "channels": args.channels, "sure": args.yes, "dry_run": args.dry_run}
    answer = ask_daemon(args, "learn", **wish)
    doubtful = rows(answer.get("doubts"))
    written = answer.get("written") is True
    code = exits.OK if written or (args.dry_run and not doubtful) else exits.FAILURE
    if args.json:
        print_json(answer)
        return code
    for network in rows(answer.get("networks")):
        print("\n".join(_lines(network)))
    sys.stdout.flush()
    for doubt in doubtful:
        print(f'whimbrel: "{_text(doubt, "ssid")}": {_text(doubt, "text")}', file=sys.stderr)
    if written:
        print(f"guarded from now on; written to {_text(answer, 'file')}")
    elif doubtful and not args.dry_run:
        print("whimbrel: nothing was learned: look into this first, or learn it with --yes", file=sys.stderr)
    return code


def _list(args: argparse.Namespace) -> int:
    answer = ask_daemon(args, "guarded")
    if args.json:
        return print_json(answer)
    found = rows(answer.get("networks"))
    for network in found:
        print("\n".join(_lines(network)))
    if not found:
        print("no network is guarded; `whimbrel learn SSID` does")
    return exits.OK


def _lines(network: Mapping[str, Any]) -> list[str]:
    source = {"settings": " (from the settings)", "learned": " (learned)"}.get(str(network.get("source")), "")
    lines = [f'"{_text(network, "ssid")}"{source}']
    for label, name in (("access points", "bssids"), ("security", "security"), ("channels", "channels")):
        values = network.get(name)
        shown = ", ".join(harmless(str(value)) for value in values) if isinstance(values, list) else ""
        lines.append(f"  {label + ':':15}{shown or 'any'}")
    lines.append(f"  {'PMF:':15}{'at least ' + _text(network, 'pmf') if network.get('pmf') else 'any'}")
    return lines


def _text(row: Mapping[str, Any], name: str) -> str:
    return harmless(str(row.get(name, "")))

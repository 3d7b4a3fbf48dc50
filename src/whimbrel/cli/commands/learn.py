"""``learn``: guard networks in their present state."""

from __future__ import annotations

import argparse
import sys

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.cli.terminal import look
from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.guarding import FORGET, GUARDED, LEARN, NetworkRow
from whimbrel.wording.styles import Look, Style

MORE = (
    "Their access points, protection and (with\n--channels, --devices) channels and devices are saved in a separate "
    "file beside\nthe settings; any difference from then on is an alert. Without SSID: the guarded networks, anew."
)
EPILOG = (
    "examples:\n  whimbrel learn --dry-run home\n  whimbrel learn home 'home 5G'\n  whimbrel learn --list\n"
    "  whimbrel learn --forget home\n\n"
    f"exit status: {exits.OK} guarded, {exits.FAILURE} refused: there are doubts, which are shown"
)
VERBS = (
    LEARN,
    GUARDED,
    FORGET,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ssids", nargs="*", metavar="SSID", help="an SSID, as in `whimbrel survey`; or hex: and octets")
    parser.add_argument("--channels", action="store_true", help="another channel is an alert too")
    parser.add_argument("--devices", action="store_true", help="another device that joins is an alert too")
    parser.add_argument("--yes", action="store_true", help="learn even if there are doubts")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="only show the network and the doubts")
    what.add_argument("--list", action="store_true", help="list the guarded networks")
    what.add_argument("--forget", metavar="SSID", help="guard this learned network no longer")
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Learn, list or forget."""
    if args.ssids and (args.list or args.forget):
        raise exits.CommandError(exits.USAGE, "name networks either to learn or to --list or --forget them, not both")
    if args.list:
        return _list(args)
    if args.forget is not None:
        answer = ask_daemon(args, FORGET, ssid=args.forget)
        if args.json:
            return print_json(answer)
        print(f"{look().paint(_name(answer.ssid), Style.STRONG)} is guarded no longer")
        return exits.OK
    return _learn(args)


def _learn(args: argparse.Namespace) -> int:
    wish = {
        "ssids": args.ssids, "channels": args.channels, "devices": args.devices, "sure": args.yes,
        "dry_run": args.dry_run,
    }  # fmt: skip
    answer = ask_daemon(args, LEARN, **wish)
    doubtful, written = answer.doubts, answer.written
    code = exits.OK if written or (args.dry_run and not doubtful) else exits.FAILURE
    if args.json:
        print_json(answer)
        return code
    how = look()
    for network in answer.networks:
        print("\n".join(_lines(network, how)))
    sys.stdout.flush()
    for doubt in doubtful:
        print(f'whimbrel: "{ssid(doubt.ssid)}": {harmless(doubt.text)}', file=sys.stderr)
    if written:
        print(f"{how.paint('guarded from now on', Style.GOOD)}; written to {harmless(answer.file)}")
    elif doubtful and not args.dry_run:
        print("whimbrel: nothing was learned: check this first, or learn it with --yes", file=sys.stderr)
    return code


def _list(args: argparse.Namespace) -> int:
    answer = ask_daemon(args, GUARDED)
    if args.json:
        return print_json(answer)
    found = answer.networks
    for network in found:
        print("\n".join(_lines(network, look())))
    if not found:
        print("no network is guarded; `whimbrel learn SSID` guards one")
    return exits.OK


def _name(octets: bytes) -> str:
    return f'"{ssid(octets)}"'


def _lines(network: NetworkRow, how: Look) -> list[str]:
    source = {"settings": " (from the settings)", "learned": " (learned)"}.get(network.source, "")
    lines = [how.paint(_name(network.ssid), Style.STRONG) + how.paint(source, Style.FAINT if source else Style.PLAIN)]
    for label, values in (
        ("access points", map(mac, network.bssids)), ("security", map(str, network.security)),
        ("channels", map(harmless, network.channels)), ("PMF", [f"at least {network.pmf}"] if network.pmf else []),
        ("devices", map(mac, network.stations)),
    ):  # fmt: skip
        said = ", ".join(values)
        lines.append(f"  {label + ':':15}{said or how.paint('any', Style.FAINT)}")
    return lines

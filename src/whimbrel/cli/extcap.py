"""``whimbrel-extcap``: the device as an interface in Wireshark's list, by its extcap protocol (extcap(4)).

Linked into Wireshark's folder of such programs, it captures from a daemon on this machine, or on another one by ssh.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from whimbrel import __version__
from whimbrel.cli import exits
from whimbrel.cli import main as whimbrel
from whimbrel.control import DEFAULT_SOCKET

_INTERFACE = "whimbrel"
_DLT = "dlt {number=127}{name=IEEE802_11_RADIO}{display=802.11 plus radiotap header}"
_CONFIG = f"""\
arg {{number=0}}{{call=--host}}{{display=Device}}{{type=string}}{{tooltip=As ssh takes it: pi; empty: this machine}}
arg {{number=1}}{{call=--kinds}}{{display=Frames}}{{type=string}}{{tooltip=As capture -f takes them; empty: all}}
arg {{number=2}}{{call=--control}}{{display=Control socket}}{{type=string}}{{default={DEFAULT_SOCKET}}}"""


def main(argv: Sequence[str] | None = None) -> int:
    """Answer one call of Wireshark; return the exit status."""
    parser = _parser()
    args, _ = parser.parse_known_args(argv)  # later versions of Wireshark may add arguments
    if args.extcap_interfaces:
        print(f"extcap {{version={__version__}}}{{display=Whimbrel}}")
        print(f"interface {{value={_INTERFACE}}}{{display=Whimbrel, frames of its radio}}")
    elif args.extcap_interface != _INTERFACE:
        print(f"whimbrel-extcap: expected --extcap-interface {_INTERFACE}", file=sys.stderr)
        return exits.USAGE
    elif args.extcap_dlts:
        print(_DLT)
    elif args.extcap_config:
        print(_CONFIG)
    elif args.capture and args.fifo:
        return _capture(args)
    else:
        parser.print_usage(sys.stderr)
        return exits.USAGE
    return exits.OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="whimbrel-extcap", description=__doc__, allow_abbrev=False)
    for flag in ("--extcap-interfaces", "--extcap-dlts", "--extcap-config", "--capture"):
        parser.add_argument(flag, action="store_true")
    for option in ("--extcap-interface", "--extcap-version", "--extcap-capture-filter", "--fifo", "--host", "--kinds"):
        parser.add_argument(option, default="")
    parser.add_argument("--control", default=DEFAULT_SOCKET)
    return parser


def _capture(args: argparse.Namespace) -> int:
    """Stream into the pipe until Wireshark closes it."""
    command = ["capture", "--socket", args.control]
    if args.kinds.split():
        command += ["--frames", *args.kinds.split()]
    if args.host:
        _become_ssh(args.host, command, args.fifo)
    return whimbrel([*command, "--output", args.fifo])


def _become_ssh(host: str, command: Sequence[str], fifo: str) -> NoReturn:
    """Run the command on the device with its output in the pipe."""
    with Path(fifo).open("wb") as pipe:
        os.dup2(pipe.fileno(), sys.stdout.fileno())
    # ssh passes its arguments to a shell; a host that begins with - would be an option.
    words = ["ssh", "-oBatchMode=yes", "--", host, shlex.join(["whimbrel", *command, "--output", "-"])]
    os.execvp(words[0], words)  # noqa: S606  # the person's own ssh, so that Wireshark ends it

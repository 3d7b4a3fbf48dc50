"""The command line. Each command's code is imported once it is asked for; no traceback reaches a user."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from whimbrel import __version__
from whimbrel.cli import exits
from whimbrel.cli.desk import add_desk_commands
from whimbrel.cli.options import Formatter, add_command, add_config_option, add_socket_option, columns, duration

_DESCRIPTION = "A pocket Wi-Fi monitor and wireless intrusion detector. It watches; it never attacks."

_EXAMPLES = """\
examples:
  whimbrel check --config whimbrel.yaml     is the file right, and does this machine have what it names?
  whimbrel run --config whimbrel.yaml       run the daemon in the foreground; Ctrl-C ends it
  whimbrel replay home.pcapng               what is in a capture
  whimbrel status                           how the daemon is doing
  whimbrel lock 36/80                       stay on one channel; `whimbrel unlock` ends that
  whimbrel tail disconnected                follow one kind of event
  whimbrel tail --json | jq .body           follow everything, for programs
"""


_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (`whimbrel.cli.exits`)."""
    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character gets its number, not an error.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = make_parser()
    try:
        args = parser.parse_args(argv)
    except SystemExit as leaving:  # argparse has said why
        return int(leaving.code or 0)
    debug = args.debug or bool(os.environ.get("WHIMBREL_DEBUG"))
    try:
        return _run(args)
    except exits.CommandError as stop:
        _complain(str(stop))
        return stop.code
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        return exits.BROKEN_PIPE
    except Exception as error:  # noqa: BLE001  # whatever it is, a user gets a line
        if isinstance(error, OSError) and error.errno in _CANNOT_WRITE and error.filename is None:
            _abandon_output()
            _complain(f"cannot write the output: {error.strerror}")
            return exits.FAILURE
        if debug:
            import traceback

            traceback.print_exc()
        hint = "" if debug else "; run it again with --debug to see where"
        _complain(f"this is a bug in whimbrel: {type(error).__name__}: {error}{hint}")
        return exits.FAILURE


def _replace_closed_streams() -> None:
    """Let nobody trip over a stream that was closed before the start (`>&-`): Python has None in its place."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # for as long as the process


def _abandon_output() -> None:
    """Drop what is still buffered: it would raise once more when Python closes its streams."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: argparse.Namespace) -> int:
    module, _, function = args.handler.partition(":")
    code: int = getattr(importlib.import_module(f"whimbrel.cli.{module}"), function)(args)
    sys.stdout.flush()
    return code


def _complain(message: str) -> None:
    from whimbrel.text import harmless

    for line in message.splitlines() or [""]:
        print(f"whimbrel: {harmless(line)}", file=sys.stderr)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of every command; ``handler`` of what it returns names the function, as ``module:function``."""
    parser = argparse.ArgumentParser(
        prog="whimbrel", description=_DESCRIPTION, epilog=f"{_EXAMPLES}\n{_exit_codes()}", formatter_class=Formatter
    )
    parser.add_argument("--version", action="version", version=f"whimbrel {__version__}")
    parser.add_argument(
        "--debug", action="store_true", help="show where an unexpected error came from ($WHIMBREL_DEBUG)"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_daemon_commands(commands)
    _add_replay(commands)
    _add_dissect(commands)
    _add_client_commands(commands)
    add_desk_commands(commands)
    _add_press(commands)
    _add_screenshot(commands)
    _add_radio_commands(commands)
    _add_tail(commands)
    return parser


def _exit_codes() -> str:
    rows = (f"  {code:3}  {meaning}" for code, meaning in exits.MEANINGS.items())
    return "exit status:\n" + "\n".join(rows)


def _add_daemon_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = add_command(
        commands, "run", "daemon:run", summary="run the daemon in the foreground",
        more="SIGTERM and Ctrl-C end it in order, SIGHUP reads the settings again. It ends with its terminal.",
    )  # fmt: skip
    add_config_option(run)
    check = add_command(
        commands, "check", "daemon:check", summary="check the settings, and whether this machine has what they name",
        more="Every mistake is listed at once, with its line.",
        epilog=f"exit status: {exits.OK} right, {exits.SETTINGS} wrong, {exits.MACHINE} right, but not here",
    )  # fmt: skip
    add_config_option(check)
    config = add_command(
        commands, "config", "daemon:config", summary="print the settings in force and where each comes from",
        epilog="example:\n  whimbrel config --defaults --yaml > whimbrel.yaml     a file to start from",
    )  # fmt: skip
    add_config_option(config)
    config.add_argument("--defaults", action="store_true", help="what holds where nothing is set; reads no file")
    config.add_argument("--yaml", action="store_true", help="as a settings file")


def _add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    replay = add_command(
        commands, "replay", "replay:run", summary="show what is in a capture",
        more="pcap and pcapng, gzipped too.\nThe frames go the way that they go live; each FILE is read on its own. "
        "A FILE may be a named pipe; - is standard input.",
        epilog="examples:\n"
        "  whimbrel replay home.pcapng\n"
        "  whimbrel replay --json *.pcap | jq '.captures[].alerts'\n"
        "  whimbrel replay --evidence found home.pcapng\n"
        "  ssh router tcpdump -i mon0 -w - | whimbrel replay -\n\n"
        f"exit status: {exits.OK} read to the end, {exits.CAPTURE} one was damaged or could not be read "
        "(what was whole is shown)",
    )  # fmt: skip
    replay.add_argument("files", nargs="+", metavar="FILE", help="a capture file; - for standard input")
    replay.add_argument("--json", action="store_true", help="everything, for programs")
    replay.add_argument("--config", "-c", metavar="FILE", help="settings that say what is guarded and looked for")
    replay.add_argument("--evidence", metavar="DIR", help="save the frames of each alert there, as pcapng")
    replay.add_argument("--force", action="store_true", help="write over evidence that is there")
    replay.add_argument(
        "--width", type=columns, metavar="COLUMNS", help="how wide a table may be (default: the terminal)"
    )


def _add_dissect(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    dissect = add_command(
        commands, "dissect", "dissect:run", summary="take one frame of a capture apart",
        more="First as Whimbrel reads it,\nthen layer by layer, by scapy.",
        epilog="example:\n  whimbrel dissect home.pcapng 42",
    )  # fmt: skip
    dissect.add_argument("file", metavar="FILE", help="a capture file")
    dissect.add_argument("number", type=int, metavar="NUMBER", help="which of its frames, from 1")


def _add_client_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    simple = {
        "status": "show how the daemon is doing",
        "modules": "list the daemon's modules and their states",
        "survey": "list what the daemon knows to be in the air",
        "reload": "make the daemon read its settings again",
        "restart": "restart one module of the daemon",
    }
    for name, summary in simple.items():
        parser = add_command(commands, name, f"remote:{name}", summary=summary, more=_MORE.get(name, ""))
        add_socket_option(parser)
        if name == "restart":
            parser.add_argument("module", metavar="MODULE", help="its name, as `whimbrel modules` shows it")
        else:
            parser.add_argument("--json", action="store_true", help="everything, for programs")
        if name == "survey":
            parser.add_argument("--width", type=columns, metavar="COLUMNS", help="how wide a table may be")


_MORE = {
    "reload": "A file with a mistake changes\nnothing; only modules whose settings differ are restarted.",
    "survey": "Access points and stations, strongest first.",
}


def _add_press(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    press = add_command(
        commands, "press", "press:run", summary="press a key of the device",
        more="It goes the way that a finger's press goes, and needs the buttons module.",
        epilog="examples:\n  whimbrel press down ok\n  whimbrel press ok:long",
    )  # fmt: skip
    press.add_argument(
        "keys", nargs="+", metavar="KEY[:long]", help="up, down, left, right, ok, back or menu; :long to hold it"
    )
    press.add_argument("--json", action="store_true", help="everything, for programs")
    add_socket_option(press)


def _add_screenshot(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    screenshot = add_command(
        commands, "screenshot", "screenshot:run", summary="save what the daemon's display shows",
        more="Also where it has no panel,\nor a dark one.", epilog="example:\n  whimbrel screenshot --scale 4 now.png",
    )  # fmt: skip
    screenshot.add_argument("file", metavar="OUT.png", help="the image file to write; - for standard output")
    screenshot.add_argument("--scale", type=int, default=1, metavar="N", help="N pixels for one, 1 to 16")
    add_socket_option(screenshot)


def _add_radio_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lock = add_command(
        commands, "lock", "remote:lock", summary="make the radio stay on one channel",
        more="It stays until `whimbrel unlock`, or until the daemon starts anew.",
        epilog="examples:\n  whimbrel lock 6\n  whimbrel lock 36/80\n  whimbrel lock 6GHz:37",
    )  # fmt: skip
    unlock = add_command(
        commands, "unlock", "remote:unlock", summary="make the radio visit the channels of its plan again"
    )
    camp = add_command(
        commands, "camp", "remote:camp", summary="make the radio stay on one channel for a while",
        more="At most for hop.camp_max of the settings,\nand not again before every channel has had a visit.",
        epilog="example:\n  whimbrel camp 11 20s",
    )  # fmt: skip
    for parser in (lock, camp):
        parser.add_argument("channel", metavar="CHANNEL", help='a channel such as 6, 36/80 (80 MHz wide) or "6GHz:37"')
    camp.add_argument("seconds", metavar="SECONDS", type=duration, help="how long: 20s, 2min")
    for parser in (lock, unlock, camp):
        parser.add_argument("--json", action="store_true", help="everything, for programs")
        add_socket_option(parser)


def _add_tail(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tail = add_command(
        commands, "tail", "tail:run", summary="follow what happens, until Ctrl-C",
        more="Without KIND: everything but batches of frames.\ndocs/events.md lists the kinds.",
        epilog="examples:\n"
        "  whimbrel tail --level notice\n"
        "  whimbrel tail access-point-found station-joined\n"
        "  whimbrel tail --json disconnected | jq -r .body.bssid",
    )  # fmt: skip
    tail.add_argument("kinds", nargs="*", metavar="KIND", help="a kind of event, such as access-point-found")
    tail.add_argument(
        "--level", metavar="LEVEL", default="debug", help="the least important level shown (default: debug)"
    )
    tail.add_argument("--json", action="store_true", help="the daemon's own lines, for programs")
    tail.add_argument(
        "--colour", choices=("auto", "always", "never"), default="auto",
        help="auto: on a terminal, unless $NO_COLOR is set (default)",
    )  # fmt: skip
    add_socket_option(tail)

"""``record``: shows the recorder's state and files, and controls its recordings."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option, add_width_option
from whimbrel.cli.terminal import look
from whimbrel.events.recording import RecorderState, RecordingRow
from whimbrel.text import harmless
from whimbrel.verbs.recording import RECORD, RECORDINGS
from whimbrel.wording.quantities import count, octets, span
from whimbrel.wording.tables import Column, layout

MORE = (
    "Without arguments: the\nstate of the recorder. keep saves the recent frames for good and records for a\nwhile, "
    "or keeps an existing recording; all, interesting (management, EAPOL,\nevidence) and off choose what is recorded "
    "continuously until the next start."
)
EPILOG = "examples:\n  whimbrel record keep\n  whimbrel record keep 2026-11-29T205314Z-deauth-flood-a17"
VERBS = (RECORDINGS, RECORD)
_COLUMNS = (Column("RECORDING", least=24), Column("SIZE", right=True), Column("STATE"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="?", default="status", choices=("status", "list", "keep", "all", "interesting", "off"),
        help="default: status",
    )  # fmt: skip
    parser.add_argument("recording", nargs="?", metavar="NAME", help="the recording to keep, by its name in list")
    add_width_option(parser)
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Show the recorder's state, or send it a command."""
    if args.recording is not None and args.what != "keep":
        raise exits.CommandError(exits.USAGE, f"record {args.what} takes no name")
    if args.what in {"status", "list"}:
        answer = ask_daemon(args, RECORDINGS)
        if args.json:
            return print_json(answer)
        if args.what == "list":
            print("\n".join(layout(_COLUMNS, map(_cells, answer.recordings), look(args.width).width)))
        else:
            print("\n".join(_lines(answer.state)))
        return exits.OK
    wish = {} if args.recording is None else {"recording": args.recording}
    done = ask_daemon(args, RECORD, what=args.what, **wish)
    if args.json:
        return print_json(done)
    if args.what == "keep":
        print(f"kept for good: {harmless(done.recording)}")
        if done.problem:
            print(f"it is in memory only: {harmless(done.problem)}")
    else:
        print(f"recorded continuously: {'nothing' if done.mode == 'off' else harmless(done.mode)}")
    return exits.OK


def _cells(row: RecordingRow) -> tuple[str, ...]:
    states = [word for word, holds in (("being written", row.open), ("kept", row.kept)) if holds]
    return harmless(row.recording), octets(row.octets), ", ".join(states)


def _lines(state: RecorderState) -> list[str]:
    going = ", ".join(map(harmless, state.recording)) or "nothing"
    always = "nothing" if state.mode == "off" else harmless(state.mode)
    lines = [
        f"all the time: {always}",
        f"now:          {going}",
        f"in memory:    the last {span(round(state.ring_seconds))}, {octets(state.ring_octets)}",
        f"folder:       {harmless(state.folder)}, {octets(state.free)} free",
        f"in it:        {count(state.recordings, 'file')} of {octets(state.used)}, at most {octets(state.cap)}",
        f"to the card:  {octets(state.written)} since the start, {octets(state.last_hour)} in the last hour",
        f"not kept:     {count(state.lost, 'frame')}",
    ]
    if state.home:
        kept = "the guarded networks" if state.home == "guarded" else "nothing"
        lines.append(f"at home:      {kept}")
    if state.late:
        lines.append(f"late:         {count(state.late, 'frame')}, up to {state.latest:.1f} s after they were heard")
    return [*lines, f"problem:      {harmless(state.problem)}"] if state.problem else lines

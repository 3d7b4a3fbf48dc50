"""``evidence``: the frames of an alert, as a capture file."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon
from whimbrel.cli.options import add_socket_option
from whimbrel.cli.output_file import add_force_option, save_file
from whimbrel.cli.saved_evidence import write_evidence
from whimbrel.text import harmless
from whimbrel.verbs.alerts import EVIDENCE
from whimbrel.wording.quantities import count

MORE = "pcapng with radiotap headers; the\ncomments contain the text of the alert."
EPILOG = "examples:\n  whimbrel evidence 7 flood.pcapng\n  whimbrel evidence 7 - | tshark -r -"
VERBS = (EVIDENCE,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the alert, from the list of `whimbrel alerts --all`")
    parser.add_argument("file", metavar="OUT.pcapng", help="the file to write; - for standard output")
    add_force_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write the frames of an alert to a file."""
    answer = ask_daemon(args, EVIDENCE, alert=args.id)
    capture = io.BytesIO()
    try:
        number = write_evidence(capture, answer)
    except ValueError as error:  # a time or a length that does not fit the format
        raise exits.CommandError(
            exits.FAILURE, "the daemon's answer is no evidence; is it of another version?"
        ) from error
    if args.file == "-":
        sys.stdout.buffer.write(capture.getvalue())
        return exits.OK
    save_file(Path(args.file), capture.getvalue(), force=args.force)
    print(f"{harmless(args.file)}: {count(number, 'frame')}")
    return exits.OK

"""``export``: the positions of access points, as a file for maps."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from whimbrel import __version__
from whimbrel.cli import exits
from whimbrel.cli.asking import connection
from whimbrel.cli.options import add_socket_option
from whimbrel.cli.output_file import add_force_option, save_file
from whimbrel.client.blocking import BlockingClient
from whimbrel.geo import Position
from whimbrel.rows import SightingRow
from whimbrel.text import harmless
from whimbrel.verbs.places import SIGHTINGS, TRACK
from whimbrel.wording.quantities import count

FORMATS = ("wigle", "kml", "geojson", "gpx")
MORE = (
    "All access points heard at a known\nposition, by earlier runs of the daemon too where the module history is on. "
    "wigle (CSV\n1.6) has the position at the strongest signal; kml, geojson and gpx have the averaged\nposition, and "
    "the track of the device since the daemon was started."
)
EPILOG = "examples:\n  whimbrel export wigle today.csv\n  whimbrel export geojson - | jq '.features | length'"
VERBS = (SIGHTINGS, TRACK)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("format", choices=FORMATS, help="the format: %(choices)s")
    parser.add_argument("file", metavar="OUT", help="the file to write; - for standard output")
    add_force_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write the positions to a file."""
    with connection(args) as client:
        rows, track = _sightings(client), _track(client)
    if not rows and not track:
        raise exits.CommandError(
            exits.FAILURE,
            "nothing was heard at a known position yet; `whimbrel status` shows whether the position is known (this "
            "needs the module position), and nothing is recorded in a zone of the kind home",
        )
    text = importlib.import_module(f"whimbrel.exporting.{args.format}").write(rows, track, __version__)
    if args.file == "-":
        sys.stdout.buffer.write(text.encode())
        return exits.OK
    save_file(Path(args.file), text.encode(), force=args.force)
    print(f"{harmless(args.file)}: {count(len(rows), 'access point')}")
    return exits.OK


def _sightings(client: BlockingClient) -> list[SightingRow]:
    """Return all of them; one that was heard meanwhile is told again, and as it was then."""
    rows: dict[bytes, SightingRow] = {}
    answer = client.ask(SIGHTINGS)
    while True:
        known = len(rows)
        rows |= {row.bssid: row for row in answer.sightings}
        # Where as much is heard as is told, there would be no end.
        if answer.after is None or (answer.sightings and len(rows) == known):
            return list(rows.values())
        answer = client.ask(SIGHTINGS, after=answer.after)


def _track(client: BlockingClient) -> list[Position]:
    points: list[Position] = []
    answer = client.ask(TRACK)
    while True:
        points += answer.points
        if answer.after is None:
            return points
        answer = client.ask(TRACK, after=answer.after)

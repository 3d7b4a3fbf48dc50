"""``dissect``: shows one frame of a capture in detail. The only place where scapy reads a frame."""

from __future__ import annotations

import argparse
import contextlib
import logging
from pathlib import Path
from typing import Any

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.cli import exits
from whimbrel.cli.terminal import look
from whimbrel.drivers.scapy.capture import LINK_TYPES
from whimbrel.text import harmless, mac
from whimbrel.wifi import kinds
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse
from whimbrel.wording.styles import Style

_LAYERS = {link_type: layer for layer, link_type in LINK_TYPES.items()}

_FIELDS = (
    "freq", "rssi", "noise", "rate", "phy", "width", "tsft", "length", "cut", "bad_fcs", "flags", "duration",
    "seq", "fragment", "tid", "amsdu",
)  # fmt: skip
_ADDRESSES = ("ra", "ta", "addr3", "addr4", "bssid", "sa", "da")
MORE = "First the fields that Whimbrel reads,\nthen the layers by scapy."
EPILOG = "example:\n  whimbrel dissect home.pcapng 42"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a capture file")
    parser.add_argument("number", type=int, metavar="NUMBER", help="the number of the frame, from 1")


def run(args: argparse.Namespace) -> int:
    """Print the fields that this program reads, and then scapy's layers."""
    link_type, record = _find(Path(args.file), args.number)
    frame = parse(link_type, record)
    how = look()
    print(f"frame {args.number} of {harmless(args.file)}, {len(record[1])} octets at {record[0]:.6f}")
    for line in (*_ours(frame), *_scapys(link_type, record[1])):
        print(how.paint(harmless(line), _style(line)))
    return exits.OK


def _style(line: str) -> Style:
    """Return the style of a line of the dissection: headings and names of layers stand out, and so does what is bad."""
    if line.startswith(("  malformed:", "  bad_fcs:", "scapy cannot")):
        return Style.BAD
    heading = line and not line.startswith(" ") and (line.endswith("reads it:") or line.startswith("###"))
    return Style.STRONG if heading or line.lstrip(" \\|").startswith("###[") else Style.PLAIN


def _find(file: Path, number: int) -> tuple[int, CaptureRecord]:
    """Return the link type and the record of a frame, counted from 1."""
    if number < 1:
        raise exits.CommandError(exits.USAGE, f"frames are counted from 1, found {number}")
    seen = 0
    try:
        with file.open("rb") as stream, contextlib.closing(read_capture(stream)) as batches:
            for link_type, records in batches:
                if number <= seen + len(records):
                    return link_type, records[number - seen - 1]
                seen += len(records)
    except OSError as error:
        raise exits.CommandError(exits.CAPTURE, f"{file}: {error.strerror}") from error
    except CaptureError as error:
        raise exits.CommandError(
            exits.CAPTURE, f"{file}: {error}; frame {number} is not among the {seen} before that"
        ) from error
    raise exits.CommandError(exits.USAGE, f"{file} has {seen} frames, and no number {number}")


def _ours(frame: Frame) -> list[str]:
    told = [f"kind: {kinds.name(frame.kind)}"]
    if frame.malformed is not None:
        told.append(f"malformed: {frame.malformed.value}")
    told += [f"{name}: {mac(address)}" for name in _ADDRESSES if (address := getattr(frame, name)) is not None]
    # An absent value is None, or 0 in fields that are never 0.
    told += [f"{name}: {value}" for name in _FIELDS if (value := getattr(frame, name)) not in (None, "", 0)]
    return ["", "as whimbrel reads it:", *(f"  {line}" for line in told)]


def _scapys(link_type: int, raw: bytes) -> list[str]:
    layer = _LAYERS.get(link_type)
    if layer is None:
        return ["", f"scapy knows no link type {link_type}"]
    logging.getLogger("scapy").setLevel(logging.CRITICAL)  # it prints warnings about routes to stderr
    from scapy.layers import dot11, ppi

    packet: Any = getattr(dot11, layer, None) or getattr(ppi, layer)
    try:
        shown: str = packet(raw).show(dump=True)
    except Exception as error:  # noqa: BLE001  # a dissector may raise anything over a hostile frame
        return ["", f"scapy cannot read it: {type(error).__name__}: {error}"]
    return ["", "as scapy reads it:", *shown.splitlines()]

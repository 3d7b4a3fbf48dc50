"""Frames that are mutated, read by Whimbrel and by tshark: every disagreement belongs to an explained kind.

``python -m tests.fuzz.differential [--frames N] [--seed N]`` prints how often each kind occurred, and ends with 1 if
there was one without an explanation.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.detections.test_hostile import handmade, spoiled
from tests.fuzz import corpus
from tests.lab.pcap import pcap_file

from whimbrel.wifi.elements import EXTENSION, parse_elements
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import BEACON, MORE_FRAGMENTS, PROBE_REQ, PROBE_RESP, PROTECTED
from whimbrel.wifi.linktypes import IEEE802_11, parse

FIELDS = (
    "wlan.fc.type_subtype", "wlan.ra", "wlan.ta", "wlan.bssid", "wlan.seq", "wlan.frag", "wlan.duration",
    "wlan.fc.retry", "wlan.fc.protected",
)  # fmt: skip
TAGS = "wlan.tag.number"
MALFORMED = "_ws.malformed"
_MULTIPLE_BSSID = 71
_VERSION = 0x03  # of the first octet of Frame Control (IEEE 802.11-2020, 9.2.4.1.2)
_EXTENSION = 0x0C  # the type of beacons at 60 GHz and below 1 GHz (9.2.4.1.3)
_CONTROL_EXTENSION = 0x16
_BETWEEN = 0x03  # To DS and From DS; the third address is then a BSSID if the frame has an A-MSDU (table 9-30)
_LISTS = {BEACON: 12, PROBE_RESP: 12, PROBE_REQ: 0}
"""Octets before the elements of a body."""


class Reading(NamedTuple):
    """What one program says of a frame; an empty text where it says nothing."""

    fields: tuple[str, ...]
    """By `FIELDS`."""
    tags: tuple[int, ...]
    """The numbers of the elements, of a beacon or a probe."""
    gave_up: bool = False
    """Whether it stopped at what it could not read."""


def ours(frame: Frame) -> Reading:
    """Return Whimbrel's reading."""
    has_seq = frame.seq is not None
    fields = (
        f"0x{frame.kind:04x}" if frame.kind >= 0 else "",
        *(_mac(address) for address in (frame.ra, frame.ta, frame.bssid)),
        str(frame.seq) if has_seq else "",
        str(frame.fragment) if has_seq else "",
        str(frame.duration),
        str(bool(frame.flags & 0x08)),
        str(bool(frame.flags & PROTECTED)),
    )
    tags: tuple[int, ...] = ()
    if frame.kind in _LISTS and frame.malformed is None and not frame.flags & PROTECTED:
        found = parse_elements(frame.raw, frame.body + _LISTS[frame.kind], frame.end)
        tags = tuple(min(number, EXTENSION - 1) for number, _, _ in found.spans)
    return Reading(fields, tags)


def theirs(raws: Sequence[bytes]) -> list[Reading]:
    """Return tshark's reading of each frame without a capture header and FCS."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutated.pcap"
        file.write_bytes(pcap_file(((1.0, raw) for raw in raws), IEEE802_11))
        command = ["tshark", "-n", "-r", str(file), "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"]
        for name in (*FIELDS, TAGS, MALFORMED):
            command += ["-e", name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [_reading(line.split("\t")) for line in said.split("\n")[: len(raws)]]


def _reading(cells: list[str]) -> Reading:
    # Of an A-MSDU or a frame in a frame, the outer one comes first.
    first = [cell.split(",")[0] for cell in cells[: len(FIELDS)]]
    first[7:] = [{"1": "True", "0": "False"}.get(flag, flag) for flag in first[7:]]
    tags = tuple(int(number) for number in cells[-2].split(",") if number)
    return Reading(tuple(first), tags, bool(cells[-1]))


def _mac(address: bytes | None) -> str:
    return "" if address is None else ":".join(f"{octet:02x}" for octet in address)


def disagreements(frame: Frame, told: Reading) -> Iterable[str]:
    """Yield the kind of each disagreement: an explanation, or a text that begins with UNEXPLAINED."""
    own = ours(frame)
    control = frame.raw[frame.start] if frame.start < len(frame.raw) else 0
    if control & _VERSION:
        yield "another version of the protocol: Whimbrel reads none of it, tshark what it would be in version 0"
        return
    if control & _EXTENSION == _EXTENSION:
        yield "an extension frame (60 GHz, S1G): Whimbrel does not listen there, and reads no addresses of it"
        return
    if frame.kind == _CONTROL_EXTENSION:
        yield "a Control Frame Extension (60 GHz): tshark numbers its kinds, and its flags are no flags"
        return
    for name, mine, other in zip(FIELDS, own.fields, told.fields, strict=True):
        if mine == other:
            continue
        if frame.malformed is not None and not other:
            yield "cut header: tshark shows nothing of it, Whimbrel what is there, marked as malformed"
        elif name == "wlan.duration" and (frame.duration & 0x8000 or not other):
            yield "Duration/ID that is no duration (an AID, or reserved): tshark shows it under another name"
        elif name == "wlan.bssid" and not mine and frame.flags & _BETWEEN == _BETWEEN:
            yield "several packets in a frame with four addresses: tshark takes the third for a BSSID, Whimbrel none"
        else:
            yield f"UNEXPLAINED {name}: {mine!r} and {other!r} of {frame.raw.hex()}"
    if own.tags and own.tags != told.tags:
        if frame.flags & MORE_FRAGMENTS or frame.fragment:
            yield "a fragment of a management frame: tshark waits for the rest, Whimbrel reads what is there"
            return
        yield _of_elements(own.tags, told) or f"UNEXPLAINED elements: {own.tags} and {told.tags} of {frame.raw.hex()}"


def _of_elements(tags: tuple[int, ...], told: Reading) -> str:
    """Return the explanation of two lists of elements; empty if there is none."""
    both, within = 0, False
    for number in told.tags:
        if both < len(tags) and number == tags[both]:
            both += 1
        elif both == len(tags):
            return "an element that is cut off at the end: tshark lists it, Whimbrel leaves it out"
        elif number == EXTENSION - 1:
            return "an extension element of no length: it has no number, tshark takes the next octet for it"
        elif _MULTIPLE_BSSID in tags[:both]:
            within = True
        else:
            return ""
    if both < len(tags):
        return "an element with nonsense in it: tshark gives up there, Whimbrel reads those behind it" * told.gave_up
    return "profiles within a Multiple BSSID element: tshark lists their elements too" * within


def mutated(count: int, seed: int) -> list[bytes]:
    """Return frames: those of the kept corpus, then `count` mutations."""
    rng = random.Random(seed)
    whole = handmade()
    kept = [content[1:] for content in corpus.kept("frames") if content[:1] == b"\1" and len(content) > 3]
    return kept + [spoiled(rng, rng.choice(whole)).raw for _ in range(count)]


def compare(raws: Sequence[bytes]) -> Counter[str]:
    """Return how often each kind of disagreement occurred."""
    found: Counter[str] = Counter()
    for raw, told in zip(raws, theirs(raws), strict=True):
        found.update(disagreements(parse(IEEE802_11, (1.0, raw, len(raw))), told))
    return found


def main(argv: list[str] | None = None) -> int:
    """Compare, and print the kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    if shutil.which("tshark") is None:
        parser.error("tshark is not installed")
    raws = mutated(arguments.frames, arguments.seed)
    found = compare(raws)
    sys.stdout.write(f"{len(raws)} frames\n")
    for kind, times in found.most_common():
        sys.stdout.write(f"{times:7}  {kind}\n")
    return int(any(kind.startswith("UNEXPLAINED") for kind in found))


if __name__ == "__main__":
    raise SystemExit(main())

"""The frames of an alert as a capture file for Wireshark, from what the verb ``evidence`` answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from whimbrel import __version__
from whimbrel.capture.pcapng_writer import PcapngWriter, Writable
from whimbrel.capture.radiotap_header import radiotap_header
from whimbrel.cli.survey_tables import rows


def write_evidence(stream: Writable, answer: Mapping[str, Any]) -> int:
    """Write the capture; return how many frames it has.

    Raises what `stream` raises, and KeyError, TypeError or ValueError for an answer that is none.
    """
    alert, frames = answer["alert"], rows(answer["frames"])
    writer = PcapngWriter(
        stream,
        application=f"Whimbrel {__version__}",
        comments=["\n".join(_story(alert, answer.get("left_out", 0)))],
    )
    for number, frame in enumerate(frames, 1):
        octets = bytes.fromhex(frame["octets"])
        header = radiotap_header(
            tsft=frame["tsft"],
            rate=frame["rate"],
            freq=frame["freq"],
            phy=frame["phy"],
            rssi=frame["rssi"],
            noise=frame["noise"],
        )
        note = f"Evidence of alert {alert['id']} ({alert['title']}), frame {number} of {len(frames)}"
        comments = [f"{note}: {alert['text']}"] if number == 1 else [note]
        length = max(int(frame["length"]), len(octets))
        writer.write(frame["time"], header + octets, len(header) + length, comments)
    return len(frames)


def _story(alert: Mapping[str, Any], left_out: int) -> Iterator[str]:
    """Yield the alert in lines: what Wireshark shows as the properties of the capture file."""
    yield f"{alert['title']} [{alert['rule']}], {alert['severity']}, {alert['confidence']} confidence"
    yield str(alert["text"])
    yield f"From {_moment(alert['first'])} to {_moment(alert['last'])}"
    if left_out:
        yield f"{left_out} frames between the first and the last ones were not kept."
    for name, label in (
        ("meaning", ""),
        ("fooled_by", "May be fooled by: "),
        ("advice", "What to do: "),
        ("reference", ""),
    ):
        yield f"{label}{alert[name]}"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))

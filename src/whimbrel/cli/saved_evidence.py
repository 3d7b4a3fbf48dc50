"""The frames of an alert as a capture file for Wireshark, from the answer of the verb ``evidence``."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from whimbrel import __version__
from whimbrel.capture.pcapng_writer import PcapngWriter, Writable
from whimbrel.capture.radiotap_header import radiotap_header
from whimbrel.cli import exits
from whimbrel.cli.output_file import save_file
from whimbrel.verbs.alerts import Evidence
from whimbrel.wording.about_position import coordinates
from whimbrel.wording.about_recording import evidence_comments
from whimbrel.wording.phrases import heard_at

_ENDINGS = re.compile(r"(\.(pcap|pcapng|ntar|cap|dump|dmp|gz))+$", re.IGNORECASE)
"""Suffixes of capture names."""


class EvidenceFolder:
    """A folder for the evidence of several captures, with a file for each alert.

    A file is named after its capture, with a number where a capture before it in the same run has the same name.
    """

    def __init__(self, folder: Path, *, force: bool) -> None:
        self._folder = folder
        self._force = force
        self._taken: set[str] = set()

    def save(self, capture: Path, alerts: Iterable[Evidence]) -> Iterator[str]:
        """Write the frames of each alert; yield errors in words."""
        name = self._name(capture)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            yield f"cannot make the folder {self._folder}: {error.strerror}"
            return
        for evidence in alerts:
            content = io.BytesIO()
            write_evidence(content, evidence)
            path = self._folder / f"{name}-{evidence.alert.id}-{evidence.alert.rule}.pcapng"
            try:
                save_file(path, content.getvalue(), force=self._force)
            except exits.CommandError as error:
                yield str(error)

    def _name(self, capture: Path) -> str:
        """Return the prefix of the files of `capture`, unique in this run. FAT does not distinguish A from a."""
        stem = "stdin" if str(capture) == "-" else _ENDINGS.sub("", capture.name.lstrip(".")) or "capture"
        name, number = stem, 2
        while name.casefold() in self._taken:
            name, number = f"{stem}.{number}", number + 1
        self._taken.add(name.casefold())
        return name


def write_evidence(stream: Writable, answer: Evidence) -> int:
    """Write the capture; return the number of frames.

    Raises the errors of `stream`, and ValueError for a value that does not fit the format.
    """
    alert, frames = answer.alert, answer.frames
    writer = PcapngWriter(stream, application=f"Whimbrel {__version__}", comments=["\n".join(_story(answer))])
    comments = evidence_comments(alert.id, alert.title, alert.text, len(frames))
    for frame, comment in zip(frames, comments, strict=True):
        header = radiotap_header(
            tsft=frame.tsft, rate=frame.rate, freq=frame.freq, phy=frame.phy, rssi=frame.rssi, noise=frame.noise
        )
        length = max(frame.length, len(frame.octets))
        writer.write(frame.time, header + frame.octets, len(header) + length, [comment])
    return len(frames)


def _story(answer: Evidence) -> Iterator[str]:
    """Yield the alert in lines, which Wireshark shows among the properties of the capture file."""
    alert = answer.alert
    yield f"{alert.title} [{alert.rule}], {alert.severity}, {alert.confidence} confidence"
    yield alert.text
    where = heard_at(alert.channel, alert.freq, alert.rssi_range, alert.heard_on)
    yield f"From {_moment(alert.first)} to {_moment(alert.last)}{', ' if where else ''}{where}"
    if alert.position is not None:
        yield f"Loudest at {coordinates(alert.position)}"
    if answer.left_out:
        yield f"{answer.left_out} frames between the first and the last ones were not kept."
    yield alert.meaning
    yield f"May be fooled by: {alert.fooled_by}"
    yield f"What to do: {alert.advice}"
    yield alert.reference


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))

"""A run of a detector over captures, and the page about it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tools.wids_benchmark import making, real, truth
from tools.wids_benchmark.scoring import alerts, kismet, table, whimbrel
from tools.wids_benchmark.scoring.names import Names
from tools.wids_benchmark.scoring.score import Score
from tools.wids_benchmark.truth import Truth


class Run:
    """Whimbrel over built and real captures."""

    def __init__(self, command: Sequence[str], names: Names, *, keep: bool, tell: Callable[[str], None]) -> None:
        self._command, self._names, self._keep = list(command), names, keep
        self._begun = time.monotonic()
        self._tell = tell
        """Takes a line about each capture that was heard."""
        self.built, self.real = Score(), Score()
        self.captures = self.frames = 0
        self.left = 0
        """Kinds and scenes that were not begun, because the time was over."""

    def hear(self, choice: making.Choice, folder: Path, minutes: float | None = None) -> None:
        """Make the chosen captures in a folder and have them heard; begin none so many `minutes` after the start."""
        folder.mkdir(parents=True, exist_ok=True)
        end = None if minutes is None else self._begun + 60 * minutes
        for made in making.everything(folder, choice):
            self._take(made, self.built)
            if not self._keep:
                for path, _ in made:
                    path.unlink()
                    path.with_suffix(".json").unlink()
            if end is not None and time.monotonic() > end:
                self.left = 1
                break

    def hear_real(self, folder: Path) -> None:
        """Hear the labelled captures of a folder; nothing where there are none."""
        for pair in real.truths(folder):
            self._take([pair], self.real)

    def _take(self, made: Sequence[tuple[Path, Truth]], score: Score) -> None:
        told = made[0][1]
        site = told.site if told.tell_site else None
        with tempfile.TemporaryDirectory() as scratch:
            heard = whimbrel.listen(self._command, [path for path, _ in made], site, Path(scratch))
        for (_, about), found in zip(made, heard, strict=True):
            only = Score()
            only.take(about, found, self._names)
            score.add(only)
            self._tell("; ".join(table.details(only)) or f"as it should be: {about.capture}")
            self.captures += 1
            self.frames += about.frames

    def lines(self) -> list[str]:
        """Return the tables of both scores."""
        lines = table.tables(self.built, self._names)
        if self.real.units or self.real.hours:
            lines += ["", "## Real captures", "", *table.tables(self.real, self._names)]
        if self.left:
            lines += ["", "The time was over before everything was heard."]
        return lines

    def page(self, arguments: str) -> str:
        """Return the page of results in Markdown, with date and commit."""
        about = (
            f"Written by `make benchmark` on {datetime.now(UTC):%Y-%m-%d} at commit {_commit()}, with `{arguments}`."
        )
        return "\n".join([_HEAD, about, "", "## Built captures", "", *self.lines(), ""])


_HEAD = """# Benchmark

Whimbrel's alerts on captures that were built from frames, each with its truth, and on real ones with labels.
[The benchmark](../tools/wids_benchmark/README.md) describes how they are made and scored. An attack is *noticed* if an
alert of a warning or worse (of a notice, for kinds that a notice tells rightly) about its addresses overlaps its time,
and *named* if one of these alerts has the right name. In benign air, each alert of a warning or worse is a false one.
"""


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run(
        ["git", "diff", "--quiet", "HEAD", "--", "src"], capture_output=True, check=False
    ).returncode
    return (done.stdout.strip() or "unknown") + (" with changes in src" if changed == 1 else "")


def from_files(folder: Path, alerts_folder: Path, names: Names, *, kismet: bool) -> Score:
    """Score the alerts of a detector that has run before: a file for each capture, empty where it raised none.

    Raises `AlertsUnreadable` and `ValueError`.
    """
    score = Score()
    for path in sorted(folder.glob("*.json")):
        told = truth.read(path)
        file = alerts_folder / (path.stem + (".json" if kismet else ".jsonl"))
        if not file.exists():
            raise ValueError(f"{file} is missing: a detector that raised nothing writes an empty file")
        score.take(told, _read(file, kismet=kismet), names)
    return score


def _read(file: Path, *, kismet: bool) -> list[alerts.DetectorAlert]:
    text = file.read_text(encoding="utf-8", errors="replace")
    if kismet:
        return _kismet(text)
    return alerts.read_lines(text.splitlines(), file.name)


def _kismet(text: str) -> list[alerts.DetectorAlert]:
    return kismet.read(text) if text.strip() else []

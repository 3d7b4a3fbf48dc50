"""Draws the real output of the demonstration in a terminal: `python -m tools.picture` makes docs/pictures.

The pictures are SVG, written as text: no dependency, and sharp at every size. Each stretch of text is told its own
length, so that columns stay columns in whatever monospace font a viewer has.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from whimbrel.wording.tables import text_width

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
DEMO = "config/demo.yaml"
SECONDS = 45
"""Enough for every channel of the demonstration to have been visited a few times."""
LINES = 26
"""Lines of the log that fit on a terminal."""
ALERTS = 11
"""Lines of the list of alerts."""

_CELL, _LINE, _SIZE = 8.43, 19, 14
_MARGIN = 16
_BACKGROUND, _TEXT, _PROMPT = "#11161d", "#c9d1d9", "#7ee787"
_STYLES = {
    "0": f"fill:{_TEXT}",
    "1": "fill:#ffffff;font-weight:bold",
    "2": "fill:#7d8590",
    "31": "fill:#ff7b72",
    "32": "fill:#7ee787",
    "33": "fill:#e3b341",
    "1;31": "fill:#ff7b72;font-weight:bold",
    "1;37;41": "fill:#ff7b72;font-weight:bold",
}
"""By the parameters of the select-graphic-rendition sequences of `whimbrel.wording.styles`."""
_SGR = re.compile(r"\x1b\[([0-9;]*)m")


class Run(NamedTuple):
    """Text of one style on one line."""

    column: int
    text: str
    style: str


def runs(line: str) -> Iterator[Run]:
    """Take a coloured line apart."""
    style = _STYLES["0"]
    column = 0
    for number, part in enumerate(_SGR.split(line)):
        if number % 2:
            style = _STYLES.get(part or "0", style)
        elif part:
            yield Run(column, part, style)
            column += text_width(part)


def draw(command: str, lines: Sequence[str]) -> str:
    """Return a picture of a terminal in which `command` has printed `lines`."""
    shown = [[Run(0, "$ ", f"fill:{_PROMPT}"), Run(2, command, _STYLES["1"])], *(list(runs(line)) for line in lines)]
    return drawn(shown, command)


def drawn(shown: Sequence[Sequence[Run]], label: str) -> str:
    """Return a picture of a terminal with these lines; `label` describes it for people who cannot see it."""
    columns = max(run.column + text_width(run.text) for line in shown for run in line)
    width = round(columns * _CELL) + 2 * _MARGIN
    height = len(shown) * _LINE + 2 * _MARGIN
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(label)}">',
        f'<rect width="{width}" height="{height}" rx="8" fill="{_BACKGROUND}"/>',
        f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{_SIZE}">',
    ]
    for row, line in enumerate(shown):
        y = _MARGIN + row * _LINE + _SIZE
        parts += [_text(run, y) for run in line if run.text.strip()]
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _text(run: Run, y: int) -> str:
    text = run.text.rstrip()
    x = _MARGIN + run.column * _CELL
    length = text_width(text) * _CELL
    return (
        f'<text x="{x:.1f}" y="{y}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" '
        f'style="{run.style}">{escape(text, quote=False)}</text>'
    )


def demonstrate(seconds: float, *commands: str, scene: str = "home", speed: float = 1.0) -> list[list[str]]:
    """Run the demonstration for a while; return its output, in colour, and the output of each of `commands`: empty if
    there is no such alert."""
    whimbrel = [sys.executable, "-m", "whimbrel"]
    with tempfile.TemporaryDirectory() as folder:
        socket, settings, log = Path(folder, "control.sock"), Path(folder, "demo.yaml"), Path(folder, "log")
        demo = (ROOT / DEMO).read_text()
        demo = re.sub(r"socket: .*", f"socket: {socket}", demo)
        demo = demo.replace("scene: home\n", f"scene: {scene}\n      speed: {speed}\n")
        settings.write_text(demo.replace("    form: short\n", "    form: short\n    colour: always\n"))
        with log.open("w") as stream, subprocess.Popen([*whimbrel, "run", "-c", settings], stderr=stream) as daemon:
            try:
                time.sleep(seconds)
                printed = [
                    subprocess.run(
                        [*whimbrel, *command.split(), "--socket", str(socket)],
                        check=False, capture_output=True, text=True,
                    ).stdout.splitlines()
                    for command in commands
                ]  # fmt: skip
            finally:
                daemon.terminate()
        written = log.read_text().replace(str(settings), DEMO)
    return [written.splitlines(), *printed]


def main() -> None:
    """Make every picture."""
    PICTURES.mkdir(exist_ok=True)
    written, survey = demonstrate(SECONDS, "survey")
    (PICTURES / "journal.svg").write_text(draw(f"whimbrel run --config {DEMO}", written[:LINES]))
    (PICTURES / "survey.svg").write_text(draw("whimbrel survey", survey))
    details = (f"alerts {number}" for number in range(1, 30))
    _, alerts, *ones = demonstrate(SECONDS, "alerts", *details, scene="attack", speed=10.0)
    one = next(number for number, lines in enumerate(ones, 1) if lines and "(critical" in lines[0])
    shown = [*alerts[:ALERTS], "", f"\x1b[1m$ whimbrel alerts {one}\x1b[0m", *ones[one - 1]]
    (PICTURES / "alerts.svg").write_text(draw("whimbrel alerts", shown))


if __name__ == "__main__":
    main()

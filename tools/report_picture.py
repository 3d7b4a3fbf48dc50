"""Draws the report of a simulated air in Chromium, by `python -m tools.report_picture`: docs/pictures/report*.png.

Each name in that air is invented. Chromium comes from Debian (`chromium`); look at both pictures before a commit.
``--pages DIR`` writes the page at the widths, in the colours and as the PDF that it is to be looked at in.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from whimbrel.capture.pcapng_writer import PcapngWriter
from whimbrel.drivers.sim import library, world

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
SCENE = "attack"
SECONDS = 520.0
_START = 1_790_000_000.0
_COLOURS = 96
_HERE = "header, footer, .part > :not(#p1-here) { display: none }"
"""Style that leaves of the page the networks alone."""
_TALL = 9000
"""Pixels: more than the page has."""
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --no-pdf-header-footer"
)


def record(path: Path) -> None:
    """Write the heard frames of the scene to a capture."""
    air = world.build(library.load(SCENE), 7, start=_START).air
    with path.open("wb") as file:
        writer = PcapngWriter(file, application="Whimbrel", comments=[])
        for time, octets, length in air.until(SECONDS):
            writer.write(time, octets, length)


def chromium(page: str, *arguments: str, dark: bool = False) -> None:
    """Let Chromium open a page. Raises CalledProcessError, and FileNotFoundError if it is not installed."""
    with tempfile.TemporaryDirectory() as profile:
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        command = ["chromium", *_FLAGS.split(), f"--user-data-dir={profile}", scheme, *arguments, page]
        subprocess.run(command, check=True, capture_output=True)


def shoot(page: str, out: Path, width: int, height: int, *, dark: bool = False) -> None:
    """Take a picture of a page."""
    chromium(page, f"--window-size={width},{height}", f"--screenshot={out}", dark=dark)
    with Image.open(out) as image:
        image.convert("RGB").quantize(_COLOURS).save(out, optimize=True)


def main() -> None:
    """Make both pictures, or all pages to look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, metavar="DIR", help="write the whole page there, in every way")
    folder = parser.parse_args().pages
    with tempfile.TemporaryDirectory() as scratch:
        capture, html = Path(scratch, "saturday.pcapng"), Path(scratch, "report.html")
        record(capture)
        command = [sys.executable, "-m", "whimbrel", "replay", "--report", str(html), str(capture)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"TZ": "UTC"})
        page = html.as_uri()
        if folder is None:
            shoot(page, PICTURES / "report.png", 1100, 1180)
            html.write_text(html.read_text(encoding="utf-8").replace("</style>", f"{_HERE}</style>"), encoding="utf-8")
            shoot(page, PICTURES / "report-here.png", 1100, 1180, dark=True)
            return
        folder.mkdir(exist_ok=True)
        (folder / "report.html").write_bytes(html.read_bytes())
        for width in (360, 1280):
            for dark in (False, True):
                shoot(page, folder / f"{width}-{'dark' if dark else 'light'}.png", width, _TALL, dark=dark)
        chromium(page, f"--print-to-pdf={folder / 'report.pdf'}")


if __name__ == "__main__":
    main()

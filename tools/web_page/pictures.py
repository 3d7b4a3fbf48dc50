"""``python -m tools.web_page.pictures``: takes the pictures of the web page, docs/pictures/web-*.png, in Chromium.

Each name in that air is invented. Look at the pictures before a commit. ``--all DIR`` writes each view at both widths
and in both colour schemes instead, and whole, to be looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image
from tests.lab.browser import WIDTHS, Visit, browser
from tests.lab.waiting import block_until
from tests.lab.watched_air import TOKEN, WatchedAir, end, raised

from whimbrel.drivers.sim import library

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.process.daemon import DaemonProcess

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
SCENE = "cafe"
CHANNELS = '"1", "6", "11", "36", "44", "60"'
INCIDENTS = """\
incidents:
  - {kind: deauthentication, at: 5s, lasts: 40s, rate: 40, target: Strandläufer Kasse, every: 10min}
  - {kind: malformed, at: 10s, lasts: 20s, rate: 10, channel: 1}
  - {kind: authentication-flood, at: 15s, lasts: 20s, rate: 100, count: 400, target: Strandläufer Kasse}
"""
VIEWS = (
    "login", "here", "ap", "stations", "station", "channels", "incidents", "incident", "visitors", "recordings",
    "history", "panel", "health", "log", "rules", "more",
)  # fmt: skip
_SETTLED = 30
"""Samples of a signal after which its plot has something to show."""
_COLOURS, _FEW_COLOURS = 256, 96
_GAP = 24
_BACKGROUND = (128, 134, 136)
_FOLDER = "/var/lib/whimbrel"
_RENAME = """names => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const [from, to] of Object.entries(names)) {
      const node = texts.currentNode;
      if (from.includes("/")) node.nodeValue = node.nodeValue.replaceAll(from, to);
      else if (node.nodeValue === from) node.nodeValue = to;
    }
  }
}"""
Scheme = Literal["light", "dark"]


@contextlib.contextmanager
def watched() -> Iterator[tuple[WatchedAir, DaemonProcess]]:
    """Run both processes until there are incidents."""
    text = library.find(SCENE).read_text(encoding="utf-8") + INCIDENTS
    with tempfile.TemporaryDirectory() as folder:
        air = WatchedAir(Path(folder), air=text, speed=1.0, channels=CHANNELS)
        with air.daemon() as daemon, air.reach() as reach:
            air.wait_for_page()
            daemon.wait_until_told("READY=1")
            daemon.wait_until(lambda: len(raised(daemon)) > 1, "two incidents")
            daemon.ask("learn", ssids=["Regenpfeifer"], sure=True)
            daemon.ask("record", what="keep")
            yield air, daemon
            end(reach)


def subject(view: str, daemon: DaemonProcess) -> str:
    """Return the view with something to show in it: the access point with the most frames, the worst incident."""
    if view == "ap":
        rows = daemon.ask("survey", what="access_points")["access_points"]
        return f"ap/{max((row for row in rows if row['ssid']), key=lambda row: row['frames'])['bssid']}"
    if view == "station":
        rows = daemon.ask("survey", what="stations")["stations"]
        return f"station/{max(rows, key=lambda row: (row['bssid'] is not None, row['frames']))['station']}"
    if view == "incident":
        worst = min(raised(daemon), key=lambda row: ("critical", "warning", "notice").index(row["severity"]))
        return f"incident/{worst['id']}"
    return view


def shoot(visit: Visit, view: str, daemon: DaemonProcess, *, whole: bool = False) -> Image.Image:
    """Return a picture of the window with a view in it; `whole`: of all that can be scrolled to."""
    if view == "login":
        visit.page.goto(f"{visit.origin}/")
        visit.page.wait_for_selector("#token")
    else:
        visit.show(subject(view, daemon))
        if view in {"ap", "station"}:
            _let_it_plot(visit)
        if view == "panel":
            shown = "document.querySelector('main img')?.naturalWidth > 0"
            block_until(lambda: visit.page.evaluate(shown), "the panel's picture", every=0.2)
        visit.page.mouse.move(0, 0)
        # What belongs to this machine is no part of the picture.
        visit.page.evaluate(_RENAME, {socket.gethostname(): "whimbrel", str(daemon.config.parent): _FOLDER})
    return Image.open(io.BytesIO(visit.page.screenshot(full_page=whole))).convert("RGB")


def sheet(images: Sequence[Image.Image]) -> Image.Image:
    """Return pictures beside each other in one."""
    width = sum(image.width for image in images) + _GAP * (len(images) + 1)
    whole = Image.new("RGB", (width, max(image.height for image in images) + 2 * _GAP), _BACKGROUND)
    left = _GAP
    for image in images:
        whole.paste(image, (left, _GAP))
        left += image.width + _GAP
    return whole


def _let_it_plot(visit: Visit) -> None:
    """Wait until a plot has been fed for a while: it asks once a second."""
    seen = 0

    def count(_response: object) -> None:
        nonlocal seen
        seen += 1

    visit.page.on("response", count)
    block_until(lambda: visit.page.evaluate("0") or seen >= _SETTLED, "the plot", every=0.2)
    visit.page.remove_listener("response", count)


def pictures(running: Browser, air: WatchedAir, daemon: DaemonProcess) -> None:
    """Write the pictures of the documentation."""
    phone = []
    views: tuple[tuple[str, Scheme], ...] = (("here", "light"), ("ap", "dark"), ("incident", "light"))
    for view, scheme in views:
        with Visit(running, air.origin, width=360, scheme=scheme, scale=1.5) as visit:
            visit.log_in(TOKEN)
            phone.append(shoot(visit, view, daemon))
    save(sheet(phone), PICTURES / "web-phone.png")
    with contextlib.ExitStack() as stack:
        # Both from the beginning: the log has what happened since then.
        visits = [stack.enter_context(Visit(running, air.origin, width=width)) for width in WIDTHS]
        for view in VIEWS:
            images = [shoot(visit, view, daemon) for visit in visits]
            save(sheet(images), PICTURES / f"web-view-{view}.png", colours=_FEW_COLOURS)
            if view == "login":
                for visit in visits:
                    visit.log_in(TOKEN)


def save(image: Image.Image, path: Path, colours: int = _COLOURS) -> None:
    """Write a small file."""
    image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}: {path.stat().st_size} octets")


def everything(running: Browser, air: WatchedAir, daemon: DaemonProcess, folder: Path) -> None:
    """Write each view at both widths in both schemes."""
    folder.mkdir(parents=True, exist_ok=True)
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for width in WIDTHS:
        for scheme in schemes:
            with Visit(running, air.origin, width=width, scheme=scheme) as visit:
                for view in VIEWS:
                    for whole, word in ((False, ""), (True, "-whole")):
                        save(shoot(visit, view, daemon, whole=whole), folder / f"{view}-{width}-{scheme}{word}.png")
                    if view == "login":
                        visit.log_in(TOKEN)


def main() -> int:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="DIR", help="write every view there instead")
    arguments = parser.parse_args()
    with browser() as running, watched() as (air, daemon):
        if arguments.all is None:
            pictures(running, air, daemon)
        else:
            everything(running, air, daemon, arguments.all)
    return 0


if __name__ == "__main__":
    sys.exit(main())

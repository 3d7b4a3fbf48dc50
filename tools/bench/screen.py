"""The cost of the screen: gathering, drawing and sending, as fractions of scapy's dissection of a beacon.

docs/performance.md has the instructions of a dissection on an ARM1176, so these fractions show the cost there. The OLED
is luma's own driver on a bus that takes everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tools.bench.measure import Line, faster, interleave, limit

from whimbrel.display.picture import finish
from whimbrel.display.show import Show
from whimbrel.drivers.panel.oled import OledPanel
from whimbrel.drivers.panel.settings import OledSettings
from whimbrel.events.base import Event
from whimbrel.events.keys import Press
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.menu import menu_page
from whimbrel.screens.screen import Screen
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.survey.snapshots import Snapshots
from whimbrel.survey.survey import Survey, SurveyLimits
from whimbrel.wifi.linktypes import parse

_NETWORKS = 50
_HEARD = 5
"""Networks that a hopping radio hears between two snapshots."""
_A_SECOND = 2
"""Snapshots and pictures a second while nothing moves: `idle_rate`."""
_DISSECTION = 0.025
"""Seconds of an ARM1176."""
_STEPS = 20
_REPEAT = 15


def benchmark() -> list[Line]:
    """Measure each step beside a dissection."""
    bench = _Screen()
    know, hear, draw, send, listing, scapy = interleave(
        [_timed(step) for step in (bench.know, bench.hear, bench.draw, bench.send, bench.list, _dissection())], _REPEAT
    )
    know -= hear
    share = _A_SECOND * (know + draw + send) / scapy * _DISSECTION
    part = "of a dissection by scapy"
    return [
        Line(f"screen: a snapshot of {_NETWORKS} networks, {_HEARD} of them new", know / scapy, part),
        Line("screen: the overview drawn", draw / scapy, part, note=f"{draw * 1000:.2f} ms here"),
        Line("screen: a list of access points drawn", listing / scapy, part, note=f"{listing * 1000:.2f} ms here"),
        Line("screen: a picture packed and sent whole", send / scapy, part, note=f"{send * 1000:.2f} ms here"),
        Line("screen: octets of a picture sent whole", bench.octets(changed=False), "octets"),
        Line("screen: octets of a picture in which one line of text changed", bench.octets(changed=True), "octets"),
        *_beside_peers(bench),
        limit("screen: share of a Zero's processor, overview", share * 100, "%", 5, "estimated from the parts above"),
    ]


def _beside_peers(bench: _Screen) -> list[Line]:
    """Draw four screens, and send one, as ours and as Pillow's own text and luma's own packing do it."""
    lines = []
    for name, screen in bench.screens().items():
        step = bench.showing(screen)
        ours, theirs = interleave([_timed(step), _timed(_truetype(step(0)))], _REPEAT)
        lines.append(
            faster(f"screen: {name} drawn", ours * 1e6, "µs", "a list by ImageDraw, truetype", theirs * 1e6, None)
        )
    ours, theirs = interleave([_timed(bench.send), _timed(bench.send_by_luma)], _REPEAT)
    lines.append(faster("screen: packed and sent whole", ours * 1e6, "µs", "luma's own display()", theirs * 1e6, None))
    return lines


def _truetype(picture: Any) -> Callable[[int], object]:
    """Return a function that writes a head line and five lines of text on an image of the same size, like luma's
    examples."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=9)

    def draw(number: int) -> Any:
        image = Image.new("1", picture.size)
        canvas = ImageDraw.Draw(image)
        canvas.text((0, -1), "ACCESS POINTS", font=font, fill=255)
        canvas.text((100, -1), f"{number}/50", font=font, fill=255)
        canvas.line((0, 9, picture.width, 9), fill=255)
        for row in range(5):
            canvas.text((8, 10 + 11 * row), f"Network {row}", font=font, fill=255)
            canvas.text((104, 10 + 11 * row), f"-{40 + row}", font=font, fill=255)
        return image

    return draw


class _Screen:
    """A display on a busy air."""

    def __init__(self) -> None:
        self._survey = Survey(SurveyLimits())
        self._snapshots = Snapshots(self._survey)
        self._show = Show(ScreenOffers(), "0", 8.0, 0.0)
        self._now = 10.0
        self._sent = 0
        for number in range(_NETWORKS):
            self._beacon(number)
        self.know(0)
        self._panel = self._plug_in()
        self._pictures = [self._picture(shift) for shift in (0, 1)]
        self._listing = Show(ScreenOffers(), "0", 8.0, 0.0)
        self._listing.turn(5.0)
        self._listing.gatherer.take(Event(1, 10.0, "watcher", self._show.state.air))
        for step in ("press", "short", "release"):
            self._listing.press(Press(key="ok", gesture=step, gesture_id=1))

    def hear(self, number: int) -> None:
        self._now += 0.5
        for one in range(_HEARD):
            self._beacon((number * _HEARD + one) % _NETWORKS)

    def know(self, number: int) -> None:
        self.hear(number)
        *_, body = self._snapshots.steps()
        self._show.gatherer.take(Event(1, self._now, "watcher", body))

    def draw(self, number: int) -> None:
        self._show.turn(self._now + number)
        finish(self._show.draw((128, 64)), 0, (1, 0), "1")

    def list(self, number: int) -> None:
        self._listing.turn(self._now + number)
        finish(self._listing.draw((128, 64)), 0, (1, 0), "1")

    def send(self, number: int) -> None:
        self._panel.show(self._pictures[number % 2])

    def screens(self) -> dict[str, Screen | None]:
        """Return screens by name; None is the overview."""
        return {
            "overview": None,
            "list of access points": access_points_page(),
            "signal graph": access_point_page(bytes.fromhex("002233445500")),
            "menu": menu_page(ScreenOffers()),
        }

    def showing(self, screen: Screen | None) -> Callable[[int], Any]:
        """Return a function that draws `screen`."""
        show = Show(ScreenOffers(), "0", 8.0, 0.0)
        show.turn(5.0)
        show.gatherer.take(Event(1, 10.0, "watcher", self._show.state.air))
        if screen is not None:
            show.stack.push(screen)

        def draw(number: int) -> Any:
            show.turn(self._now + number)
            return finish(show.draw((128, 64)), 0, (1, 0), "1")

        return draw

    def send_by_luma(self, number: int) -> None:
        """Send a picture by the driver's own method, which ours replaces."""
        from luma.oled.device import ssd1306

        ssd1306.display(self._panel._device, self._pictures[number % 2])

    def octets(self, *, changed: bool) -> int:
        """Return the octets of a picture on the bus."""
        image = self._pictures[0]
        self._panel.show(image)
        other = image.point(lambda value: 255 - value)
        if changed:
            other = image.copy()
            other.paste(1, (0, 16, 128, 23))
        self._sent = 0
        self._panel.show(other)
        return self._sent

    def _picture(self, shift: int) -> Any:
        self._show.turn(self._now)
        return finish(self._show.draw((128, 64)), 0, (shift, shift), "1")

    def _beacon(self, number: int) -> None:
        bssid = b"\x00\x22\x33\x44\x55" + bytes((number,))
        name = b"Network %02d" % number
        body = bytes(8) + b"\x64\0\x11\0\0" + bytes((len(name),)) + name + b"\x03\x01\x06"
        raw = b"\x80\0\0\0" + b"\xff" * 6 + bssid * 2 + b"\0\0" + body
        frame = parse(105, (self._now, raw, len(raw)))
        frame.rssi = -40 - number
        self._survey.observe(frame)

    def _plug_in(self) -> OledPanel:
        import smbus2

        screen = self

        class Bus:
            def __init__(self, _port: int) -> None:
                pass

            def write_i2c_block_data(self, _address: int, _register: int, data: list[int]) -> None:
                screen._sent += 2 + len(data)

            def i2c_rdwr(self, message: Any) -> None:
                screen._sent += 1 + message.len

            def close(self) -> None:
                pass

        smbus2.SMBus = Bus  # type: ignore[assignment, misc]
        OledSettings.node = "/dev/null"  # type: ignore[assignment, method-assign]
        panel = OledPanel(OledSettings())
        panel.open()
        return panel


def _dissection() -> Callable[[int], object]:
    from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, RadioTap

    elements = Dot11Elt(ID=0, info=b"harbour") / Dot11Elt(ID=3, info=b"\x06") / Dot11Elt(ID=48, info=bytes(20))
    raw = bytes(RadioTap() / Dot11(type=0, subtype=8) / Dot11Beacon() / elements)
    return lambda _: RadioTap(raw)


def _timed(step: Callable[[int], object]) -> Callable[[], float]:
    """Return a function that runs `step` some times and returns the CPU seconds of one."""

    def run() -> float:
        began = time.process_time()
        for number in range(_STEPS):
            step(number)
        return (time.process_time() - began) / _STEPS

    return run

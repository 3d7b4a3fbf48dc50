"""Says whether a HAT's panel shows a picture: runs in the guest, with the decoders of the tests beside it.

usage: python3 -m tests.pi.guest.compare HAT KEPT PICTURE OUT.png [BEFORE]. KEPT is what panel.py kept; PICTURE a
screenshot of the daemon, or start or off for the pictures of the splash; messages after BEFORE, in seconds since the
start, are left out. Prints when the last message came, and how many pixels are lit and how many are different.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from tests.drivers.panel.lcd_controllers import Lcd, narrowed
from tests.drivers.panel.oled_controllers import Sh1106, Ssd1306
from tests.drivers.panel.paper_controller import Paper
from tests.pi.guest.panel import RECORD

from whimbrel import __version__
from whimbrel.config import load
from whimbrel.display.picture import finish, glass
from whimbrel.display.show import Show
from whimbrel.screens.notices import Splash
from whimbrel.splash.__main__ import PICTURES
from whimbrel.splash.recorded import recorder

SETTINGS = Path("/etc/whimbrel/whimbrel.yaml")


class Hat(NamedTuple):
    """A board, by its own papers."""

    controller: Callable[[], Any]
    shown: Callable[[Any], Image.Image]
    dc: int | None = None
    """The line that says what is a command; None on I2C."""
    turn: int = 0
    """Degrees from the picture to the glass, counterclockwise."""


HATS = {
    "adafruit-oled-bonnet": Hat(Ssd1306, lambda oled: oled.image),
    "waveshare-oled-hat": Hat(Sh1106, lambda oled: oled.image, 24, 180),
    "waveshare-lcd-1.3-hat": Hat(lambda: Lcd(320, 240), lambda lcd: lcd.image(0, 0, 240, 240), 25),
    "waveshare-lcd-1.44-hat": Hat(lambda: Lcd(162, 132), lambda lcd: lcd.image(1, 2, 128, 128), 25),
    "pimoroni-display-hat-mini": Hat(lambda: Lcd(320, 240), lambda lcd: lcd.image(0, 0, 320, 240), 9, 180),
    "waveshare-epaper-2.13-hat": Hat(Paper, lambda paper: paper.waveshare(), 25),
    "pimoroni-inky-phat": Hat(lambda: Paper(136), lambda paper: paper.inky(), 22),
}


def messages(kept: bytes) -> Iterator[tuple[float, int, bytes]]:
    """Yield what was kept: seconds, levels of the lines, octets."""
    at = 0
    while at < len(kept):
        seconds, levels, length = RECORD.unpack_from(kept, at)
        at += RECORD.size
        yield seconds, levels, kept[at : at + length]
        at += length


def decoded(hat: Hat, kept: bytes, before: float) -> tuple[Any, float]:
    """Return the controller after all messages, and when the last one came."""
    controller, last = hat.controller(), 0.0
    for seconds, levels, octets in messages(kept):
        if seconds > before:
            break
        last = seconds
        if hat.dc is None:
            (controller.data if octets[0] == 0x40 else controller.command)(octets[1:])
        elif levels >> hat.dc & 1:
            controller.data(octets)
        else:
            controller.command(octets)
    return controller, last


def wanted(picture: str) -> Image.Image:
    """Return the picture that should be on the glass, as the product's own screens draw it."""
    if picture not in PICTURES:
        with Image.open(picture) as shown:
            return shown.copy()
    display: Any = load(SETTINGS).modules["display"]
    panel = recorder(display.section("driver"))
    state = Show(lambda: (), "", 0.0, 0.0).state
    drawn = Splash(__version__, PICTURES[picture][0]).draw(state, glass(panel))
    return finish(drawn, 0, (0, 0), panel.mode)


def _pixels(image: Image.Image) -> list[bytes]:
    octets = image.tobytes()
    return [octets[at : at + 3] for at in range(0, len(octets), 3)]


def main() -> int:
    """Return 0 where both are alike and not empty."""
    name, kept, picture, out = sys.argv[1:5]
    hat = HATS[name]
    controller, last = decoded(hat, Path(kept).read_bytes(), float(sys.argv[5]) if sys.argv[5:] else 1e9)
    shown = hat.shown(controller).convert("RGB")
    shown.save(out)
    should = wanted(picture).convert("RGB").rotate(hat.turn)
    if shown.size != should.size:
        sys.stdout.write(f"{shown.size} is not {should.size}\n")
        return 1
    one, other = _pixels(narrowed(shown)), _pixels(narrowed(should))
    lit = sum(any(pixel) for pixel in one)
    different = sum(pixel != another for pixel, another in zip(one, other, strict=True))
    off = not getattr(controller, "lit", True)
    sys.stdout.write(f"{last:.2f} s, {lit} pixels lit, {different} different{', the panel is off' if off else ''}\n")
    return 0 if lit and not different and not off else 1


if __name__ == "__main__":
    sys.exit(main())

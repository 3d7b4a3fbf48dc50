"""The ports: what the daemon needs of hardware, and nothing of how a driver gets it.

A driver is chosen in the settings by name (`whimbrel.drivers.registry`); every driver of a port passes the same
contract suite under ``tests/contracts``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from whimbrel.errors import WhimbrelError
from whimbrel.events.base import Body
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import Channel

if TYPE_CHECKING:
    from PIL.Image import Image

Deliver = Callable[[int, Sequence[CaptureRecord]], None]
"""Takes frames on the loop: the link type (a ``LINKTYPE_`` number, see `whimbrel.wifi.linktypes`) and 1 to 64 records
in the order of their capture. Never waits, never raises."""


class RadioGone(WhimbrelError):
    """The interface went away or was taken down while capturing; the port is closed and may be opened again."""


class Losses(NamedTuple):
    """Running totals since the source was opened."""

    received: int
    """Frames that passed the kernel's filter, or were read from the file."""
    dropped: int
    """Frames that the kernel had no room for (PACKET_STATISTICS ``tp_drops``); 0 where nothing can be lost."""


async def next_turn() -> None:
    """Give everybody else on the loop a turn: what `FrameSource.turn` is until it is set."""
    await asyncio.sleep(0)


class FrameSource(Protocol):
    """Brings frames: from a monitor interface, a capture file, the simulated air."""

    description: str
    """One line for a person: ``wlan1mon (phy1, ath9k_htc)``, ``home.pcapng``, ``simulated air, seed 7``."""
    live: bool
    """Whether frames arrive when they are in the air; False for a capture file."""
    on_event: Callable[[Body], object]
    """Called on the loop with what the driver notices besides frames, as an event body of `whimbrel.events.radio`
    (`ClockStepped`, `CaptureDamaged`), before the frames that follow it. Set by whoever owns the source."""

    turn: Callable[[], Awaitable[None]]
    """Awaited after each delivery by a source that could be faster than its listeners (a file, read as fast as
    possible); returns when they have caught up. Set by whoever owns the source."""

    @staticmethod
    def check(settings: Any) -> Iterable[tuple[str, str]]:
        """Yield each setting that cannot work on this machine, with why and what to do; changes nothing."""

    async def open(self) -> None:
        """Get everything that capturing needs. Raises `whimbrel.module.NotReady`: what is missing, what to do."""

    async def run(self, deliver: Deliver) -> None:
        """Deliver frames until there are no more (a file's end) or the task is cancelled. Raises `RadioGone`.

        At most 64 records a call, and the loop gets a turn between calls.
        """

    def losses(self) -> Losses:
        """Return the totals so far."""

    async def close(self) -> None:
        """Put back what `open` changed. Idempotent; never raises."""


@runtime_checkable
class PatientSource(Protocol):
    """A `FrameSource` that can let frames wait, so that the processor wakes up seldom."""

    patience: float
    """Seconds for which frames may wait in the kernel before they are delivered; 0 for as short as it can. Set by
    whoever owns the source, at any time."""

    def hurry(self) -> None:
        """Deliver what waits, and in the next moments what comes, without delay: the radio changes its channel."""


class TuneError(WhimbrelError):
    """The radio did not take a channel. `forbidden` where it never will (regulatory domain); otherwise try again."""

    def __init__(self, message: str, *, forbidden: bool = False) -> None:
        super().__init__(message)
        self.forbidden = forbidden


class Tuner(Protocol):
    """Sets the channel of the radio that a `FrameSource` listens on, and brings a stalled radio back."""

    async def open(self) -> None:
        """Find the radio. Raises `whimbrel.module.NotReady`."""

    def channels(self) -> Sequence[Channel]:
        """Return every 20 MHz channel that radio and regulatory domain allow to listen on, by frequency."""

    async def tune(self, channel: Channel) -> None:
        """Go to `channel` at its width. Raises `TuneError`. That it returns proves nothing: radiotap tells."""

    async def cycle(self) -> None:
        """Take the interface down and up. Raises `TuneError`."""

    async def recreate(self) -> None:
        """Delete the monitor interface and make it anew. Raises `TuneError`."""

    async def close(self) -> None:
        """Let the radio go. Idempotent; never raises."""


Edge = Callable[[str, bool, float], None]
"""Takes a key's change: which (`whimbrel.events.device.KEYS`), whether it is down now, and the monotonic seconds at
which it was seen. May be called from any thread; never waits, never raises."""


class Keypad(Protocol):
    """Brings the changes of keys: GPIO lines, a keyboard, a script."""

    description: str
    """One line for a person: ``7 keys on GPIO 4, 5, 6…``, ``keyboard of /dev/pts/3``."""

    async def open(self) -> None:
        """Get everything that reading keys needs. Raises `whimbrel.module.NotReady` with what is missing."""

    def held(self) -> Iterable[str]:
        """Return the keys that are down at the opening: nobody has pressed them, and `run` tells only of changes."""

    async def run(self, edge: Edge) -> None:
        """Report changes until cancelled, or until there can be no more (the terminal was closed).

        Raises `whimbrel.module.NotReady` where it must be opened anew.
        """

    async def close(self) -> None:
        """Put back what `open` changed. Idempotent; never raises."""


@runtime_checkable
class TellingKeypad(Protocol):
    """A `Keypad` that has more to tell than keys."""

    on_event: Callable[[Body], object]
    """Takes what it has to say; from any thread."""


class PanelGone(WhimbrelError):
    """The panel does not answer any more: unplugged, or its bus is stuck. It may be opened again."""


class Panel(Protocol):
    """Shows images. All methods but the constructor are called from one thread of its own; they may keep it waiting."""

    description: str
    """One line for a person: ``SSD1306 128x64 at I2C 1, 0x3c``."""
    size: tuple[int, int]
    """Width and height in pixels, after rotation."""
    mode: str
    """Pillow's mode of the images that it takes: ``1`` or ``RGB``."""

    def open(self) -> None:
        """Wake the panel. Raises `whimbrel.module.NotReady` with what is missing, `PanelGone`."""

    def show(self, image: Image) -> None:
        """Show an image of `size` and `mode`. Returns when it has been sent. Raises `PanelGone`."""

    def stale(self) -> bool:
        """Tell whether it needs its image again. Asked about once a second, to find out: raises `PanelGone`."""

    def dim(self, level: float) -> None:
        """Set the brightness: 0 is off, 1 is full. Raises `PanelGone`."""

    def close(self) -> None:
        """Leave the panel dark. Idempotent; never raises."""


@runtime_checkable
class RoomyPanel(Protocol):
    """A `Panel` that has room for text beside its picture."""

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows of characters; (0, 0) where there is no room at the moment. Read from any thread."""

    def show_beside(self, lines: Sequence[str], columns: int) -> None:
        """Show lines, with colours as terminals take them, at most `columns` characters each, with the next image.

        Where there is other room by then, nothing is shown.
        """

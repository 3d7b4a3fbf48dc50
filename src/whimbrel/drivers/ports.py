"""The ports: the interfaces between the daemon and the drivers of hardware.

The settings choose a driver by name (`whimbrel.drivers.registry`); every driver of a port passes the same
contract suite under ``tests/contracts``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeGuard

from whimbrel.errors import WhimbrelError
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import Channel

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.events.base import Body
    from whimbrel.events.thinning import FramesCounted, FramesNeeded

Deliver = Callable[[int, Sequence[CaptureRecord]], None]
"""Receives frames on the loop: the link type (a ``LINKTYPE_`` number, see `whimbrel.wifi.linktypes`) and 1 to 64
records in the order of their capture. Never blocks, never raises."""


class RadioGone(WhimbrelError):
    """The interface disappeared or was set down while capturing; the port is closed and may be opened again."""


class Losses(NamedTuple):
    """Running totals since the source was opened."""

    received: int
    """Frames that passed the kernel's filter, or were read from the file."""
    dropped: int
    """Frames that the kernel dropped (PACKET_STATISTICS ``tp_drops``); 0 if nothing can be lost."""


async def next_turn() -> None:
    """Let the other tasks of the loop run: the default of `FrameSource.turn`."""
    import asyncio  # not every process with a driver has a loop

    await asyncio.sleep(0)


class FrameSource(Protocol):
    """Delivers frames from a monitor interface, a capture file, or the simulated air."""

    description: str
    """One line for a person: ``wlan1mon (phy1, ath9k_htc)``, ``home.pcapng``, ``simulated air, seed 7``."""
    live: bool
    """Whether frames are delivered in real time; False for a capture file."""
    on_event: Callable[[Body], object]
    """Called on the loop with the driver's observations other than frames, as event bodies of `whimbrel.events.radio`
    (`ClockStepped`, `CaptureDamaged`), before the frames that follow. Set by the owner of the source."""

    turn: Callable[[], Awaitable[None]]
    """Awaited after each delivery by a source that may be faster than its listeners (a file that is read as fast as
    possible); returns when they have caught up. Set by the owner of the source."""

    @staticmethod
    def check(settings: Any) -> Iterable[tuple[str, str]]:
        """Yield each setting that cannot work on this machine, with the reason and advice; changes nothing."""

    async def open(self) -> None:
        """Acquire the resources for capturing. Raises `whimbrel.module.NotReady` with the missing one and advice."""

    async def run(self, deliver: Deliver) -> None:
        """Deliver frames until there are no more (a file's end) or the task is cancelled. Raises `RadioGone`.

        Each call has at most 64 records, and other tasks of the loop can run between calls.
        """

    def losses(self) -> Losses:
        """Return the totals so far."""

    async def close(self) -> None:
        """Put back what `open` changed. Idempotent; never raises."""


class PatientSource(Protocol):
    """A `FrameSource` that can delay frames, so that the processor wakes up less often."""

    patience: float
    """Limit of the delay of frames in the kernel in seconds; 0 for the shortest possible. Set by the owner of the
    source, at any time."""
    has_room: Callable[[], bool]
    """Returns whether there is room for another batch; else frames wait in the kernel, which counts those for which it
    has no room. Set by the owner of the source before `run`."""

    def hurry(self) -> None:
        """Deliver waiting frames, and for a moment also new ones, without delay: the radio changes its channel."""


def is_patient(source: object) -> TypeGuard[PatientSource]:
    """Return whether a source is one. (`isinstance` would import half of Python's reflection.)"""
    return hasattr(source, "patience") and hasattr(source, "hurry")


class ThinningSource(Protocol):
    """A `FrameSource` that can have the kernel count frames instead of delivering them."""

    @property
    def thins(self) -> bool:
        """Whether its settings ask for that."""

    async def thin(self, need: FramesNeeded | None) -> FramesCounted:
        """Deliver what is needed from now on (None: everything); return what was counted since the last call.

        Raises `whimbrel.module.NotReady` with the reason if it cannot: then everything is delivered.
        """


def is_thinning(source: object) -> TypeGuard[ThinningSource]:
    """Return whether a source is one whose settings ask for it."""
    return bool(getattr(source, "thins", False))


class AnnouncementSource(Protocol):
    """A `FrameSource` of announcements alone: the beacons and probe responses that a scan found.

    It tells how each scan went: silence alone is no sign of a blind radio, because there may be no network to hear.
    """

    announcements_only: bool
    """True."""
    transmits: bool
    """Whether it sends probe requests: whether it has sent one since it was opened, and goes on doing so. A change is
    told by the event `ProbingChanged`."""
    lap: float
    """Seconds in which every channel is scanned once, with the pauses, at present."""
    on_scan: Callable[[str], object]
    """Called on the loop after each scan, before its frames: the reason if it failed, else nothing. Set by the owner of
    the source."""

    async def cycle(self) -> None:
        """Set the interface down and up, unless the radio is connected. Raises `TuneError`."""


def is_of_announcements(source: object) -> TypeGuard[AnnouncementSource]:
    """Return whether a source is an `AnnouncementSource`."""
    return hasattr(source, "announcements_only") and hasattr(source, "transmits")


class TuneError(WhimbrelError):
    """The radio refused a channel: for ever if `forbidden` (regulatory domain), otherwise it may be retried."""

    def __init__(self, message: str, *, forbidden: bool = False) -> None:
        super().__init__(message)
        self.forbidden = forbidden


class Tuner(Protocol):
    """Sets the channel of the radio of a `FrameSource`, and recovers a stalled radio."""

    async def open(self) -> None:
        """Find the radio. Raises `whimbrel.module.NotReady`."""

    def channels(self) -> Sequence[Channel]:
        """Return every 20 MHz channel that radio and regulatory domain allow to receive, by frequency."""

    async def tune(self, channel: Channel) -> None:
        """Tune to `channel` at its width. Raises `TuneError`. Only radiotap headers prove that it succeeded."""

    async def cycle(self) -> None:
        """Set the interface down and up. Raises `TuneError`."""

    async def recreate(self) -> None:
        """Delete the monitor interface and recreate it. Raises `TuneError`."""

    async def close(self) -> None:
        """Release the radio. Idempotent; never raises."""


Edge = Callable[[str, bool, float], None]
"""Receives the change of a key: its name (`whimbrel.events.device.KEYS`), whether it is down now, and the monotonic
seconds of the change. May be called from any thread; never blocks, never raises."""


class Keypad(Protocol):
    """Reports the changes of keys: GPIO lines, a keyboard, a script."""

    description: str
    """One line for a person: ``7 keys on GPIO 4, 5, 6…``, ``keyboard of /dev/pts/3``."""

    async def open(self) -> None:
        """Acquire the resources for reading keys. Raises `whimbrel.module.NotReady` with the missing one."""

    def held(self) -> Iterable[str]:
        """Return the keys that are already down at the opening, since `run` reports only changes."""

    async def run(self, edge: Edge) -> None:
        """Report changes until cancelled, or until there can be no more (the terminal was closed).

        Raises `whimbrel.module.NotReady` if it must be opened again.
        """

    async def close(self) -> None:
        """Put back what `open` changed. Idempotent; never raises."""


class TellingKeypad(Protocol):
    """A `Keypad` with other input than keys."""

    on_event: Callable[[Body], object]
    """Receives its other input; from any thread."""


def is_telling(keypad: object) -> TypeGuard[TellingKeypad]:
    """Return whether a keypad is a `TellingKeypad`."""
    return hasattr(keypad, "on_event")


class PanelGone(WhimbrelError):
    """The panel does not answer any more: unplugged, or its bus is stuck. It may be opened again."""


class Panel(Protocol):
    """Shows images. All methods except the constructor are called from one separate thread, which they may block."""

    description: str
    """One line for a person: ``SSD1306 128x64 at I2C 1, 0x3c``."""
    size: tuple[int, int]
    """Width and height in pixels, after rotation."""
    mode: str
    """Pillow's mode of the images that it takes: ``1``, or with colours ``P`` or ``RGB``."""

    def open(self) -> None:
        """Initialise the panel. Raises `whimbrel.module.NotReady` with the missing thing, `PanelGone`."""

    def show(self, image: Image) -> None:
        """Show an image of `size` and `mode`; return when it was sent. Raises `PanelGone`."""

    def stale(self) -> bool:
        """Return whether the image must be sent again. Called about once a second. Raises `PanelGone`."""

    def dim(self, level: float) -> None:
        """Set the brightness: 0 is off, 1 is full. Raises `PanelGone`."""

    def close(self) -> None:
        """Leave the panel dark. Idempotent; never raises."""


class LastingPanel(Panel, Protocol):
    """A `Panel` that is slow, and keeps its picture without power."""

    last: Image | None
    """The picture that `close` leaves behind; None to leave the present one."""


def is_lasting(panel: object) -> TypeGuard[LastingPanel]:
    """Return whether a panel is a `LastingPanel`."""
    return hasattr(panel, "last")


class RoomyPanel(Protocol):
    """A `Panel` that has room for text beside its picture."""

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows of characters; (0, 0) where there is no room at the moment. Read from any thread."""

    def show_beside(self, lines: Sequence[str], columns: int) -> None:
        """Show lines, with colours as terminals take them, at most `columns` characters each, with the next image.

        Where there is other room by then, nothing is shown.
        """


def is_roomy(panel: object) -> TypeGuard[RoomyPanel]:
    """Return whether a panel is a `RoomyPanel`."""
    return hasattr(panel, "room") and hasattr(panel, "show_beside")

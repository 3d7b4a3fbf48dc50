"""The drivers of each port: one entry declares everything about a driver, which is imported once it is chosen.

The entries determine the names allowed in the settings and the section of each driver there
(`whimbrel.drivers.choice`). Other packages add drivers with an entry point in the group ``whimbrel.drivers`` called
``PORT.NAME`` (``panel.eink``) that refers to a `Driver`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from whimbrel.drivers.ports import FrameSource, Keypad, Panel, Tuner
from whimbrel.errors import WhimbrelError
from whimbrel.late import load
from whimbrel.record import Record
from whimbrel.wording.suggestions import no_such

GROUP = "whimbrel.drivers"

T = TypeVar("T")


class UnknownDriver(WhimbrelError, LookupError):
    """No driver of that port has this name."""


class BrokenDriver(WhimbrelError, ImportError):
    """The driver is installed, but it or its settings cannot be imported or have the wrong type."""


class Driver(Record):
    """The declaration of one driver of a port."""

    name: str
    """Its name in the settings, also that of its section."""
    target: str
    """Its class as ``module:Class``; called with its settings, a tuner with the frame source whose radio it tunes."""
    settings: str = ""
    """The class of its settings as ``module:Class``, light to import; empty if it has none: then the driver is
    called with None."""
    help: str
    """A short description for the list of drivers."""
    tunes: tuple[str, ...] = ()
    """For a tuner: the frame sources whose radio it can tune."""


class Port(Generic[T]):
    """The drivers of one port by name; `T` is the protocol of a driver's class."""

    def __init__(self, name: str, noun: str, *drivers: Driver) -> None:
        self.name = name
        self.noun = noun
        self.drivers = {driver.name: driver for driver in drivers}
        """The project's own."""

    def find(self, name: str) -> Driver:
        """Return the driver `name`, built in or installed. Raises `UnknownDriver` and `BrokenDriver`."""
        if own := self.drivers.get(name):
            return own
        from importlib.metadata import entry_points  # slow, and not needed for the project's own drivers

        found = list(entry_points(group=GROUP, name=f"{self.name}.{name}"))
        if not found:
            raise UnknownDriver(no_such(self.noun, name, self.drivers))
        driver = imported(found[0].value)
        if not isinstance(driver, Driver) or driver.name != name:
            raise BrokenDriver(f"{found[0].value} is no whimbrel.drivers.registry.Driver of the name {name!r}")
        return driver

    def load(self, name: str) -> T:
        """Return the class of the driver `name`. Raises `UnknownDriver` and `BrokenDriver`."""
        loaded: T = imported(self.find(name).target)
        return loaded


def settings_class(driver: Driver) -> type | None:
    """Return the class of its settings; None if it has none. Raises `BrokenDriver`."""
    if not driver.settings:
        return None
    found = imported(driver.settings)
    if not isinstance(found, type):
        raise BrokenDriver(f"{driver.settings} is no class")
    return found


def imported(target: str) -> Any:
    """Return the object called ``module:name``. Raises `BrokenDriver`."""
    try:
        return load(target)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the import of third-party code may raise anything, sys.exit included
        raise BrokenDriver(f"{target} cannot be imported: {type(error).__name__}: {error}") from error


class SourceDriver(Protocol):
    """The class of a frame source."""

    def __call__(self, settings: Any) -> FrameSource:
        """Make one."""

    def check(self, settings: Any) -> Iterable[tuple[str, str]]:
        """Yield each setting that cannot work on this machine, with why and what to do; changes nothing."""


class LineDriver(Protocol):
    """The common part of keypads and panels, which may need GPIO lines of the board."""

    def check(self, settings: Any) -> Iterable[tuple[str, str]]:
        """Yield each setting that cannot work on this machine, with why and what to do; changes nothing."""

    def claims(self, settings: Any) -> Iterable[tuple[str, str]]:
        """Yield each setting that claims an exclusive resource, with the name of that: ``GPIO line 17``."""


class KeypadDriver(LineDriver, Protocol):
    """The class of a keypad."""

    def __call__(self, settings: Any) -> Keypad:
        """Make one."""


class PanelDriver(LineDriver, Protocol):
    """The class of a panel."""

    def __call__(self, settings: Any) -> Panel:
        """Make one."""


SOURCES = Port[SourceDriver](
    "source",
    "frame source",
    Driver(
        name="linux",
        target="whimbrel.drivers.linux.source:LinuxSource",
        settings="whimbrel.drivers.linux.settings:LinuxSettings",
        help="a monitor interface of this machine",
    ),
    Driver(
        name="scan",
        target="whimbrel.drivers.scan.source:ScanSource",
        settings="whimbrel.drivers.scan.settings:ScanSettings",
        help="beacons from the kernel's scan, by a radio of this machine without monitor mode",
    ),
    Driver(
        name="scapy",
        target="whimbrel.drivers.scapy.source:ScapySource",
        settings="whimbrel.drivers.scapy.settings:ScapySettings",
        help="any interface that scapy can capture on",
    ),
    Driver(
        name="pcap",
        target="whimbrel.drivers.pcap:PcapSource",
        settings="whimbrel.drivers.pcap:PcapSettings",
        help="capture files",
    ),
    Driver(
        name="sim",
        target="whimbrel.drivers.sim.source:SimSource",
        settings="whimbrel.drivers.sim.settings:SimSettings",
        help="the simulated air",
    ),
)

TUNERS = Port[Callable[..., Tuner]](
    "tuner",
    "tuner",
    Driver(
        name="nl80211",
        target="whimbrel.drivers.linux.tuning:make_tuner",
        tunes=("linux", "scapy"),
        help="a radio of this machine",
    ),
    Driver(
        name="sim",
        target="whimbrel.drivers.sim.tuner:SimTuner",
        tunes=("sim",),
        help="the simulated air",
    ),
)

KEYPADS = Port[KeypadDriver](
    "keypad",
    "keypad",
    Driver(
        name="gpio",
        target="whimbrel.drivers.keypad.gpio:GpioKeypad",
        settings="whimbrel.drivers.keypad.settings:GpioSettings",
        help="lines of the board",
    ),
    Driver(
        name="keyboard",
        target="whimbrel.drivers.keypad.keyboard:KeyboardKeypad",
        settings="whimbrel.drivers.keypad.settings:KeyboardSettings",
        help="the keyboard of a terminal",
    ),
    Driver(
        name="sim",
        target="whimbrel.drivers.keypad.sim:SimKeypad",
        settings="whimbrel.drivers.keypad.settings:SimKeypadSettings",
        help="a script",
    ),
    Driver(name="none", target="whimbrel.drivers.keypad.none:NoKeypad", help="no keys"),
)

PANELS = Port[PanelDriver](
    "panel",
    "panel",
    Driver(
        name="oled",
        target="whimbrel.drivers.panel.oled:OledPanel",
        settings="whimbrel.drivers.panel.settings:OledSettings",
        help="an OLED or a colour panel",
    ),
    Driver(
        name="epaper",
        target="whimbrel.drivers.panel.epaper:EpaperPanel",
        settings="whimbrel.drivers.panel.settings:EpaperSettings",
        help="e-paper of 250x122",
    ),
    Driver(
        name="terminal",
        target="whimbrel.drivers.panel.terminal:TerminalPanel",
        settings="whimbrel.drivers.panel.settings:TerminalSettings",
        help="a terminal",
    ),
    Driver(
        name="png",
        target="whimbrel.drivers.panel.png:PngPanel",
        settings="whimbrel.drivers.panel.settings:PngSettings",
        help="an image file",
    ),
    Driver(
        name="none",
        target="whimbrel.drivers.panel.none:NonePanel",
        settings="whimbrel.drivers.panel.settings:NoneSettings",
        help="nothing",
    ),
)

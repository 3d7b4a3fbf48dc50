"""The drivers of each port by the name that the settings call them; a driver is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Protocol

from whimbrel.drivers.ports import FrameSource, Keypad, Panel, Tuner

SOURCES = {
    "linux": "whimbrel.drivers.linux.source:LinuxSource",
    "pcap": "whimbrel.drivers.pcap:PcapSource",
    "sim": "whimbrel.drivers.sim.source:SimSource",
}
"""Drivers of `FrameSource`: each is made with its settings (`LinuxSettings`, `PcapSettings`, `SimSettings`)."""

TUNERS = {
    "nl80211": "whimbrel.drivers.linux.tuning:make_tuner",
    "sim": "whimbrel.drivers.sim.tuner:SimTuner",
}
"""Drivers of `Tuner`: each is made with the frame source whose radio it tunes."""

KEYPADS = {
    "gpio": "whimbrel.drivers.keypad.gpio:GpioKeypad",
    "keyboard": "whimbrel.drivers.keypad.keyboard:KeyboardKeypad",
    "sim": "whimbrel.drivers.keypad.sim:SimKeypad",
    "none": "whimbrel.drivers.keypad.none:NoKeypad",
}
"""Drivers of `Keypad`: each is made with its settings (`whimbrel.drivers.keypad.settings`); `none` with None."""


PANELS = {
    "oled": "whimbrel.drivers.panel.oled:OledPanel",
    "terminal": "whimbrel.drivers.panel.terminal:TerminalPanel",
    "png": "whimbrel.drivers.panel.png:PngPanel",
    "none": "whimbrel.drivers.panel.none:NonePanel",
}
"""Drivers of `Panel`: each is made with its settings (`whimbrel.drivers.panel.settings`)."""


class SourceDriver(Protocol):
    """The class of a frame source."""

    def __call__(self, settings: Any) -> FrameSource:
        """Make one."""

    def check(self, settings: Any) -> Iterable[tuple[str, str]]:
        """Yield each setting that cannot work on this machine, with why and what to do."""


def frame_source(name: str) -> SourceDriver:
    """Return the class of the frame source `name`. Raises ValueError where there is none."""
    source: SourceDriver = _load("frame source", name, SOURCES)
    return source


def tuner(name: str) -> Callable[..., Tuner]:
    """Return what makes the tuner `name`. Raises ValueError where there is none."""
    made: Callable[..., Tuner] = _load("tuner", name, TUNERS)
    return made


def keypad(name: str) -> Callable[[Any], Keypad]:
    """Return the class of the keypad `name`. Raises ValueError where there is none."""
    made: Callable[[Any], Keypad] = _load("keypad", name, KEYPADS)
    return made


class PanelDriver(Protocol):
    """The class of a panel."""

    def __call__(self, settings: Any) -> Panel:
        """Make one."""

    def check(self, settings: Any) -> Iterable[tuple[str, str]]:
        """Yield each setting that cannot work on this machine, with why and what to do; changes nothing."""


def panel(name: str) -> PanelDriver:
    """Return the class of the panel `name`. Raises ValueError where there is none."""
    driver: PanelDriver = _load("panel", name, PANELS)
    return driver


def _load(port: str, name: str, drivers: Mapping[str, str]) -> Any:
    if name not in drivers:
        raise ValueError(f"no driver for a {port} is called {name!r}; there are {', '.join(drivers)}")
    module, _, attribute = drivers[name].partition(":")
    return getattr(import_module(module), attribute)

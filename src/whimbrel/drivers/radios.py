"""Names of a radio that stay the same when it is plugged in again: USB place, driver, address."""

from __future__ import annotations

import contextlib
from pathlib import Path

from whimbrel.record import Record

RADIOS = Path("/sys/class/ieee80211")
USB, DRIVER = "usb:", "driver:"
_ADDRESS = 17  # characters of an address


class RadioNames(Record):
    """A radio's names."""

    name: str
    """As ``phy0``: the kernel counts up whenever a radio is plugged in."""
    place: str
    """Its place on the USB, as ``1-1.2``; empty for others."""
    driver: str
    """Its kernel driver; empty if unknown."""
    address: str
    """Its address, in lower case; empty if unknown."""
    plug: str = ""
    """The number that the USB gave when it was plugged in: another one each time, and the same for another driver."""

    @property
    def identity(self) -> str:
        """What stays the same until it is plugged in again: in spite of a driver that is bound anew."""
        return f"{self.place}#{self.plug}" if self.plug else self.address or self.name

    def is_called(self, wanted: str) -> bool:
        """Return whether a setting means this radio: ``phy0``, ``usb:1-1.2``, ``driver:ath9k_htc``, an address."""
        if wanted.startswith(USB):
            return bool(self.place) and self.place == wanted.removeprefix(USB)
        if wanted.startswith(DRIVER):
            return bool(self.driver) and self.driver == wanted.removeprefix(DRIVER)
        if len(wanted) == _ADDRESS and wanted.count(":") == 5:
            return self.address == wanted.lower()
        return self.name == wanted

    def __str__(self) -> str:
        """Return all names: ``phy1 (driver:ath9k_htc, usb:1-1.2, 00:c0:ca:00:00:01)``."""
        known = (self.driver and DRIVER + self.driver, self.place and USB + self.place, self.address)
        others = ", ".join(filter(None, known))
        return f"{self.name} ({others})" if others else self.name


def radio_in(description: str) -> str:
    """Return the radio's name in a source's description, ``phy1`` of ``wlan1mon (phy1, ath9k_htc)``; empty if it has
    none."""
    _, _, inside = description.partition(" (")
    radio, comma, _ = inside.rstrip(")").partition(", ")
    return radio if comma else ""


def names_of(radio: str, radios: Path = RADIOS) -> RadioNames:
    """Return the names of the radio ``phy…``, as far as sysfs has them."""
    device = radios / radio / "device"
    driver = place = address = plug = ""
    with contextlib.suppress(OSError):
        driver = (device / "driver").readlink().name
    with contextlib.suppress(OSError):
        if (device / "subsystem").readlink().name == "usb":
            # The device is an interface (1-1.2:1.0) of what is plugged in.
            function = device.resolve(strict=True)
            place = function.name.partition(":")[0]
            plug = (function.parent / "devnum").read_text().strip()
    with contextlib.suppress(OSError):
        address = (radios / radio / "macaddress").read_text().strip().lower()
    return RadioNames(name=radio, place=place, driver=driver, address=address, plug=plug)


def all_names(radios: Path = RADIOS) -> list[RadioNames]:
    """Return the names of every radio."""
    return [names_of(path.name, radios) for path in sorted(radios.glob("*"))]

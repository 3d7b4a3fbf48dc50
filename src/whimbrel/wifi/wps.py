"""The vendor element of Wi-Fi Protected Setup (00-50-F2 type 4), after Wi-Fi Simple Configuration 2.0.5."""

from __future__ import annotations

from whimbrel.wifi.value import Value

_VERSION = 0x104A
_STATE = 0x1044
_LOCKED = 0x1057
_SELECTED_REGISTRAR = 0x1041
_MANUFACTURER = 0x1021
_MODEL_NAME = 0x1023
_MODEL_NUMBER = 0x1024
_SERIAL = 0x1042
_DEVICE_NAME = 0x1011
_UUID = 0x1047
_CONFIG_METHODS = 0x1008
_DEVICE_PASSWORD_ID = 0x1012
_VENDOR_EXTENSION = 0x1049
_WFA = b"\x00\x37\x2a"
_VERSION2 = 0x00
_NOT_CONFIGURED = 1
_PIN_METHODS = 0x0004 | 0x0008 | 0x0100
"""Label, display and keypad, of the configuration methods."""


class Wps(Value):
    """The WPS attributes of a device; names are at most 32 octets (manufacturer 64), as transmitted."""

    version: int
    """0x10 for 1.0, 0x20 and more for 2.x (the Version2 subelement); 0 if unknown."""
    state: int
    """1 not configured, 2 configured; 0 if unknown."""
    locked: bool
    """Whether the access point refuses PINs from outside (AP Setup Locked)."""
    selected_registrar: bool
    """Whether setup is open at this moment, because a button was pressed or a PIN entered."""
    password_id: int | None
    """The method of the open setup (4: push button); None if unknown."""
    config_methods: int
    """Bits of the supported methods (0x0080 push button, 0x0004 a PIN on its label…); 0 if unknown."""
    device_name: bytes
    """Empty if unknown, like the following names."""
    manufacturer: bytes
    model_name: bytes
    model_number: bytes
    serial: bytes
    uuid: bytes
    """16 octets."""
    cut: bool
    """Whether an attribute runs past the end of the element."""

    @property
    def configured(self) -> bool:
        """Whether the access point is set up."""
        return self.state == 2

    @property
    def takes_pins(self) -> bool:
        """Whether it is in use, not locked, and takes PINs, or does not say how it takes stations in."""
        if self.locked or self.state == _NOT_CONFIGURED:
            return False
        return not self.config_methods or bool(self.config_methods & _PIN_METHODS)


def parse_wps(data: bytes) -> Wps:
    """Parse the attributes (big-endian type, length, value) after the OUI and type of a WPS element.

    Many attributes may be split over several elements; `data` is then all of them joined. Total: any bytes give a
    `Wps`.
    """
    found: dict[int, bytes] = {}
    at, end = 0, len(data)
    while at + 4 <= end:
        start = at + 4
        at = start + (data[at + 2] << 8 | data[at + 3])
        if at > end:
            break
        found.setdefault(data[start - 4] << 8 | data[start - 3], data[start:at])
    password_id = found.get(_DEVICE_PASSWORD_ID)
    return Wps(
        version=_version2(found.get(_VENDOR_EXTENSION, b"")) or _octet(found.get(_VERSION)),
        state=_octet(found.get(_STATE)),
        locked=_octet(found.get(_LOCKED)) == 1,
        selected_registrar=_octet(found.get(_SELECTED_REGISTRAR)) == 1,
        password_id=int.from_bytes(password_id[:2], "big") if password_id else None,
        config_methods=int.from_bytes(found.get(_CONFIG_METHODS, b"")[:2], "big"),
        device_name=found.get(_DEVICE_NAME, b"")[:32],
        manufacturer=found.get(_MANUFACTURER, b"")[:64],
        model_name=found.get(_MODEL_NAME, b"")[:32],
        model_number=found.get(_MODEL_NUMBER, b"")[:32],
        serial=found.get(_SERIAL, b"")[:32],
        uuid=found.get(_UUID, b"")[:16],
        cut=at != end,
    )


def _octet(value: bytes | None) -> int:
    return value[0] if value else 0


def _version2(extension: bytes) -> int:
    """Return the Version2 subelement of the Wi-Fi Alliance's vendor extension; 0 if it has none."""
    if not extension.startswith(_WFA):
        return 0
    at = 3
    while at + 2 <= len(extension):
        start, at = at + 2, at + 2 + extension[at + 1]
        if extension[start - 2] == _VERSION2 and start < at <= len(extension):
            return extension[start]
    return 0

"""Marks of tools in their beacons and probe responses.

Taken from the sources of the tools: pwngrid ``wifi/pack.go`` and ``wifi/defines.go`` (pwnagotchi); ESP32 Marauder
``esp32_marauder/WiFiScan.h`` (``packet``, ``post_base``, ``rick_roll``) and ``EvilPortal.h`` (``apName``, which the
Flipper's evil portal shares); esp8266_deauther ``Attack.h`` and ``A_config.h`` (``AP_SSID``); mdk4 ``src/packet.c`` and
``packet.h``; hcxdumptool ``hcxdumptool.c`` (``reactivebeacondata``); aircrack-ng ``RATES``. The name of a WiFi
Pineapple carries the end of its address: its ``/etc/config/wireless``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whimbrel.detections.base import HIGH, LOW, MEDIUM
from whimbrel.late import late_pattern
from whimbrel.text import ssid as shown
from whimbrel.wifi.fixed import IBSS
from whimbrel.wifi.kinds import BEACON
from whimbrel.wifi.security import Protection
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from collections.abc import Callable

    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_SSID, _RATES, _DS, _TIM, _EXTENDED_RATES, _RSN, _EXTENDED_CAPABILITIES, _VENDOR = 0, 1, 3, 5, 50, 48, 127, 221
_BARE = frozenset({_SSID, _RATES, _DS, _EXTENDED_RATES})

_PWNGRID = bytes.fromhex("deadbeefdead")
_PWNGRID_PAYLOAD = 222
_PWNGRID_LONGEST = 4096
_PWNGRID_NAME = late_pattern(rb'"name"\s*:\s*"([^"\\]{1,32})"')
_PWNGRID_KEYS = (b'"pwnd_tot"', b'"pwnd_run"', b'"grid_version"')

_ESP_TIMESTAMP = bytes.fromhex("8351f78f0f000000")
_ESP_RATES = bytes.fromhex("82848b962430486c")
_ESP_SHAPES = frozenset({(_SSID, _RATES, _DS), (_SSID, _RATES, _DS, _RSN)})
_ESP_RSN = frozenset(bytes.fromhex(f"0100000fac020200000fac04000fac{last}0100000fac020000") for last in ("02", "04"))
"""Group TKIP, and CCMP twice (Marauder), or CCMP and TKIP."""

_ROLL_TIMESTAMP = bytes.fromhex("0001020304050607")
_ROLL = frozenset(
    {
        b"01 Never gonna give you up",
        b"02 Never gonna let you down",
        b"03 Never gonna run around",
        b"04 and desert you",
        b"05 Never gonna make you cry",
        b"06 Never gonna say goodbye",
        b"07 Never gonna tell a lie",
        b"08 and hurt you",
    }
)

_MDK_RATES, _MDK_EXTENDED = bytes.fromhex("82848b96"), bytes.fromhex("0c1218243048606c")
_AIRCRACK_RATES = bytes.fromhex("02040b16")
_HCX_RSN = bytes.fromhex("0100000fac020100000fac040100000fac02000c")
_HCX_CAPABILITIES = bytes.fromhex("0000000000000040")

_PINEAPPLE = late_pattern(rb"Pineapple\d?_([0-9A-Fa-f]{4})")
_PINEAPPLE_NAME = b"Pineapple"
_PINEAPPLE_PREFIX = bytes.fromhex("001337")
_DEFAULTS = {b"pwned": "ESP8266 Deauther", b"PORTAL": "evil portal of a Flipper Zero or Marauder"}


class Mark(NamedTuple):
    """The marks of a tool."""

    tool: str
    how: str
    confidence: str
    many: bool = False
    """Whether it keeps changing its address; all these addresses belong to one alert."""


def mark(frame: Frame, said: Announcement, names: int) -> Mark | None:
    """Return the mark in `frame`, a beacon or a probe response with the announcement `said`; None for most.

    `names` is the number of SSIDs that its BSSID has used.
    """
    if (found := _pwnagotchi(frame, said)) is not None:
        return found
    numbers = said.numbers
    if (found := _by_name(frame, said, names)) is not None:
        return found
    if said.cut or numbers[:1] != (_SSID,):
        return None
    if numbers[1:2] != (_RATES,):
        return _bare(frame, said, numbers)
    for look in _SHAPES if len(numbers) <= _FEW else _LONG_SHAPES:
        if (found := look(frame, said, numbers)) is not None:
            return found
    return None


def _part(said: Announcement, number: int) -> bytes:
    """Return the content of the first element of that number, empty if there is none."""
    if number not in said.numbers:
        return b""
    _, start, end = said.spans[said.numbers.index(number)]
    return said.raw[start:end]


def _pwnagotchi(frame: Frame, said: Announcement) -> Mark | None:
    sent = frame.ta == _PWNGRID
    if not sent and _PWNGRID_PAYLOAD not in said.numbers:
        return None
    parts = [said.raw[start:end] for number, start, end in said.spans if number == _PWNGRID_PAYLOAD]
    payload = b"".join(parts)[:_PWNGRID_LONGEST]
    told = payload.startswith(b"{") and any(key in payload for key in _PWNGRID_KEYS)
    if not sent and not told:
        return None
    name = _PWNGRID_NAME.search(payload)
    called = f" called “{shown(name[1])}”" if name else ""
    if sent and payload:
        return Mark("pwnagotchi", f"its sender address and element 222{called}", HIGH)
    if told:
        return Mark("pwnagotchi", f"element 222 with its counts{called}, from an unusual address", MEDIUM)
    return Mark("pwnagotchi", "its sender address de:ad:be:ef:de:ad, which others use too", LOW)


def _by_name(frame: Frame, said: Announcement, names: int) -> Mark | None:
    address = frame.bssid or b""
    if said.ssid in _ROLL:
        return Mark(
            "beacon spammer", "a line of the song that Marauder and similar tools send by default", MEDIUM, many=True
        )
    found = _PINEAPPLE.fullmatch(said.ssid) if said.ssid.startswith(_PINEAPPLE_NAME) else None
    if found is not None:
        if bytes.fromhex(found[1].decode("ascii")) == address[4:]:
            return Mark("WiFi Pineapple", "its factory name, with the end of its address", HIGH)
        return Mark("WiFi Pineapple", "a name like its factory name", LOW)
    nameless = said.hidden and said.security.protection is Protection.OPEN
    if address[:3] == _PINEAPPLE_PREFIX and (names > 2 or nameless):
        return Mark("WiFi Pineapple", "the prefix 00:13:37 with several names, or hidden and open", MEDIUM)
    tool = _DEFAULTS.get(said.ssid)
    if tool is None:
        return None
    if vendor(bytes((address[0] & 0xFC,)) + address[1:]).startswith("Espressif"):
        return Mark(tool, "its default name, from a chip by Espressif", MEDIUM)
    return Mark(tool, "a name like its default name", LOW)


def _esp(frame: Frame, said: Announcement, numbers: tuple[int, ...]) -> Mark | None:
    if numbers not in _ESP_SHAPES or _part(said, _RATES) != _ESP_RATES:
        return None
    stamped = frame.raw.startswith(_ESP_TIMESTAMP, frame.body)
    if stamped or _part(said, _RSN) in _ESP_RSN:
        how = "the timestamp of its template" if stamped else "the suites of its template"
        return Mark("ESP8266 Deauther or ESP32 Marauder", f"its rates and elements, and {how}", HIGH, many=True)
    return Mark("ESP8266 Deauther or ESP32 Marauder", "its rates and elements", MEDIUM, many=True)


def _roll(frame: Frame, said: Announcement, numbers: tuple[int, ...]) -> Mark | None:
    if numbers == (_SSID, _RATES, _DS, _TIM) and frame.raw.startswith(_ROLL_TIMESTAMP, frame.body):
        return Mark("beacon spammer for the ESP32", "the timestamp of its template", HIGH, many=True)
    return None


def _mdk(frame: Frame, said: Announcement, numbers: tuple[int, ...]) -> Mark | None:
    if frame.kind != BEACON or numbers[:4] != (_SSID, _RATES, _EXTENDED_RATES, _DS) or len(numbers) > 5:
        return None
    if _part(said, _RATES) != _MDK_RATES or _part(said, _EXTENDED_RATES) != _MDK_EXTENDED or numbers[4:] > (_VENDOR,):
        return None
    return Mark("mdk3 or mdk4", "beacons without a TIM, with the rates before the channel", MEDIUM, many=True)


def _aircrack(frame: Frame, said: Announcement, numbers: tuple[int, ...]) -> Mark | None:
    if _part(said, _RATES) != _AIRCRACK_RATES or _part(said, _EXTENDED_RATES) != _MDK_EXTENDED:
        return None
    return Mark("airbase-ng or another tool of aircrack-ng", "its rates, of which none is basic", MEDIUM)


def _hcx(frame: Frame, said: Announcement, numbers: tuple[int, ...]) -> Mark | None:
    if _part(said, _RSN) == _HCX_RSN and _part(said, _EXTENDED_CAPABILITIES) == _HCX_CAPABILITIES:
        return Mark("hcxdumptool", "its RSN and capability elements", HIGH, many=True)
    return None


def _bare(frame: Frame, said: Announcement, numbers: tuple[int, ...]) -> Mark | None:
    """Recognise hand-made beacons: a real one has a TIM (IEEE 802.11-2020, table 9-34), and in practice much more."""
    if frame.kind != BEACON or said.spans[-1][2] != frame.end or said.capability & IBSS:
        return None
    if not _BARE.issuperset(numbers):
        return None
    return Mark("a program with hand-made beacons", "beacons without a TIM and with very few elements", LOW, many=True)


_FEW = 5
"""Elements in the longest beacon of those programs that send next to none."""
_SHAPES: tuple[Callable[[Frame, Announcement, tuple[int, ...]], Mark | None], ...] = (
    _esp, _roll, _mdk, _aircrack, _hcx, _bare,
)  # fmt: skip
_LONG_SHAPES = (_aircrack, _hcx, _bare)

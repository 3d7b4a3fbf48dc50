"""Elements of management frames, IEEE 802.11-2020, 9.4.2 (802.11ax-2021 and 802.11be-2024 for HE and EHT)."""

from __future__ import annotations

import struct
from typing import NamedTuple

OUI_RSN = b"\x00\x0f\xac"
OUI_MICROSOFT = b"\x00\x50\xf2"
OUI_WFA = b"\x50\x6f\x9a"
PSK, EAP, SAE, OWE, FT_EAP, EAP_SHA256, PSK_SHA256, FT_PSK = 2, 1, 8, 18, 3, 5, 6, 4
TKIP, CCMP, WEP40, GCMP = 2, 4, 1, 8
MFPR, MFPC = 0x40, 0x80


def element(number: int, body: bytes) -> bytes:
    """Return an element; its length is that of the body, modulo 256 (attacks build wrong ones themselves)."""
    return bytes([number, len(body) & 255]) + body


def extended(number: int, body: bytes) -> bytes:
    """Return an element with an element identifier extension."""
    return element(255, bytes([number]) + body)


def vendor(oui: bytes, kind: int, body: bytes) -> bytes:
    """Return a vendor-specific element."""
    return element(221, oui + bytes([kind]) + body)


def ssid(name: bytes) -> bytes:
    """Return the SSID element."""
    return element(0, name)


def rates(*, b: bool) -> bytes:
    """Return supported and extended rates: of 802.11b and g at 2.4 GHz, of 802.11a at 5 GHz."""
    if b:
        return element(1, bytes([0x82, 0x84, 0x8B, 0x96, 0x0C, 0x12, 0x18, 0x24])) + element(
            50, bytes([48, 72, 96, 108])
        )
    return element(1, bytes([0x8C, 0x12, 0x98, 0x24, 0xB0, 0x48, 0x60, 0x6C]))


def tim(count: int, period: int = 2, bitmap: bytes = b"\0") -> bytes:
    """Return a traffic indication map."""
    return element(5, bytes([count, period, 0]) + bitmap)


def country(code: bytes, *, first: int = 1, channels: int = 13, dbm: int = 20) -> bytes:
    """Return the country element."""
    return element(7, code + b" " + bytes([first, channels, dbm]))


def rsn(
    akms: tuple[int, ...], *, pairwise: tuple[int, ...] = (CCMP,), group: int = CCMP, caps: int = 0, pmkid: bytes = b""
) -> bytes:
    """Return the RSN element; `caps` are MFPR and MFPC, `pmkid` is one PMKID, or none."""
    body = struct.pack("<H", 1) + OUI_RSN + bytes([group]) + struct.pack("<H", len(pairwise))
    body += b"".join(OUI_RSN + bytes([suite]) for suite in pairwise) + struct.pack("<H", len(akms))
    body += b"".join(OUI_RSN + bytes([suite]) for suite in akms) + struct.pack("<H", caps)
    if pmkid or caps & MFPC:
        body += struct.pack("<H", bool(pmkid)) + pmkid
    if caps & MFPC:
        body += OUI_RSN + b"\x06"
    return element(48, body)


def wpa() -> bytes:
    """Return the element of WPA 1 with TKIP and a pre-shared key."""
    suites = OUI_MICROSOFT + b"\x02"
    return vendor(
        OUI_MICROSOFT, 1, struct.pack("<H", 1) + suites + struct.pack("<H", 1) + suites + struct.pack("<H", 1) + suites
    )


def wmm() -> bytes:
    """Return the WMM parameter element."""
    return vendor(OUI_MICROSOFT, 2, bytes.fromhex("0101800003a4000027a4000042435e0062322f00"))


def wps(*, configured: bool = True, name: bytes = b"Home Router") -> bytes:
    """Return the WPS element of a beacon, Wi-Fi Simple Configuration 2.0.8."""

    def attribute(number: int, value: bytes) -> bytes:
        return struct.pack(">HH", number, len(value)) + value

    body = attribute(0x104A, b"\x10") + attribute(0x1044, b"\x02" if configured else b"\x01")
    body += attribute(0x1011, name) + attribute(0x1008, struct.pack(">H", 0x2688))
    return vendor(OUI_MICROSOFT, 4, body)


def ht(channel: int) -> bytes:
    """Return HT capabilities and, for an access point on `channel`, HT operation (0: a station, capabilities only)."""
    capabilities = element(45, struct.pack("<HB", 0x01AD, 0x17) + b"\xff\xff" + bytes(14) + bytes(7))
    return capabilities + (element(61, bytes([channel, 0]) + bytes(20)) if channel else b"")


def vht() -> bytes:
    """Return VHT capabilities."""
    return element(191, struct.pack("<I", 0x0F8179B1) + struct.pack("<HHHH", 0xFFFA, 0, 0xFFFA, 0))


def he(*, access_point: bool) -> bytes:
    """Return HE capabilities and, for an access point, HE operation with the BSS colour."""
    capabilities = extended(35, bytes.fromhex("0500181280102002c00f4385180000cc00fafffaff"))
    return capabilities + (extended(36, bytes.fromhex("f43f002afcff")) if access_point else b"")


class Link(NamedTuple):
    """A link of a multi-link device."""

    number: int
    address: bytes


def multi_link(mld: bytes, link: int, others: tuple[Link, ...] = ()) -> bytes:
    """Return a basic multi-link element, 802.11be-2024, 9.4.2.321.2, with the device's address and other links."""
    common = mld + bytes([link, 1]) + struct.pack("<H", 0)
    body = struct.pack("<H", 0x0130) + bytes([len(common) + 1]) + common
    for other in others:
        profile = struct.pack("<H", 0x0020 | other.number) + bytes([7]) + other.address
        body += bytes([0, len(profile)]) + profile
    return extended(107, body)


def channel_switch(channel: int, count: int, mode: int = 1) -> bytes:
    """Return a channel switch announcement."""
    return element(37, bytes([mode, channel, count]))


def quiet(count: int, period: int, duration: int, offset: int) -> bytes:
    """Return a quiet element; `duration` and `offset` in time units."""
    return element(40, struct.pack("<BBHH", count, period, duration, offset))


def extended_capabilities() -> bytes:
    """Return extended capabilities: BSS transition, interworking not offered."""
    return element(127, bytes.fromhex("0400080000000040"))


def neighbour(bssid: bytes, channel: int, *, preference: int = 255) -> bytes:
    """Return a neighbour report with its preference, 9.4.2.36."""
    body = bssid + struct.pack("<IBBB", 0x0F, 81, channel, 7) + bytes([3, 1, preference])
    return element(52, body)

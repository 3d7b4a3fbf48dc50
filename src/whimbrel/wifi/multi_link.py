"""The Multi-Link element, by which access points of Wi-Fi 7 say that they are links of one device (MLD).

IEEE 802.11be-2024, 9.4.2.312: of its kinds, Basic and Reconfiguration are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

BASIC, RECONFIGURATION = 0, 2
"""Kinds of the element (table 9-417c)."""
LONGEST = 4096
"""Octets of the longest element that is read: with its fragments it may have any length, and a frame has 11,454."""

_FRAGMENT = 242
_WHOLE = 254
"""Octets behind the number of an extension element that continues in fragments (9.4.2.1)."""
_PROFILE, _PROFILE_FRAGMENT = 0, 254
_KIND = 0x7
_ADDRESS, _LINK, _MLD_ID = "address", "link", "MLD ID"
_FIELDS = {
    BASIC: ((0, _ADDRESS, 6), (1 << 4, _LINK, 1), (1 << 5, "", 1), (1 << 6, "", 2), (1 << 7, "", 2), (1 << 8, "", 2),
            (1 << 9, _MLD_ID, 1)),
    RECONFIGURATION: ((1 << 4, _ADDRESS, 6),),
}  # fmt: skip
"""The first fields of the Common Info: the bit of the control field that announces it (0: always there), its name if it
is needed, its octets."""
_COMPLETE, _STATION, _TIMER = 0x10, 0x20, 0x40


class LinkProfile(Value):
    """What the element says about one link (Per-STA Profile subelement)."""

    link: int
    """Link ID, 0 to 15."""
    complete: bool
    """Whether it has all elements of that link's own beacon."""
    address: bytes | None
    """BSSID, or the station's address on that link, 6 octets; None if it is not told."""
    removal: int | None
    """Target beacon times until the link is removed; of Reconfiguration only, None if it is not."""


class MultiLink(Value):
    """A Multi-Link element."""

    kind: int
    """`BASIC`, `RECONFIGURATION` or another one."""
    mld: bytes | None
    """Address of the MLD, 6 octets; None if it is not told."""
    link: int | None
    """Link ID of the access point that sends it, 0 to 15; None if it is not told."""
    mld_id: int | None
    """The ID of the MLD among those of the access point; None: its own."""
    links: tuple[LinkProfile, ...]
    """The other links, in order."""
    whole: bool
    """Whether it could be read to its end."""


def joined(raw: bytes, spans: list[tuple[int, int, int]], index: int) -> bytes:
    """Return the payload of the element ``spans[index]`` of a frame with its fragments (IEEE 802.11-2020, 10.28.12).

    `spans` are number, start and end, as in `whimbrel.wifi.elements.Elements.spans`.
    """
    _, start, end = spans[index]
    payload, size = raw[start:end], end - start
    for number, first, last in spans[index + 1 :]:
        if number != _FRAGMENT or size < _WHOLE or len(payload) >= LONGEST:
            break
        payload += raw[first:last]
        size = last - first
    return payload


def parse_multi_link(payload: bytes) -> MultiLink:
    """Parse what follows the number of the extension element, fragments joined. Total: reading stops at a fault."""
    control = int.from_bytes(payload[:2], "little")
    kind = control & _KIND
    stop = min(2 + payload[2], len(payload)) if len(payload) > 2 else 2
    told: dict[str, bytes] = {}
    at = 3
    for bit, name, size in _FIELDS.get(kind, ()):
        if bit and not control & bit:
            continue
        if at + size > stop:
            at = len(payload) + 1
            break
        told[name] = payload[at : at + size]
        at += size
    whole = len(payload) > 2 and payload[2] >= 1 and at <= stop <= len(payload)
    links, complete = _profiles(payload, stop, kind) if whole and kind in _FIELDS else ((), True)
    link, mld_id = told.get(_LINK), told.get(_MLD_ID)
    return MultiLink(
        kind,
        told.get(_ADDRESS),
        link[0] & 0xF if link else None,
        mld_id[0] if mld_id else None,
        links,
        whole and complete,
    )


def _profiles(payload: bytes, at: int, kind: int) -> tuple[tuple[LinkProfile, ...], bool]:
    """Return the profiles from `at` on, and whether all could be read."""
    found: list[LinkProfile] = []
    for profile in _subelements(payload, at):
        if profile is None:
            return tuple(found), False
        control = int.from_bytes(profile[:2], "little")
        size = profile[2] if len(profile) > 2 else 0
        if size < 1 or 2 + size > len(profile):
            return tuple(found), False
        here, stop = 3, 2 + size
        address = timer = None
        if control & _STATION:
            address, here = profile[here : here + 6], here + 6
        if kind == RECONFIGURATION and control & _TIMER:
            timer, here = int.from_bytes(profile[here : here + 2], "little"), here + 2
        if here > stop:
            return tuple(found), False
        found.append(LinkProfile(control & 0xF, bool(control & _COMPLETE), address, timer))
    return tuple(found), True


def _subelements(payload: bytes, at: int) -> Iterator[bytes | None]:
    """Yield each profile with its fragments; None at the end of one that is cut short."""
    profile: bytes | None = None
    size = 0
    while at < len(payload):
        if at + 2 > len(payload) or at + 2 + payload[at + 1] > len(payload):
            yield None
            return
        number, part = payload[at], payload[at + 2 : at + 2 + payload[at + 1]]
        if number == _PROFILE_FRAGMENT and profile is not None and size == 255:
            profile += part
        else:
            if profile is not None:
                yield profile
            profile = part if number == _PROFILE else None
        size = len(part)
        at += 2 + len(part)
    if profile is not None:
        yield profile

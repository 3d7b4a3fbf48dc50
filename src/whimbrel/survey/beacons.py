"""The announcement of a beacon or a probe response, and the recognition of equal ones without parsing.

A beacon is cut around what changes from one to the next (timestamp, TIM, BSS load, and elements that were seen to
change for no reason that matters here); the pieces between are compared with the next beacon as bytes. Ten times a
second and access point, that is all that happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whimbrel.survey.fingerprint import VENDOR, Fingerprint, Span, of_access_point
from whimbrel.wifi.channels import channel_label, channel_number
from whimbrel.wifi.elements import EXTENSION, SSID_MAX, Elements
from whimbrel.wifi.fixed import ESS, IBSS, PRIVACY
from whimbrel.wifi.multi_link import BASIC
from whimbrel.wifi.remote_id import VENDOR_ELEMENT as REMOTE_ID
from whimbrel.wifi.security import Security, describe, described

if TYPE_CHECKING:
    from whimbrel.wifi.multiple_bssid import Nontransmitted
    from whimbrel.wifi.operation import Operation

Key = int | bytes
"""Which element: its number; of vendor elements the OUI and type (4 octets)."""

TIMESTAMP = 8
"""Octets of the timestamp that a body begins with."""
NAME_AT = 14
"""Where in a body the name begins, where it is the first element."""
_TIM, _BSS_LOAD, _MESH_ID, _RSN = 5, 11, 114, 48
_NOBODY: frozenset[bytes] = frozenset()
_NEVER = 1 << 30
_REMEMBERED = 128
"""Limit of elements with kept places: twice the largest real number. A beacon of empty elements has over a thousand,
and their places would take a hundred times the memory of the beacon."""
_new = object.__new__
_PIECES = 32
"""Limit of pieces of a beacon; elements beyond it are compared too."""

# What decides the properties of an access point, and the announcement of a channel switch, is never skipped, however
# often it changes; an attacker could otherwise wear the survey out first. (TIM and BSS load are skipped from the
# start.)
_MEANINGFUL: frozenset[Key] = frozenset(
    {
        0, 1, 3, 5, 7, 11, 37, 45, 48, 50, 60, 61, 68, 71, 114, 191, 192, 244,
        EXTENSION + 35, EXTENSION + 36, EXTENSION + 106, EXTENSION + 108,
        b"\x00\x50\xf2\x01", b"\x00\x50\xf2\x04", b"\x50\x6f\x9a\x1c", b"\x50\x6f\x9a\x12", b"\x50\x6f\x9a\x29",
        b"\x50\x6f\x9a\x2a", REMOTE_ID,
    }
)  # fmt: skip


class Content:
    """What equal announcements of several access points have in common: all but names, addresses and timestamps."""

    __slots__ = ("asked", "judge")

    def __init__(self) -> None:
        self.judge: object = None
        """Whoever has noted `asked`."""
        self.asked: Any = None
        """Whom it concerns, noted by the one who asks: he need not ask them about each access point."""


class Announcement:
    """The announcement in one frame. Immutable."""

    __slots__ = (
        "_fingerprint", "adhoc", "begin", "capability", "carries", "center", "channel", "content", "country", "cut",
        "freq", "hidden", "interval", "link", "meaning", "mesh_id", "mld", "numbers", "partners", "phy", "piece",
        "piece_at", "pieces", "raw", "rest", "security", "size", "spans", "ssid", "tail", "tim_at", "told_channel",
        "width", "wps", "wps_takes_pins",
    )  # fmt: skip

    def __init__(self, elements: Elements, interval: int, capability: int, freq: int, *, cut: bool = False) -> None:
        """`freq` is where the radio heard it, MHz: it counts where the elements name no channel; `cut`, whether the
        capture holds only the frame's beginning."""
        name = elements.ssid or b""
        mesh = elements.get(_MESH_ID)
        self.mesh_id = None if mesh is None else mesh[:SSID_MAX]
        """Mesh ID (IEEE 802.11-2020, 9.4.2.98), at most 32 octets; None if it is no mesh station."""
        self.hidden = not name.strip(b"\0") and mesh is None
        """Whether the SSID is hidden: empty, or zeros; a mesh station has none."""
        self.ssid = name if name.strip(b"\0") else b""
        self._tune(elements.operation, freq)
        self.security: Security = described(
            elements.protecting,
            privacy=bool(capability & PRIVACY),
            owe_transition=elements.owe_transition is not None,
            whole=elements.malformed is None and not cut and (elements.has_rsn or not _rules_out_wep(elements)),
        )
        wps = elements.wps
        self.wps = wps is not None
        self.wps_takes_pins = wps is not None and wps.takes_pins
        """Whether its WPS, if it is in use, lets stations in by a PIN."""
        self.country = elements.country or ""
        """Two letters; empty if unknown."""
        self.interval = interval
        """Stated beacon interval, TU."""
        self.adhoc = capability & (ESS | IBSS) == IBSS
        """Whether stations made this network among themselves (IBSS)."""
        self.phy = elements.phy_generation
        self.capability = capability
        self.content = Content()
        """Shared by those that differ in timestamp and name alone (`renamed`)."""
        self.raw = elements.raw
        self.spans: list[Span] = elements.spans
        self.cut = cut
        """Whether the capture cut the frame short."""
        self.carries: tuple[bytes, ...] = ()
        """Addresses of the further networks that it announces."""
        self.mld: bytes | None = None
        """Address of the multi-link device (Wi-Fi 7) of which this is one access point, 6 octets; None for none."""
        self.link: int | None = None
        """Its number among those, 0 to 15; None if unknown."""
        self.partners: frozenset[bytes] = _NOBODY
        """Addresses that its reduced neighbour report lists; only of a multi-link device."""
        if elements.multi_links:
            self._link_up(elements)
        self._prepare_nothing()
        self._fingerprint: Fingerprint | None = None
        if len(self.spans) > _REMEMBERED:
            self._fingerprint = of_access_point(self.raw, capability, self.spans)
            self.spans = []
        self.numbers = tuple([number for number, _, _ in self.spans])
        """Numbers of the elements, in order."""
        self._describe()

    def _tune(self, place: Operation, freq: int) -> None:
        self.told_channel = place.freq != 0
        """Whether the frame itself contains its channel; a radio also hears neighbouring channels."""
        self.freq = place.freq or freq
        """MHz of the primary channel; 0 if unknown."""
        self.channel = place.channel or channel_number(freq)
        """Number of the primary channel; 0 if unknown."""
        self.width = place.width or 20
        """MHz."""
        self.center = place.center or self.freq
        """MHz, centre of the whole width."""

    def _prepare_nothing(self) -> None:
        # What is compared, prepared by `cut_up`: the octets from the timestamp to the content of the TIM, its length
        # included; those at the end; the first piece between them, and further ones, each with its distance from the
        # end; the place of the TIM's length in the body; the octets of the body without the TIM, and with it.
        self.begin = self.tail = self.piece = b""
        self.piece_at = self.tim_at = 0
        self.pieces: tuple[tuple[int, bytes], ...] = ()
        self.rest = _NEVER
        self.size = -1

    def _link_up(self, elements: Elements) -> None:
        basic = next((found for found in elements.multi_links if found.kind == BASIC), None)
        if basic is not None:
            self.mld, self.link = basic.mld, basic.link
            self.partners = frozenset(bssid for each in elements.neighbours for bssid in each.bssids if bssid)

    def _describe(self) -> None:
        security = self.security
        self.meaning: tuple[Any, ...] = (
            self.ssid, self.hidden, channel_label(self.freq, self.channel), security.protection, security.pmf,
            self.wps, self.country, self.interval,
        )  # fmt: skip

    def stay_on(self, other: Announcement) -> None:
        """Copy the channel of the previous announcement if this frame has none and that one is known."""
        if not self.told_channel and other.freq:
            self.channel, self.freq = other.channel, other.freq
            self.center, self.width = other.center, other.width
            self._describe()

    @property
    def fingerprint(self) -> Fingerprint:
        """The elements, part by part."""
        if self._fingerprint is None:
            self._fingerprint = of_access_point(self.raw, self.capability, self.spans)
        return self._fingerprint

    def cut_up(self, body: int, end: int, volatile: frozenset[Key]) -> None:
        """Prepare `matches` from the frame ``raw[body:end]`` that this was made of, leaving out the contents of
        `volatile`."""
        raw = self.raw
        pieces: list[tuple[int, int]] = []  # from, to
        tim_at = 0
        at = start = body + TIMESTAMP
        for number, payload, stop in self.spans:
            if number == _TIM and not tim_at:
                # Its length is the one that varies; its octet is compared with what the frame's size leaves for it.
                tim_at = payload - 1 - body
                # Behind another piece it must keep its length, or what follows it could move unseen.
                pieces.append((at, payload if pieces else payload - 1))
            elif (number == _BSS_LOAD or (volatile and _key(raw, number, payload) in volatile)) and len(
                pieces
            ) < _PIECES:
                pieces.append((at, min(payload + 4, stop) if number == VENDOR else payload))
            else:
                continue
            at = stop
        pieces.append((at, end))
        if not tim_at or pieces[0][1] != body + tim_at:
            # Nothing may vary in length (what comes before a TIM is found from the front): the first octet compared
            # stands in.
            tim_at = TIMESTAMP
        self.begin = raw[start : max(pieces[0][1], body + tim_at + 1)]
        self.tail = raw[pieces[-1][0] : end] if len(pieces) > 1 else b""
        middle = [(end - first, raw[first:last]) for first, last in pieces[1:-1]]
        self.piece_at, self.piece = middle[0] if middle else (0, b"")
        self.pieces = tuple(middle[1:])
        self.tim_at = tim_at
        self.size = end - body
        self.rest = self.size - raw[body + tim_at]

    def renamed(self, raw: bytes, start: int, end: int) -> Announcement:
        """Return what a frame says that differs from the one that this was made of in its timestamp and its name alone,
        which is as long, ``raw[start:end]``."""
        said: Announcement = _new(Announcement)
        said.ssid = raw[start:end]
        said.raw = raw
        begin = start - NAME_AT + TIMESTAMP
        said.begin = raw[begin : begin + len(self.begin)]
        said._fingerprint = self.fingerprint
        said.meaning = (said.ssid, *self.meaning[1:])
        said.adhoc = self.adhoc
        said.capability = self.capability
        said.carries = self.carries
        said.center = self.center
        said.channel = self.channel
        said.content = self.content
        said.country = self.country
        said.cut = self.cut
        said.freq = self.freq
        said.hidden = self.hidden
        said.interval = self.interval
        said.mesh_id = self.mesh_id
        said.mld, said.link, said.partners = self.mld, self.link, self.partners
        said.numbers = self.numbers
        said.phy = self.phy
        said.piece = self.piece
        said.piece_at = self.piece_at
        said.pieces = self.pieces
        said.rest = self.rest
        said.security = self.security
        said.size = self.size
        said.spans = self.spans
        said.tail = self.tail
        said.tim_at = self.tim_at
        said.told_channel = self.told_channel
        said.width = self.width
        said.wps = self.wps
        said.wps_takes_pins = self.wps_takes_pins
        return said

    def hear_anew(self) -> None:
        """Have no frame count as known for saying the same."""
        self.rest = _NEVER
        self.size = -1

    def matches(self, raw: bytes, body: int, end: int) -> bool:
        """Return whether the body ``raw[body:end]`` has the same announcement."""
        return (
            # Without the length of a TIM, which is compared with what the frame's size leaves for it.
            raw.startswith(self.begin[: self.tim_at - TIMESTAMP] or self.begin, body + TIMESTAMP)
            and 0 <= end - body - self.rest == raw[body + self.tim_at]
            and raw.endswith(self.tail, body, end)
            and raw.startswith(self.piece, end - self.piece_at)
            and self.pieces_match(raw, end)
        )

    def pieces_match(self, raw: bytes, end: int) -> bool:
        """Compare the pieces between the second and the last."""
        for back, piece in self.pieces:  # noqa: SIM110  # a generator costs more than what it would run
            if not raw.startswith(piece, end - back):
                return False
        return True

    def changed_elements(self, other: Announcement) -> list[Key]:
        """Return the elements without a meaning here that differ from `other` only in content; none if more differs."""
        if self.numbers != other.numbers:
            return []
        raw, other_raw = self.raw, other.raw
        changed: list[Key] = []
        for (number, start, end), (_, other_start, other_end) in zip(self.spans, other.spans, strict=True):
            if raw[start:end] == other_raw[other_start:other_end]:
                continue
            if end - start != other_end - other_start:
                return []
            key = _key(raw, number, start)
            if key not in _MEANINGFUL:
                changed.append(key)
        return changed


def carried(profile: Nontransmitted, carrier: Elements, said: Announcement) -> Announcement:
    """Return the announcement of a further network in a beacon (IEEE 802.11-2020, 9.4.2.45, 11.1.3.8)."""
    own = Announcement(profile.elements, said.interval, profile.capability, said.freq)
    own.freq, own.channel, own.width, own.center = said.freq, said.channel, said.width, said.center
    own.phy = said.phy
    own.country = own.country or said.country
    if own.capability & PRIVACY and profile.elements.rsn is None and profile.inherits(_RSN):
        own.security = describe(True, carrier.rsn, None, overrides=carrier.rsn_overrides)
    own._describe()
    return own


def _rules_out_wep(elements: Elements) -> bool:
    """Return whether what is encrypted cannot be WEP: a mesh, and access points of 802.11ac and later, know none.

    Those of 802.11n should not either (IEEE 802.11-2020, 12.3.1), and some do.
    """
    return elements.get(_MESH_ID) is not None or elements.vht or elements.he or elements.eht


def _key(raw: bytes, number: int, payload: int) -> Key:
    return raw[payload : payload + 4] if number == VENDOR else number

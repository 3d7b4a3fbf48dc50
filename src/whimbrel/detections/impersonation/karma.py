"""Access points that answer to every probed name."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.impersonation.names import name_in
from whimbrel.detections.moment import LONG_AGO
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.survey.beacons import NAME_AT
from whimbrel.text import mac
from whimbrel.text import ssid as shown
from whimbrel.wifi.fixed import PRIVACY
from whimbrel.wifi.kinds import BEACON, PROBE_RESP, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_SPEAKERS = 48
_NAMES = 20
_CHAINS = 12
_LINKS = 20
_KEPT = 8
_KEPT_OCTETS = 512
_SHOWN = 4
_STEP = 24
"""The most steps of a sequence counter between two answers of one radio."""
_SPREAD = 6
"""The most dB between two answers of one radio in one place."""
_PAUSE = 10.0
"""Seconds of listening after which a sequence counter is no longer followed."""


class KarmaSettings(RuleSettings):
    """Settings of `karma`."""

    names: int = option(default=5, low=2, high=20, help="Different names under one address, or from one radio.")
    window: Duration = option(
        default=Duration(300.0),
        low=5,
        high=86400,
        help="The most time from the first of them to the last, spent on the channel.",
    )


class _Name:
    __slots__ = ("asked", "at", "heard", "open")

    def __init__(self) -> None:
        self.at = LONG_AGO
        self.heard = 0
        self.asked = False
        self.open = False


class _Speaker:
    __slots__ = ("names", "seq")

    def __init__(self) -> None:
        self.names: dict[bytes, _Name] = {}
        self.seq: int | None = None

    def worth(self, name: bytes) -> tuple[bool, float]:
        """Return the sort key of a name by significance: names heard again come after names heard once."""
        each = self.names[name]
        return each.heard > 1 or each.asked, each.at.now


class _Chain:
    """Answers that probably came from one radio."""

    __slots__ = ("at", "first", "frames", "freq", "links", "rssi", "seq")

    def __init__(self, frame: Frame, at: Moment) -> None:
        self.first = frame.bssid
        self.freq = frame.freq
        self.frames: deque[Frame] = deque(maxlen=_KEPT)
        self.links: dict[bytes, bytes] = {}
        """Name by address, one address of each device."""
        self.rssi = frame.rssi
        self.seq = frame.seq or 0
        self.at = at

    def goes_on(self, frame: Frame, now: Moment) -> bool:
        """Return whether `frame` may be that radio's next one."""
        ahead = ((frame.seq or 0) - self.seq) % 4096
        if frame.freq != self.freq or not 0 < ahead <= _STEP or self.at.until(now) > _PAUSE:
            return False
        return self.rssi is None or frame.rssi is None or abs(self.rssi - frame.rssi) <= _SPREAD


class Karma(Detection[KarmaSettings]):
    """One BSSID answers or beacons under at least `names` different names within `window` of listening.

    A name counts if it was heard twice (without retransmissions), if the station that receives the answer had probed
    for it, or if there are 20 names. A name that differs from another one of the same length in at most two octets does
    not count, because the frame may be damaged. Critical if at least three of the names were probed for and are offered
    open; otherwise a warning.

    Also: one radio that keeps changing its address. That is at least `names` probe responses for as many names, from as
    many BSSIDs of different devices that never beacon, on one channel, with one sequence counter (each at most 24 ahead
    of the last) and within 6 dB.

    A few networks on one BSSID are normal for old access points, and further networks announced in the same beacons
    (multiple BSSID) have their own addresses; so neither counts.
    """

    rule = "karma"
    family = "impersonation"
    title = "Answers to every name"
    severity = Severity.WARNING
    meaning = (
        "An access point answers to every name that a device asks for. Phones and laptops that look for networks they"
        " once used mistake it for one of them, and may join by themselves."
    )
    advice = (
        "Delete open networks that you no longer use from your devices, and switch Wi-Fi off here. Watch for devices"
        " that join this access point."
    )
    fooled_by = (
        "An access point of the early 2000s with very many networks on one address. A tool that answers only a short"
        " list of names, each from another address and transmitter, is missed."
    )
    reference = "Dai Zovi and Macaulay, Attacking Automatic Wireless Network Selection, 2005 (KARMA)"
    kismet = ("KARMAOUI",)
    Settings = KarmaSettings
    kinds = frozenset({PROBE_RESP})
    only_changes = True

    def __init__(self, settings: KarmaSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._speakers: Recent[bytes, _Speaker] = Recent(_SPEAKERS, _Speaker)
        self._chains: deque[_Chain] = deque(maxlen=_CHAINS)

    def observe(self, frame: Frame) -> Verdict:
        """Process a probe response; skip usual ones, which have the name of their access point's beacons."""
        bssid = frame.bssid
        if bssid is None or frame.cut:
            return None
        ap = self.air.access_points.get(bssid)
        known = ap is not None and ap.beacons > 0
        if known and ap is not None and bssid not in self._speakers.entries and _is_named(frame, ap.ssid):
            return None
        name = name_in(frame)
        if not name:
            return None
        verdict = self._hear(frame, bssid, name)
        if verdict is None and not known:
            return self._follow(frame, bssid, name)
        return verdict

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Process a beacon with another name than the last one."""
        name = ap.announced.ssid
        if frame.kind != BEACON or frame.bssid != ap.address or before is None or not name or before.ssid == name:
            return None
        if before.ssid and ap.address not in self._speakers.entries:
            first = self._speakers.use(ap.address).names.setdefault(before.ssid, _Name())
            first.at, first.heard = self.air.moment, ap.beacons
        return self._hear(frame, ap.address, name)

    def _hear(self, frame: Frame, bssid: bytes, name: bytes) -> Verdict:
        speaker = self._speakers.use(bssid)
        if frame.flags & RETRY and frame.seq == speaker.seq:
            return None
        speaker.seq = frame.seq
        entry = speaker.names.get(name)
        if entry is None:
            if any(_is_damage(name, other) for other in speaker.names):
                return None
            if len(speaker.names) >= _NAMES:
                del speaker.names[min(speaker.names, key=speaker.worth)]
            entry = speaker.names[name] = _Name()
        entry.at = self.air.moment
        entry.heard += 1
        entry.open = not frame.raw[frame.body + 10] & PRIVACY
        if frame.kind == PROBE_RESP and not entry.asked:
            station = self.air.station(frame.ra)
            entry.asked = station is not None and name in station.probed
        return self._judge(bssid, speaker) if len(speaker.names) >= self.settings.names else None

    def _judge(self, bssid: bytes, speaker: _Speaker) -> Verdict:
        now = self.air.moment
        recent = {name: each for name, each in speaker.names.items() if each.at.until(now) <= self.settings.window}
        counted = {name: each for name, each in recent.items() if each.heard > 1 or each.asked}
        if len(recent) >= _NAMES:  # damaged frames do not produce that many
            counted = recent
        if len(counted) < self.settings.names:
            return None
        asked = [name for name, each in counted.items() if each.asked and each.open]
        text = f"{mac(bssid)} uses {len(counted)} names: {_some(list(counted))}."
        if asked:
            text += f" {len(asked)} of them were asked for, and are offered open."
        sure = len(asked) >= 3 or len(counted) >= 2 * self.settings.names
        return Claim(
            key=bssid,
            text=text,
            bssid=bssid,
            sender=bssid,
            seen=len(counted),
            threshold=f"{self.settings.names} names in {self.settings.window:.0f} s",
            confidence=HIGH if sure else MEDIUM,
            severity=Severity.CRITICAL if len(asked) >= 3 else Severity.WARNING,
        )

    def _follow(self, frame: Frame, bssid: bytes, name: bytes) -> Verdict:
        """Assign the answer of a BSSID that never beacons to its probable radio."""
        if frame.seq is None or frame.flags & RETRY:
            return None
        now = self.air.moment
        for chain in self._chains:
            if chain.goes_on(frame, now):
                break
        else:
            chain = _Chain(frame, now)
            self._chains.append(chain)
        chain.seq, chain.at, chain.rssi = frame.seq, now, frame.rssi
        device = bssid[1:5]
        if device not in chain.links and name not in chain.links.values() and len(chain.links) < _LINKS:
            chain.links[device] = name
            if len(frame.raw) <= _KEPT_OCTETS:
                chain.frames.append(frame)
        if len(chain.links) < self.settings.names:
            return None
        return Claim(
            key=("radio", chain.first),
            text=f"One radio, by its sequence counter, answered under {len(chain.links)} addresses and as many names:"
            f" {_some(list(chain.links.values()))}; the last address is {mac(bssid)}.",
            bssid=bssid,
            sender=bssid,
            receiver=frame.ra,
            seen=len(chain.links),
            threshold=f"{self.settings.names} names",
            confidence=MEDIUM,
            frames=tuple(chain.frames),
        )


def _is_damage(name: bytes, other: bytes) -> bool:
    """Return whether two names may be the same one with a few damaged octets."""
    return len(name) == len(other) and sum(a != b for a, b in zip(name, other, strict=True)) <= 2


def _some(names: list[bytes]) -> str:
    text = ", ".join(f"“{shown(name)}”" for name in names[:_SHOWN])
    return text + ("…" if len(names) > _SHOWN else "")


def _is_named(frame: Frame, name: bytes) -> bool:
    """Return whether a probe response begins with this name, which is not empty; `name_in` costs three times as
    much."""
    raw, at = frame.raw, frame.body + NAME_AT
    return name != b"" and raw.startswith(name, at, frame.end) and raw[at - 1] == len(name) and not raw[at - 2]


DETECTIONS = (Karma,)

"""Names that imitate the name of a guarded network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.impersonation.addresses import is_derived
from whimbrel.detections.impersonation.names import (
    BEGINNING,
    CASE,
    CONFUSABLE,
    DISTANCE,
    INVISIBLE,
    NameLook,
    resemblance,
)
from whimbrel.detections.impersonation.watch import Watch
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Ssid
from whimbrel.text import mac
from whimbrel.text import ssid as shown
from whimbrel.wifi.kinds import PROBE_RESP, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.guarded import Guard
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_JUDGED = 256
_SUSPECTS = 64
_WORDS = {
    INVISIBLE: "differs from it only in invisible characters",
    BEGINNING: "has the same visible beginning, and many devices show only that",
    CONFUSABLE: "is written with characters that look like its own",
    CASE: "differs from it only in case or accents",
    DISTANCE: "differs from it in one or two letters",
    "word": "contains a watched word",
}
_WEIGHTS = {
    INVISIBLE: (Severity.WARNING, HIGH),
    BEGINNING: (Severity.WARNING, HIGH),
    CONFUSABLE: (Severity.WARNING, MEDIUM),
    CASE: (Severity.NOTICE, LOW),
    DISTANCE: (Severity.NOTICE, LOW),
    "word": (Severity.NOTICE, MEDIUM),
}


class LookalikeSettings(RuleSettings):
    """Settings of `lookalike-ssid`."""

    frames: int = option(default=3, low=1, high=1000, help="Least number of frames of one access point.")
    slips: bool = option(
        default=True,
        help="Whether names that differ only in case, or in one or two letters, count; names of routers may.",
    )
    words: tuple[Ssid, ...] = option(
        default=(), help="Parts of names, in any case, that only your own access points may use: Harbour."
    )


class _Lookalike:
    __slots__ = ("count", "how", "name", "own", "seq")

    def __init__(self) -> None:
        self.count = 0
        self.name = self.own = b""
        self.how = ""
        self.seq: int | None = None


class LookalikeSsid(Detection[LookalikeSettings]):
    """At least `frames` beacons or probe responses of one BSSID have a name that looks like a guarded one, but is
    another one.

    A name looks like another one in these cases, the most significant first:

    - The two are equal without invisible characters (spaces at the ends, repeated spaces, zero-width characters,
      direction marks, NUL), or when displayed from right to left. Missing spaces between words alone are not enough.
    - Their visible beginnings before a NUL, a line end, three spaces or a direction mark are equal.
    - They are equal after replacement of similar characters (Cyrillic, Greek, full-width letters, digits).
    - They are equal without case and accents.
    - Without case, their Damerau-Levenshtein distance is 1 (from 6 characters on), or 2 (from 12 on).

    The visible beginning is compared in each of these ways too. Names that differ only by a usual addition (5G, EXT,
    Guest, _nomap), in a number, or in a serial number or a letter at the end do not count. Nor do the guarded networks'
    own BSSIDs and addresses derived from them.
    """

    rule = "lookalike-ssid"
    family = "impersonation"
    title = "Name made to look like yours"
    severity = Severity.WARNING
    meaning = (
        "At a glance the name of a network looks like yours. It is meant to fool people, not devices: they pick it from"
        " a list and type the password."
    )
    advice = "Check whether it is a neighbour's network. If not, tell the users of your network the correct name."
    fooled_by = (
        "A neighbour who chose nearly the same name, or a guest network of your own with an unusual addition. A name"
        " with only the same meaning (Free Harbour) is missed; `words` helps."
    )
    reference = (
        "Unicode Technical Standard 39 (confusables); IEEE 802.11-2020, 9.4.2.2 (SSID); SSID stripping, AirEye, 2021"
    )
    nzyme = ("SIMILAR_SSID", "SUBSTRING")
    Settings = LookalikeSettings
    kinds = frozenset({PROBE_RESP})
    quiet = 180.0
    pairs = Watch

    def __init__(self, settings: LookalikeSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._watch = air.shared(Watch)
        self._guard: Guard | None = None
        self._own: list[NameLook] = []
        self._words = [bytes(word).lower() for word in settings.words if word]
        self._judged: Recent[bytes, list[tuple[str, bytes]]] = Recent(_JUDGED, list)
        self._suspects: Recent[bytes, _Lookalike] = Recent(_SUSPECTS, _Lookalike)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Judge a new name, including one announced by another access point's beacons."""
        name = ap.announced.ssid
        if self._guard is not self.air.guard:
            self._learn_names()
        if not (self._own or self._words) or not name or (before is not None and before.ssid == name):
            return None
        found = self._judge(name)
        if found is None or self._is_own(ap.address, found[1]):
            self._suspects.drop(ap.address)
            return None
        suspect = self._suspects.use(ap.address)
        if suspect.name != name:
            suspect.count = 0
            suspect.name = name
            suspect.how, suspect.own = found
        self._watch.add(ap)
        return self._count(frame, ap, suspect)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Count beacons of suspects, and of access points that announce a suspect."""
        suspects = self._suspects.entries
        if not suspects:
            return None
        suspect = suspects.get(ap.address)
        if suspect is not None:
            return self._count(frame, ap, suspect)
        for address in ap.announced.carries:
            suspect = suspects.get(address)
            carried = self.air.access_point(address)
            if suspect is not None and carried is not None:
                return self._count(frame, carried, suspect)
        return None

    def observe(self, frame: Frame) -> Verdict:
        """Count probe responses of suspects."""
        suspect = self._suspects.entries.get(frame.bssid or b"")
        ap = None if suspect is None else self.air.access_point(frame.bssid)
        return None if suspect is None or ap is None else self._count(frame, ap, suspect)

    def _learn_names(self) -> None:
        self._guard = self.air.guard
        self._own = [NameLook(name) for name in self._guard.by_ssid]
        self._judged.entries.clear()

    def _judge(self, name: bytes) -> tuple[str, bytes] | None:
        """Return the kind of resemblance and the guarded name, or the watched word in the name; None if there is
        neither."""
        if name in self.air.guard.by_ssid:
            return None
        judged = self._judged.get(name)
        if judged is None:
            judged = self._judged.use(name)
            if (found := self._compare(name)) is not None:
                judged.append(found)
        return judged[0] if judged else None

    def _compare(self, name: bytes) -> tuple[str, bytes] | None:
        look: NameLook | None = None
        for own in self._own:
            if own.rules_out(name):
                continue
            look = look or NameLook(name)
            how = resemblance(look, own)
            if how and (self.settings.slips or how not in {CASE, DISTANCE}):
                return how, own.raw
        low = name.lower()
        return next((("word", word) for word in self._words if word in low), None)

    def _is_own(self, address: bytes, own: bytes) -> bool:
        guard = self.air.guard
        if address in guard.by_bssid:
            return True
        network = guard.by_ssid.get(own)
        return network is not None and is_derived(address, network.bssids)

    def _count(self, frame: Frame, ap: AccessPoint, suspect: _Lookalike) -> Verdict:
        if frame.flags & RETRY and frame.seq == suspect.seq:
            return None
        suspect.seq = frame.seq
        suspect.count += 1
        if suspect.count < self.settings.frames:
            return None
        severity, confidence = _WEIGHTS[suspect.how]
        about = "watched word" if suspect.how == "word" else "guarded network"
        text = (
            f"{mac(ap.address)} calls itself “{shown(suspect.name)}” ({suspect.name.hex()}), which"
            f" {_WORDS[suspect.how]}: {about} “{shown(suspect.own)}”. It is {ap.announced.security.name}."
        )
        return Claim(
            key=ap.address,
            text=text,
            bssid=ap.address,
            ssid=suspect.name,
            sender=ap.address,
            seen=suspect.count,
            threshold=f"{self.settings.frames} frames",
            confidence=confidence,
            severity=severity,
        )


DETECTIONS = (LookalikeSsid,)

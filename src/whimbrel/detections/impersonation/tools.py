"""Attack tools, recognised by their marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import Claim, Detection, Verdict
from whimbrel.detections.impersonation.marks import Mark, mark
from whimbrel.detections.impersonation.watch import Watch
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.text import mac
from whimbrel.text import ssid as shown

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_MARKED = 64


class ToolSettings(RuleSettings):
    """Settings of `attack-tool`."""

    confidence: str = option(
        default="low", choices=("low", "medium", "high"), help="How specific a mark must be: low, medium or high."
    )


class AttackTool(Detection[ToolSettings]):
    """A beacon or a probe response has the mark of a known tool: one frame is enough.

    High confidence: pwnagotchi's sender address de:ad:be:ef:de:ad with its element 222; the rates of ESP8266 Deauther
    and ESP32 Marauder together with the fixed timestamp, or the pairwise suites, of their templates; the RSN and
    capability elements of hcxdumptool; `Pineapple_XXXX`, if XXXX is the end of the address. Medium: the rates and
    elements of those templates alone; the song lines of beacon spammers; mdk's elements without a TIM; the rates of
    aircrack-ng, none of them basic; 00:13:37 with several names, or hidden and open; a default name (pwned, PORTAL)
    from a chip by Espressif. Low: such a name or such an address alone; a beacon of any access point without a TIM and
    with very few elements.
    """

    rule = "attack-tool"
    family = "impersonation"
    title = "Mark of an attack tool"
    severity = Severity.NOTICE
    meaning = (
        "A sender here looks like a known attack tool. Many of these are harmless toys; a running tool alone is not an"
        " attack."
    )
    advice = (
        "Check the other alerts of the same time. If the tool is yours, put its address on this rule's list `mute`."
    )
    fooled_by = (
        "Names that people choose for fun, and home-made devices built on the same examples. The user of a tool can"
        " remove all its marks."
    )
    reference = "Sources of pwngrid, ESP32 Marauder, ESP8266 Deauther, mdk4, hcxdumptool and aircrack-ng"
    kismet = ("KARMAOUI",)
    nzyme = ("BANDIT_CONTACT",)
    Settings = ToolSettings
    pairs = Watch
    of_made_up = True

    def __init__(self, settings: ToolSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._watch = air.shared(Watch)
        self._marked: Recent[bytes, list[tuple[Mark, int]]] = Recent(_MARKED, list)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Look for marks of tools in a new announcement."""
        if frame.bssid != ap.address:
            return None
        found = mark(frame, ap.announced, len(ap.names))
        if found is None or _RANK[found.confidence] < _RANK[self.settings.confidence]:
            self._marked.drop(ap.address)
            return None
        if found.many and len(self._marked) >= _MARKED and ap.address not in self._marked:
            return self._claim(frame, ap, found, 1)  # a flood of addresses must not evict the suspects of other rules
        self._watch.add(ap)
        marked = self._marked.use(ap.address)
        seen = marked[0][1] + 1 if marked else 1
        marked[:] = [(found, seen)]
        return self._claim(frame, ap, found, seen)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Repeat the claim while the mark lasts."""
        marked = self._marked.entries.get(ap.address)
        if not marked:
            return None
        found, seen = marked[0]
        marked[0] = (found, seen + 1)
        return self._claim(frame, ap, found, seen + 1)

    @staticmethod
    def _claim(frame: Frame, ap: AccessPoint, found: Mark, seen: int) -> Claim:
        name = f" “{shown(ap.ssid)}”" if ap.ssid else ""
        return Claim(
            key=found.tool if found.many else (found.tool, ap.address),
            text=f"{mac(ap.address)}{name} looks like {found.tool}, by {found.how}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=frame.ta,
            seen=seen,
            threshold="1 frame",
            confidence=found.confidence,
        )


_RANK = {"low": 0, "medium": 1, "high": 2}

DETECTIONS = (AttackTool,)

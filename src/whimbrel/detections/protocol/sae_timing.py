"""WPA3 logins that are begun repeatedly and never continued: somebody measures an access point's calculation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fixed import auth_fixed
from whimbrel.wifi.kinds import ASSOC_REQ, ASSOC_RESP, AUTH, PROTECTED, REASSOC_REQ, REASSOC_RESP, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_SAE, _COMMIT = 3, 1
_REFUSED = 77
_ACCEPTED = frozenset({0, 126})
_GROUP_AT = 6
_PAIRS = 48
_TIMED = frozenset({22, 23, 24, 27, 28, 29, 30})
"""Groups with a calculation time that depends on the password: MODP with small subgroups, and Brainpool."""


class _Answers:
    """An access point's answers to the commits of one station since its last progress."""

    __slots__ = ("accepted", "fast", "group", "refused", "timed")

    def __init__(self, settings: SaeTimingSettings) -> None:
        self.refused = Burst(settings.refused, settings.window)
        self.fast = Burst(_fewer(settings), settings.window / 4)
        """Those of one group."""
        self.group = -1
        """The group of `fast`."""
        self.accepted = Burst(settings.accepted, settings.window)
        self.timed = False
        """Whether one of them was in a group whose calculation time reveals the password."""


class SaeTimingSettings(RuleSettings):
    """The thresholds."""

    refused: int = option(default=10, low=3, high=200, help="Refused commits of one station.")
    accepted: int = option(default=20, low=3, high=200, help="Accepted commits of one station without a confirm.")
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Within this much listening.")


def _fewer(settings: SaeTimingSettings) -> int:
    """Return how many refusals of one group in a quarter of the window are enough: twice the rate."""
    return (settings.refused + 1) // 2


class SaeTiming(Detection[SaeTimingSettings]):
    """Within `window` of listening, an access point refuses at least `refused` SAE commits of one station because of
    their group (status 77), or half as many of one and the same group within a quarter of `window`, or accepts at least
    `accepted` (status 0 or 126), and neither of the two continues with a confirm or an association meanwhile.
    Retransmissions do not count; the station's own frames need not be heard.

    A warning if the commits are refused, or for a group with a calculation time that depends on the password (22 to 24,
    27 to 30); a notice for other groups.
    """

    rule = "sae-timing"
    family = "protocol"
    title = "WPA3 login being measured"
    severity = Severity.WARNING
    meaning = (
        "Somebody begins a WPA3 login again and again and never continues. If the access point offers weak groups, the"
        " time that it takes to answer can reveal the password."
    )
    advice = "Update the access point, and allow only group 19 or stronger ones there. The sender is near."
    fooled_by = (
        "A device that supports only groups that the access point lacks, and does not give up. A station at the edge of"
        " reception whose logins stop half way: a notice. Fewer commits in a minute are missed."
    )
    reference = "CVE-2019-9494; Vanhoef and Ronen, Dragonblood, IEEE S&P 2020; IEEE 802.11-2020, 12.4.4"
    Settings = SaeTimingSettings
    kinds = frozenset({AUTH, ASSOC_REQ, ASSOC_RESP, REASSOC_REQ, REASSOC_RESP})

    def __init__(self, settings: SaeTimingSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._pairs: Recent[bytes, _Answers] = Recent(_PAIRS, lambda: _Answers(settings))

    def observe(self, frame: Frame) -> Verdict:
        """Count the answers to commits."""
        bssid, ta, ra = frame.bssid, frame.ta, frame.ra
        if bssid is None or ta is None or ra is None or frame.flags & (PROTECTED | RETRY):
            return None
        pair = bssid + (ra if ta == bssid else ta)
        fixed = auth_fixed(frame.raw, frame.body, frame.end) if frame.kind == AUTH else None
        if fixed is None or fixed[:2] != (_SAE, _COMMIT):
            self._pairs.drop(pair)
            return None
        if ta != bssid:
            return None
        at = frame.body + _GROUP_AT
        group = frame.raw[at] | frame.raw[at + 1] << 8 if at + 2 <= frame.end else -1
        answers = self._pairs.use(pair)
        answers.timed = answers.timed or group in _TIMED
        if fixed[2] == _REFUSED:
            return self._refused(frame, answers, group)
        if fixed[2] in _ACCEPTED and answers.accepted.hit(self.air, frame):
            return self._claim(frame, answers.accepted, "took", loud=answers.timed)
        return None

    def _refused(self, frame: Frame, answers: _Answers, group: int) -> Claim | None:
        """Count a refusal. A device tries each group that it has once, who measures repeats one."""
        settings = self.settings
        if group != answers.group:
            answers.group, answers.fast = group, Burst(_fewer(settings), settings.window / 4)
        enough = answers.refused.hit(self.air, frame)
        fast = group >= 0 and answers.fast.hit(self.air, frame)
        if not enough and not fast:
            return None
        answers.refused.count_on()
        return self._claim(frame, answers.refused, "refused", loud=True)

    def _claim(self, frame: Frame, burst: Burst, how: str, *, loud: bool) -> Claim:
        settings = self.settings
        return Claim(
            (frame.bssid, frame.ra),
            f"{SEEN} times {mac(frame.bssid)} {how} the beginning of a WPA3 login (SAE commit) of {mac(frame.ra)}, "
            "which never went on.",
            bssid=frame.bssid,
            ssid=self.air.name_of(frame.bssid),
            sender=frame.ra,
            receiver=frame.bssid,
            seen=burst.total,
            threshold=f"{settings.refused} refused or {settings.accepted} accepted in {settings.window:g} s, or "
            f"{_fewer(settings)} refused of one group in {settings.window / 4:g} s",
            confidence=HIGH if loud and burst.total >= 3 * settings.refused else MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=burst.before(frame),
        )


DETECTIONS = (SaeTiming,)

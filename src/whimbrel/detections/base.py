"""The base class of detections, and their results."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.kinds import BEACON

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

S = TypeVar("S", bound=RuleSettings)

ENCRYPTED, EXPOSED, FRAGMENT, GROUP = 0x100, 0x200, 0x400, 0x800
"""Added to the kind of a data frame if its body is encrypted; if it carries data in clear although its access point
offers WPA or later; if it is a fragment; if it is encrypted, whole, and from an access point to a group. See
`Detection.kinds`."""

LOW, MEDIUM, HIGH = "low", "medium", "high"
"""Confidence: other explanations are likely; other explanations are unlikely; no other explanation is known."""


SEEN = "\0"
"""Placeholder in a claim's text for its count, so both agree whenever the text is shown."""


class Claim(NamedTuple):
    """The result of a detection if the current frame meets its rule; returned again for each further frame that
    counts."""

    key: Hashable
    """The subject within the rule, usually addresses: the same key is the same alert."""
    text: str
    """The evidence in words, with numbers (`SEEN` for `seen`); text off the air is escaped by `whimbrel.text`."""
    bssid: bytes | None = None
    ssid: bytes = b""
    sender: bytes | None = None
    """The transmitter address in the frames. An address in the setting ``trusted`` raises no alert, unless it is the
    `bssid`, which attackers forge."""
    receiver: bytes | None = None
    seen: int = 1
    """The total count, in the unit of the rule."""
    threshold: str = ""
    """The threshold in words: ``10 in 10 s``."""
    confidence: str = MEDIUM
    severity: Severity | None = None
    """Overrides the rule's severity; the settings override both."""
    frames: Iterable[Frame] = ()
    """Earlier frames that belong to the evidence, oldest first; looked at and kept when the alert is raised, which few
    claims do: they may be found then."""

    def without_frames(self) -> Claim:
        """Return it without its frames, which are its last field; `_replace` costs four times as much."""
        return Claim(*self[:-1])


class Clear(NamedTuple):
    """The result of a detection when a claim is no longer true."""

    key: Hashable


class Repeated:
    """The result of a detection where nothing but the count of its last claim has changed; made by
    `whimbrel.detections.tables.Retold`, which uses one object again and again."""

    __slots__ = ("at", "claim", "seen", "standing")

    def __init__(self, claim: Claim, at: float) -> None:
        self.claim = claim
        self.at = at
        """When it was made, seconds of `Air.now`."""
        self.seen = claim.seen
        self.standing: Any = None
        """The `StandingAlert` of the claim; None until `AlertTable` has looked for it."""


Verdict = Claim | Repeated | Clear | None


class PairFilter(Protocol):
    """Decides for all detections that declare it whether `Detection.sampled` needs to judge two beacons. The question
    is so frequent that one call for each detection would cost too much. Constructed without arguments."""

    def passes(self, frame: Frame, ap: AccessPoint, before: Frame) -> bool:
        """Return whether a beacon and the one before it need to be judged; must not raise."""

    def beacons_of(self) -> Iterable[bytes]:
        """Return the access points whose pairs pass although there is nothing unusual about them."""


class Detection(Generic[S]):
    """One kind of attack or weakness. The docstring of a subclass is the precise rule.

    It receives only the frames of its `kinds` and the survey's findings of its `findings`, and calls of those methods
    among `disconnected`, `eapol`, `announced`, `sampled`, `made_up`, `reserved` and `turn` that it overrides. It never
    receives frames that the receiver marked as damaged, nor management frames with a wrong check sequence. It keeps its
    state in bounded tables (`whimbrel.detections.tables`), takes the time from `Air.now`, and must not raise.
    """

    rule: ClassVar[str]
    """Its name: lower case and hyphens."""
    family: ClassVar[str]
    """disruption, impersonation, protocol, weakness or presence."""
    title: ClassVar[str]
    """The title, in at most 28 characters: it must fit on the panel."""
    severity: ClassVar[Severity]
    meaning: ClassVar[str]
    """The meaning for a hobbyist: one to three sentences."""
    advice: ClassVar[str]
    """Advice: one to three sentences."""
    fooled_by: ClassVar[str]
    """Harmless causes that look the same, and ways for an attacker to evade the rule."""
    reference: ClassVar[str]
    """Clause of the standard, CVE, paper."""
    kismet: ClassVar[tuple[str, ...]] = ()
    """Alerts of Kismet that look for the same."""
    nzyme: ClassVar[tuple[str, ...]] = ()
    """Matching alerts of nzyme."""
    Settings: ClassVar[type[RuleSettings]] = RuleSettings

    kinds: ClassVar[frozenset[int]] = frozenset()
    """Kinds of frames for `observe` (`whimbrel.wifi.kinds`); of beacons, only those that differ from the last one. Data
    frames are most of the traffic, so their kinds are narrowed: plus `ENCRYPTED`, `EXPOSED` or neither, and plus
    `FRAGMENT` or not; or plus `GROUP` alone. A kind without `FRAGMENT` matches whole frames only."""
    findings: ClassVar[tuple[type[Body], ...]] = ()
    """Findings of the survey for `learn`."""
    quiet: float = 60.0
    """Seconds without a claim after which an alert ends."""
    pairs: ClassVar[type[PairFilter] | None] = None
    """The filter of beacon pairs for `sampled`; None for all pairs. Detections that declare the same class share one
    object of it (`Air.shared`), and configure it by its own methods."""
    packets: ClassVar[frozenset[str] | None] = None
    """Messages and types of EAPOL packets for `eapol`: the message (`Eapol.message`) of a packet that is one, else its
    type; None for all."""
    only_changes: ClassVar[bool] = False
    """Whether `announced` needs nothing of access points heard for the first time."""
    once: ClassVar[bool] = False
    """Whether an alert has no duration: it ends when it is raised, and is not raised again for the same key as long as
    that key is remembered."""

    of_made_up: ClassVar[bool] = False
    """Whether it judges the announcements of access points known to be made up."""

    idle: bool = False
    """Whether it needs no encrypted data at the moment, which is most of the traffic. Read after EAPOL packets, after
    its `findings`, after management frames of its `kinds`, and once a second."""

    wakes_by_time: ClassVar[bool] = False
    """Whether only time changes `idle`: it is read once a second then."""

    by_scan: ClassVar[bool | None] = None
    """Whether beacons alone, a few seconds apart, can meet the rule, as a scan brings them; None where what it asks for
    says so (`needs_monitor_mode`)."""

    def __init__(self, settings: S, air: Air) -> None:
        self.settings = settings
        self.air = air

    @classmethod
    def needs_monitor_mode(cls) -> bool:
        """Return whether the rule can never be met by what a scan brings: if it asks for no beacons."""
        if cls.by_scan is not None:
            return not cls.by_scan
        asks = (cls.announced, cls.sampled, cls.made_up)
        own = (Detection.announced, Detection.sampled, Detection.made_up)
        return BEACON not in cls.kinds and all(one is base for one, base in zip(asks, own, strict=True))

    def observe(self, frame: Frame) -> Verdict:
        """Judge a frame of one of the `kinds`."""
        return None

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Judge one of the `findings`, found in `frame`."""
        return None

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Judge an EAPOL packet in clear between an access point and a station; retransmissions too.

        A frame may carry several packets, and may have four addresses: `Frame.bssid` is None then.
        """
        return None

    def heeds(self, said: Announcement) -> bool:
        """Return whether `announced` needs announcements like this one, whatever the name and the access point; asked
        once for all that are equal but for their names."""
        return True

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        """Judge a deauthentication or a disassociation that has all its addresses, heard at `moment`. `said` is its
        content, one object for a row of equal ones, of which a flood consists."""
        return None

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether `disconnected` needs frames with this content; asked once for a row of equal ones."""
        return True

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Judge the announcement of a beacon or a probe response that differs from the last one.

        `before` is the announcement that ``ap.announced`` has replaced; None for a new access point.
        """
        return None

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Judge a beacon together with the previous one of the same BSSID; called for about every fifth beacon that
        `pairs` lets pass."""
        return None

    def beacons_of(self) -> Iterable[bytes]:
        """Return the access points of which `sampled` needs every beacon, because it counts or compares them itself;
        those that `pairs` knows need not be named."""
        return ()

    def made_up(self, frame: Frame) -> Verdict:
        """Judge a beacon or a probe response of an access point known to be made up."""
        return None

    def reserved(self, frame: Frame) -> Verdict:
        """Judge a frame of any kind except PS-Poll that reserves the channel for over `LONG_RESERVATION`."""
        return None

    def turn(self) -> Sequence[Claim | Clear]:
        """Judge the passing of time, about once a second; its results have no frame."""
        return ()


LONG_RESERVATION = 10_000
"""Microseconds. The longest exchange of frames is a TXOP of about 8 ms (IEEE 802.11-2020, 9.4.2.28)."""

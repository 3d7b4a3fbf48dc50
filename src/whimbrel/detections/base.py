"""The base class of detections, and their results."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Severity

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

S = TypeVar("S", bound=RuleSettings)

ENCRYPTED, EXPOSED, FRAGMENT = 0x100, 0x200, 0x400
"""Added to the kind of a data frame: its body is encrypted; it carries data in clear, and its access point is known to
offer WPA or later; it is a fragment. See `Detection.kinds`."""

LOW, MEDIUM, HIGH = "low", "medium", "high"
"""Confidence: it may well be something else; it is hard to explain otherwise; there is no other explanation known."""


SEEN = "\0"
"""Stands in a claim's text for how often it was seen, so that the two agree whenever it is shown."""


class Claim(NamedTuple):
    """The result of a detection if the current frame meets its rule, repeated for each further frame that counts."""

    key: Hashable
    """What it is about, within the rule: the same key is the same alert. Usually addresses."""
    text: str
    """The evidence in words, with numbers (`SEEN` for `seen`); text off the air is escaped by `whimbrel.text`."""
    bssid: bytes | None = None
    ssid: bytes = b""
    sender: bytes | None = None
    """Address that the frames claim to come from. One of the settings' ``trusted`` raises no alert, unless it is the
    `bssid`: that one is forged."""
    receiver: bytes | None = None
    seen: int = 1
    """How often it was seen in all, as the rule counts."""
    threshold: str = ""
    """What it takes, in words: ``10 in 10 s``."""
    confidence: str = MEDIUM
    severity: Severity | None = None
    """Overrides the rule's severity; the settings override both."""
    frames: Sequence[Frame] = ()
    """Frames before the one in hand that belong to the evidence, oldest first; taken when the alert is raised."""


class Clear(NamedTuple):
    """The result of a detection when a claim is no longer true."""

    key: Hashable


Verdict = Claim | Clear | None


class PairFilter(Protocol):
    """Decides for all the detections that declare it at once whether two beacons leave `Detection.sampled` anything to
    judge: that is asked so often that a call for each of them would be dear. Made without arguments."""

    def passes(self, frame: Frame, ap: AccessPoint, before: Frame) -> bool:
        """Return whether a beacon and the one before it are to be judged; may raise nothing."""


class Detection(Generic[S]):
    """One thing that may be wrong in the air. The docstring of a subclass says its rule, precisely.

    It is asked only about what it names: frames by `kinds`, findings of the survey by `findings`; and, where it
    overrides them, `eapol`, `announced`, `sampled`, `made_up`, `reserved` and `turn`. Frames that the receiver marked
    as damaged, and management frames whose check sequence does not fit, never get here. It keeps its state in bounded
    tables (`whimbrel.detections.tables`), takes the time from `Air.now`, and may raise nothing.
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
    """Alerts of nzyme that look for the same."""
    Settings: ClassVar[type[RuleSettings]] = RuleSettings

    kinds: ClassVar[frozenset[int]] = frozenset()
    """Kinds of frames for `observe` (`whimbrel.wifi.kinds`): of beacons, those that are not the same as the last
    one. Data frames are most of the air, and are asked for with what is added to their kind: `ENCRYPTED`, `EXPOSED` or
    neither, and `FRAGMENT` beside it or not; a whole frame is not shown to who asks for fragments, nor the reverse."""
    findings: ClassVar[tuple[type[Body], ...]] = ()
    """Findings of the survey for `learn`."""
    quiet: float = 60.0
    """Seconds without a claim after which an alert ends."""
    pairs: ClassVar[type[PairFilter] | None] = None
    """Which pairs of beacons `sampled` is asked about; None for all. Detections that declare the same class share one
    object of it (`Air.shared`), and tell it what they look for by its own methods."""
    once: ClassVar[bool] = False
    """Whether there is nothing that could go on: the alert ends as it is raised, and is not raised again for the same
    key as long as that is remembered."""

    of_made_up: ClassVar[bool] = False
    """Whether it examines the announcements of access points that are known to be made up."""

    idle: bool = False
    """Whether encrypted data need not be shown to it at the moment: most of the air is that. Asked after packets of
    EAPOL, after its `findings` and management frames of its `kinds`, and once a second."""

    def __init__(self, settings: S, air: Air) -> None:
        self.settings = settings
        self.air = air

    def observe(self, frame: Frame) -> Verdict:
        """Judge a frame of one of the `kinds`."""
        return None

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Judge one of the `findings`, which `frame` led to."""
        return None

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Judge a packet of EAPOL in the clear between an access point and a station: every one, sent again or not.

        A frame may carry several, and four addresses: `Frame.bssid` is None then.
        """
        return None

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Judge what a beacon or a probe response announces where it is not what was announced last.

        `before` is the announcement that ``ap.announced`` took the place of; None for a new access point.
        """
        return None

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Judge a beacon against the one before it of the same BSSID; done for about every fifth, as far as `pairs`
        lets it pass."""
        return None

    def made_up(self, frame: Frame) -> Verdict:
        """Judge a beacon or a probe response of an access point that is known to be made up."""
        return None

    def reserved(self, frame: Frame) -> Verdict:
        """Judge a frame of any kind (but PS-Poll) that reserves the channel for over `LONG_RESERVATION`."""
        return None

    def turn(self) -> Sequence[Claim | Clear]:
        """Judge the passing of time, about once a second; its results have no frame."""
        return ()


LONG_RESERVATION = 10_000
"""Microseconds; the longest that an exchange of frames needs is a TXOP of some 8 ms (IEEE 802.11-2020, 9.4.2.28)."""

"""The detections that examine a frame, by its kind and by what the survey found in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.detections.base import ENCRYPTED, EXPOSED, FRAGMENT, GROUP, Detection, PairFilter, Verdict
from whimbrel.events.air import EapolSeen
from whimbrel.wifi.kinds import DATA_FRAMES, MORE_FRAGMENTS, NO_PAYLOAD, PROTECTED

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.events.air import Disconnected
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

Handler = Callable[..., Verdict]
Asked = tuple[Detection[Any], Handler]
Filter = Callable[..., bool]
_ByKind = dict[int, list[Asked]]
_Set = tuple[Detection[Any], ...]

_SECRETS = frozenset(kind + ENCRYPTED for kind in DATA_FRAMES)


class RuleSelection:
    """The detections of an engine, selected once. `detections` may be changed, followed by a call of `_connect`."""

    def __init__(self, air: Air) -> None:
        self.air = air
        self.detections: list[Detection[Any]] = []
        self._known = air.access_points

    def _connect(self) -> None:
        """Collect the detections by the frames and findings that they examine."""
        kinds: _ByKind = {}
        findings: dict[type, list[Asked]] = {}
        for detection in self.detections:
            for kind in detection.kinds:
                kinds.setdefault(kind, []).append((detection, detection.observe))
            for finding in detection.findings:
                findings.setdefault(finding, []).append((detection, detection.learn))
        self._kinds = kinds
        self._secrets = [d for d in self.detections if not d.kinds.isdisjoint(_SECRETS)]
        # Findings, and kinds of frames, after which one of these may need encrypted data.
        self._rousing: dict[type | int, list[Detection[Any]]] = {EapolSeen: []}
        for detection in self._secrets:
            if not detection.wakes_by_time:
                for finding in detection.findings:
                    self._rousing.setdefault(finding, []).append(detection)
                for kind in detection.kinds:
                    self._rousing.setdefault(kind, []).append(detection)
        self._roused: _Set | None = None  # not determined yet
        # The two tables below, by the detections that are roused: a few sets of these take turns.
        self._by_roused: dict[_Set, tuple[_ByKind, _ByKind]] = {}
        # By kind of data frame, of those that are encrypted and whole: most of the traffic.
        self._asked_of_secrets: _ByKind = {}
        self._asked_of_group_secrets: _ByKind = {}  # the same, from an access point to a group
        self._look_for_secrets()
        self._findings = findings
        self._heeded = {EapolSeen, *findings, *self._rousing}
        self._said: Disconnected | None = None
        self._asked_of_said: list[Asked] = []
        self._disconnected = self._overridden("disconnected")
        eapol = self._overridden("eapol")
        self._eapol = {
            name: [each for each in eapol if each[0].packets is None or name in each[0].packets]
            for name in {name for detection, _ in eapol for name in detection.packets or ()}
        }
        self._other_eapol = [each for each in eapol if each[0].packets is None]
        self._announced = self._overridden("announced")
        self._choosers = [d for d, _ in self._announced if type(d).heeds is not Detection.heeds]
        self._by_indifferent: dict[_Set, tuple[list[Asked], list[Asked]]] = {}
        sampled: dict[type[PairFilter] | None, list[Asked]] = {}
        for detection, handler in self._overridden("sampled"):
            sampled.setdefault(detection.pairs, []).append((detection, handler))
        self._sampled: list[tuple[Filter | None, list[Asked]]] = [
            (None if cls is None else self.air.shared(cls).passes, asked) for cls, asked in sampled.items()
        ]
        self._reserved = self._overridden("reserved")
        self._fakes = self._overridden("made_up")
        self._turners = [(d, d.turn) for d in self.detections if type(d).turn is not Detection.turn]

    def _look_for_secrets(self) -> None:
        """Determine which detections need encrypted data at the moment: the others are not asked."""
        roused = tuple([detection for detection in self._secrets if not detection.idle])
        if roused != self._roused:
            self._roused = roused
            if roused not in self._by_roused:
                self._by_roused[roused] = self._asked_when(roused)
            self._asked_of_secrets, self._asked_of_group_secrets = self._by_roused[roused]

    def _asked_when(self, roused: _Set) -> tuple[_ByKind, _ByKind]:
        """Return the detections that need encrypted data while these are roused: of all, and from an access point to a
        group."""
        asked = {
            kind: [each for each in self._kinds.get(kind + ENCRYPTED, ()) if each[0] in roused] for kind in DATA_FRAMES
        }
        to_groups = {kind: [*self._kinds.get(kind + GROUP, ()), *asked[kind]] for kind in DATA_FRAMES}
        return (
            {kind: who for kind, who in asked.items() if who},
            {kind: who for kind, who in to_groups.items() if who},
        )

    def _rouse(self, kind: int) -> None:
        """Determine the same after a frame of one of the `_rousing` kinds, for the detections that it may rouse."""
        roused = self._roused or ()
        for detection in self._rousing[kind]:
            if detection.idle is (detection in roused):
                self._look_for_secrets()
                return

    def _asked_of(self, said: Announcement, before: Announcement | None) -> list[Asked]:
        """Return the detections that need an announcement, which has replaced `before`."""
        content = said.content
        if content.judge is not self._announced:
            content.asked = self._heedful(said)
            content.judge = self._announced
        asked: list[Asked] = content.asked[before is None]
        return asked

    def _heedful(self, said: Announcement) -> tuple[list[Asked], list[Asked]]:
        """Return the detections that need announcements of this content: where they replace others, and where the
        access point is new."""
        indifferent = tuple(
            [detection for detection in self._choosers if not self._heeds(detection, detection.heeds, said)]
        )
        known = self._by_indifferent.get(indifferent)
        if known is None:
            asked = [each for each in self._announced if each[0] not in indifferent]
            known = asked, [each for each in asked if not each[0].only_changes]
            self._by_indifferent[indifferent] = known
        return known

    def _begin_row(self, said: Disconnected) -> None:
        """Determine which detections need disconnections that say this."""
        self._said = said
        self._asked_of_said = [
            each for each in self._disconnected if self._heeds(each[0], each[0].heeds_disconnection, said)
        ]

    def _heeds(self, detection: Detection[Any], heeds: Callable[[Any], bool], said: object) -> bool:
        try:
            return heeds(said)
        except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
            self._failed(detection, error, None)
            return False

    def _failed(self, detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
        """Switch off a detection that raised."""
        raise NotImplementedError

    def _overridden(self, name: str) -> list[Asked]:
        base = getattr(Detection, name)
        return [(d, getattr(d, name)) for d in self.detections if getattr(type(d), name) is not base]

    def _asked_of_data(self, frame: Frame) -> list[Asked] | None:
        """Return the detections that need a data frame which is in clear or a fragment, by its narrowed kind
        (`Detection.kinds`); None for most frames."""
        kind, flags = frame.kind, frame.flags
        if flags & PROTECTED:
            kind += ENCRYPTED
        elif not kind & NO_PAYLOAD:
            ap = self._known.get(frame.bssid)  # type: ignore[arg-type]  # None is nobody's
            if ap is not None and ap.announced.security.akms:
                kind += EXPOSED
        return self._kinds.get(kind + FRAGMENT if flags & MORE_FRAGMENTS or frame.fragment else kind)

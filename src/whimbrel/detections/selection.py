"""The detections that examine a frame, by its kind and by what the survey found in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.detections.base import ENCRYPTED, EXPOSED, FRAGMENT, GROUP, Detection, PairFilter, Verdict
from whimbrel.events.air import EapolSeen
from whimbrel.wifi.kinds import DATA_FRAMES, MORE_FRAGMENTS, NO_PAYLOAD, PROTECTED

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

Handler = Callable[..., Verdict]
Asked = tuple[Detection[Any], Handler]
Filter = Callable[..., bool]

_SECRETS = frozenset(kind + ENCRYPTED for kind in DATA_FRAMES)


class RuleSelection:
    """The detections of an engine, selected once. `detections` may be changed, followed by a call of `_connect`."""

    def __init__(self, air: Air) -> None:
        self.air = air
        self.detections: list[Detection[Any]] = []
        self._known = air.access_points

    def _connect(self) -> None:
        """Collect the detections by the frames and findings that they examine."""
        kinds: dict[int, list[Asked]] = {}
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
        self._roused: list[Detection[Any]] | None = None  # not determined yet
        # By kind of data frame, of those that are encrypted and whole: most of the traffic.
        self._asked_of_secrets: dict[int, list[Asked]] = {}
        self._asked_of_group_secrets: dict[int, list[Asked]] = {}  # the same, from an access point to a group
        self._look_for_secrets()
        self._findings = findings
        self._eapol = self._overridden("eapol")
        self._announced = self._overridden("announced")
        sampled: dict[type[PairFilter] | None, list[Asked]] = {}
        for detection, handler in self._overridden("sampled"):
            sampled.setdefault(detection.pairs, []).append((detection, handler))
        self._sampled: list[tuple[Filter | None, list[Asked]]] = [
            (None if cls is None else self.air.shared(cls).passes, asked) for cls, asked in sampled.items()
        ]
        self._reserved = self._overridden("reserved")
        self._fakes = self._overridden("made_up")
        self._turners = [d for d in self.detections if type(d).turn is not Detection.turn]

    def _look_for_secrets(self) -> None:
        """Determine which detections need encrypted data at the moment: the others are not asked."""
        roused = [detection for detection in self._secrets if not detection.idle]
        if roused != self._roused:
            self._roused = roused
            asked = {
                kind: [each for each in self._kinds.get(kind + ENCRYPTED, ()) if each[0] in roused]
                for kind in DATA_FRAMES
            }
            self._asked_of_secrets = {kind: who for kind, who in asked.items() if who}
            to_groups = {kind: [*self._kinds.get(kind + GROUP, ()), *asked[kind]] for kind in DATA_FRAMES}
            self._asked_of_group_secrets = {kind: who for kind, who in to_groups.items() if who}

    def _rouse(self, kind: int) -> None:
        """Determine the same after a frame of one of the `_rousing` kinds, for the detections that it may rouse."""
        roused = self._roused or ()
        for detection in self._rousing[kind]:
            if detection.idle is (detection in roused):
                self._look_for_secrets()
                return

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

"""Storms of probe requests."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.moment import LONG_AGO
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import EpisodeTally, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.kinds import PROBE_REQ

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.wifi.frames import Frame


_SHARE = 5
"""The least requests of each address in a block of a storm: in a crowd, each device sends fewer."""
_LOUD = 5
"""Blocks within the window that no devices send, however many have lost their network."""
_ASKERS = 32
_NAMES = 1000
"""Limit of remembered names of one address."""
_SSID = 0


class ProbeSettings(RuleSettings):
    """The number of addresses, of requests, and of names."""

    count: int = option(default=80, low=10, high=200, help="Addresses that send exactly the same requests.")
    requests: int = option(default=200, low=20, high=5000, help="Such requests of a few addresses.")
    names: int = option(default=40, low=20, high=1000, help="Names that one address asks for.")
    window: Duration = option(default=Duration(10.0), low=1, high=600, help="Listening time this must lie within.")


class _Kin:
    """The addresses with equal requests, the newest last, with the moment of each one's first request; and their
    requests, counted in blocks."""

    __slots__ = ("addresses", "askers", "begun", "blocks", "few", "requests", "seen", "total")

    def __init__(self) -> None:
        self.addresses: dict[bytes, Moment] = {}
        self.seen = 0
        self.begun = LONG_AGO
        """When the present block began."""
        self.requests = 0
        """In the present block."""
        self.askers: set[bytes] = set()
        """The addresses in the present block."""
        self.blocks: deque[Moment] = deque(maxlen=_LOUD)
        """When the last blocks of a few addresses began."""
        self.few = 0
        """The number of addresses in the last one of these."""
        self.total = EpisodeTally()
        """Counts those blocks."""

    def ask(self, address: bytes, moment: Moment, count: int, window: float) -> bool:
        """Count a request; return whether it ends a block of `count` by a few addresses within `window`."""
        begun, askers = self.begun, self.askers
        # The first condition spares the call in a storm.
        if moment.now - begun.now > window and not begun.is_within(window, moment):
            self.begun, self.requests = moment, 0
            askers.clear()
        self.requests = requests = self.requests + 1
        if len(askers) * _SHARE <= count:
            askers.add(address)
        if requests < count:
            return False
        few = len(askers)
        enough = few * _SHARE <= count
        if enough:
            self.blocks.append(self.begun)
            self.few = few
            self.total.hit(moment.now)
        self.begun, self.requests = moment, 0
        self.askers.clear()
        return enough

    def loud(self, moment: Moment, window: float) -> bool:
        """Return whether the last blocks are within `window`."""
        return len(self.blocks) == _LOUD and self.blocks[0].is_within(window, moment)


class _Asked:
    """The names that one address has asked for, since a moment at most a window before."""

    __slots__ = ("begun", "names")

    def __init__(self) -> None:
        self.begun = LONG_AGO
        self.names: set[bytes] = set()

    def ask(self, name: bytes, moment: Moment, window: float) -> int:
        """Note a name; return the number of names."""
        if not self.begun.is_within(window, moment):
            self.begun = moment
            self.names.clear()
        if len(self.names) < _NAMES:
            self.names.add(name)
        return len(self.names)


class ProbeFlood(Detection[ProbeSettings]):
    """Within `window` of listening, at least `count` addresses send their first probe request with the same elements
    (except the SSID). An address that has dropped out of the newest `count` counts as new again.

    Or a few addresses send `requests` with the same elements, on average five or more each: a warning with five times
    as many. Or one address asks for `names` different names.
    """

    rule = "probe-flood"
    family = "disruption"
    title = "Probe request storm"
    severity = Severity.NOTICE
    meaning = (
        "Very many addresses ask for networks in the same way, or a few of them all the time: one device pretends to be"
        " many or tries names, and every access point around answers it. That takes air time, and hides the devices"
        " that are really there."
    )
    advice = "Nothing, if you are in a crowd. Otherwise follow the signal of these addresses to find the sender."
    fooled_by = (
        "A crowd of phones of one model, which change their addresses all the time; many equal devices that have lost"
        " their network at once; an old device that asks for each of its many networks. A storm of differing requests"
        " is missed, unless one address sends them."
    )
    reference = "IEEE 802.11-2020, 11.1.4.3; 12.2.10 (random addresses)"
    Settings = ProbeSettings
    kinds = frozenset({PROBE_REQ})

    def __init__(self, settings: ProbeSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._kins: Recent[str, _Kin] = Recent(8, _Kin)
        self._asked: Recent[bytes, _Asked] = Recent(_ASKERS, _Asked)
        self._window = float(settings.window)

    def observe(self, frame: Frame) -> Verdict:
        """Count a request, and perhaps a new address."""
        air, settings = self.air, self.settings
        station = air.station(frame.ta)
        if station is None or not station.fingerprint:
            return None
        kin = self._kins.use(station.fingerprint)
        address, moment = station.address, air.moment
        verdict: Verdict = None
        if kin.ask(address, moment, settings.requests, self._window):
            verdict = self._few(frame, kin, moment)
        # Most devices ask for fewer names than the survey remembers.
        named = self._names(frame, address, moment) if station.probed_dropped else None
        addresses = kin.addresses
        if address in addresses:
            return verdict or named
        kin.seen += 1
        addresses[address] = moment
        if len(addresses) > settings.count:
            del addresses[next(iter(addresses))]
        if len(addresses) < settings.count:
            return verdict or named
        first = next(iter(addresses.values()))
        if not first.is_within(settings.window, moment):
            return verdict or named
        return Claim(
            key="storm",
            text=f"{len(addresses)} addresses asked for networks in exactly the same way within "
            f"{first.until(moment):.1f} s of listening, the last one {mac(frame.ta)}.",
            sender=frame.ta,
            seen=kin.seen,
            threshold=f"{settings.count} in {settings.window:g} s",
            confidence=LOW,
        )

    def _few(self, frame: Frame, kin: _Kin, moment: Moment) -> Claim:
        """Return the claim about a block of requests by a few addresses."""
        settings = self.settings
        loud = kin.loud(moment, self._window)
        whose = mac(frame.ta) if kin.few == 1 else f"{kin.few} addresses, the last one {mac(frame.ta)}"
        return Claim(
            key="few",
            text=f"{SEEN} requests for networks of exactly the same kind came from {whose}.",
            sender=frame.ta,
            seen=kin.total.total * settings.requests,
            threshold=f"{settings.requests} in {settings.window:g} s",
            confidence=MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud else None,
        )

    def _names(self, frame: Frame, address: bytes, moment: Moment) -> Claim | None:
        """Judge the names that one address asks for."""
        raw, body, settings = frame.raw, frame.body, self.settings
        if body + 2 > frame.end or raw[body] != _SSID or not raw[body + 1]:
            return None
        name = raw[body + 2 : body + 2 + raw[body + 1]]
        asked = self._asked.use(address).ask(name, moment, self._window)
        if asked < settings.names:
            return None
        return Claim(
            key=("names", address),
            text=f"{mac(address)} asked for {SEEN} different networks within {settings.window:g} s of listening.",
            sender=address,
            seen=asked,
            threshold=f"{settings.names} in {settings.window:g} s",
            confidence=LOW,
        )


DETECTIONS = (ProbeFlood,)

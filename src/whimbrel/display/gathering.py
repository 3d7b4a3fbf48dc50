"""Events in, the state that screens show out. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from whimbrel import receivers
from whimbrel.events.air import AirReport
from whimbrel.events.alerts import NetworksGuarded
from whimbrel.events.base import Event
from whimbrel.events.device import AirSnapshot, PowerOffered, SignalReported, SystemReport, TimeJudged
from whimbrel.events.radio import (
    HoppingChanged,
    ListeningChanged,
    ProbingChanged,
    RadioBlind,
    RadioClosed,
    RadioOpened,
    RadioRecovered,
    Tuned,
)
from whimbrel.events.system import ModulesState
from whimbrel.rows import AccessPointRow, StationRow
from whimbrel.screens.state import HISTORY, SCANNING, ScreenState

FOLLOWED = 4
"""Limit of addresses with a kept signal: the last ones shown."""
_RATE_SPAN = 3.0
"""Seconds over which the frames a second are counted."""


class Gatherer:
    """Keeps one `ScreenState` up to date."""

    KINDS: tuple[type, ...] = (
        Tuned, AirReport, *receivers.KINDS, NetworksGuarded, ModulesState, PowerOffered, SignalReported,
        TimeJudged,
    )  # fmt: skip
    """The events that it needs, besides the newest `AirSnapshot` and `SystemReport`."""

    def __init__(self) -> None:
        self.state = ScreenState()
        self._counts: deque[tuple[float, int]] = deque()
        self._newest = receivers.NewestOfEach()
        self._freqs: dict[str, int] = {}  # by receiver
        self._take: dict[type, Callable[[Any, float], None]] = {
            AirSnapshot: self._air,
            SystemReport: self._system,
            Tuned: self._tuned,
            HoppingChanged: self._hopping,
            AirReport: self._report,
            RadioBlind: self._blind,
            RadioRecovered: self._seeing,
            ProbingChanged: self._probing,
            RadioOpened: self._opened,
            RadioClosed: self._closed,
            ListeningChanged: self._listening,
            ModulesState: self._modules,
            NetworksGuarded: self._guarded,
            PowerOffered: self._power,
            SignalReported: self._signal,
            TimeJudged: self._time,
        }

    def take(self, event: Event) -> None:
        """Take an event in; of kinds that no screen shows nothing is kept."""
        take = self._take.get(type(event.body))
        if take is not None:
            take(event.body, event.time)
        if type(event.body) in receivers.KINDS:
            self._newest.take(event)
            self.state.receivers = receivers.receiver_rows(self._newest.of)
            self._lead()
        elif isinstance(event.body, Tuned):
            self._freqs[event.source] = event.body.channel.freq
            self._lead()

    def follow(self, addresses: Sequence[bytes]) -> list[bytes]:
        """Keep the signals of `addresses` from now on, besides the last ones; return the new addresses.

        Their earlier signal comes with `SignalReported`.
        """
        signals = self.state.signals
        new = [address for address in addresses if address not in signals]
        for address in addresses:
            # Taken out and put back, the address is the last again, and the first is the one longest unasked for.
            signals[address] = signals.pop(address, deque(maxlen=HISTORY))
        while len(signals) > FOLLOWED:
            del signals[next(iter(signals))]
        return new

    def _air(self, body: AirSnapshot, at: float) -> None:
        state = self.state
        state.air = body
        self._count(body.totals.frames, at)
        if not state.signals:
            return
        for ap in body.access_points:
            if ap.bssid in state.signals:
                _note_signal(state.signals[ap.bssid], ap)
        for station in body.stations:
            if station.station in state.signals:
                _note_signal(state.signals[station.station], station)

    def _signal(self, body: SignalReported, _at: float) -> None:
        signal = self.state.signals.get(body.address)
        if signal is not None:
            since = signal[0][0] if signal else float("inf")
            known = [*(sample for sample in body.samples if sample[0] < since), *signal]
            signal.clear()
            signal.extend(known)

    def _count(self, frames: int, at: float) -> None:
        counts = self._counts
        if counts and (frames < counts[-1][1] or at <= counts[-1][0]):  # the watcher, or the clock, restarted
            counts.clear()
        counts.append((at, frames))
        while len(counts) > 2 and at - counts[1][0] >= _RATE_SPAN:
            counts.popleft()
        if len(counts) > 1:
            self.state.rate = (frames - counts[0][1]) / (at - counts[0][0])

    def _system(self, body: SystemReport, _at: float) -> None:
        self.state.system = body

    def _tuned(self, body: Tuned, _at: float) -> None:
        self.state.freq = body.channel.freq

    def _lead(self) -> None:
        """Of several receivers, let the mode and the channel be those of the first that hears more than beacons, and
        the radio be blind when all are."""
        state = self.state
        if len(state.receivers) < 2:
            return
        all_ = receivers.together(state.receivers)
        state.mode = all_.mode
        state.freq = self._freqs.get(all_.lead.receiver, 0) if all_.lead and all_.mode != SCANNING else 0
        state.blind, state.paused = all_.state == receivers.BLIND, all_.state == receivers.PAUSED
        state.transmits = all_.transmits

    def _hopping(self, body: HoppingChanged, _at: float) -> None:
        self.state.mode = body.mode
        if body.channel is not None:
            self.state.freq = body.channel.freq

    def _listening(self, body: ListeningChanged, _at: float) -> None:
        self.state.paused = body.paused

    def _report(self, body: AirReport, _at: float) -> None:
        if self.state.air is None:
            self.state.rate = body.rate

    def _blind(self, _body: RadioBlind, _at: float) -> None:
        self.state.blind = True

    def _seeing(self, _body: object, _at: float) -> None:
        self.state.blind = False

    def _opened(self, body: RadioOpened, at: float) -> None:
        self._seeing(body, at)
        self.state.transmits = body.transmits
        if body.announcements_only:
            self.state.mode, self.state.freq = SCANNING, 0

    def _probing(self, body: ProbingChanged, _at: float) -> None:
        self.state.transmits = body.transmits

    def _closed(self, _body: RadioClosed, _at: float) -> None:
        self.state.transmits = False
        self.state.freq = 0
        self.state.mode = ""
        self.state.rate = 0.0
        self._counts.clear()

    def _guarded(self, body: NetworksGuarded, _at: float) -> None:
        self.state.guarded = frozenset(body.bssids)

    def _modules(self, body: ModulesState, _at: float) -> None:
        self.state.modules = body.modules

    def _time(self, body: TimeJudged, _at: float) -> None:
        self.state.estimate = not body.known

    def _power(self, body: PowerOffered, _at: float) -> None:
        self.state.features = self.state.features - {"shutdown", "reboot"} | set(body.commands)


def _note_signal(signal: deque[tuple[float, int]], row: AccessPointRow | StationRow) -> None:
    """Add the signal of a row, where something was heard since the last one."""
    heard, rssi = row.last, row.rssi.last
    if rssi is not None and (not signal or heard != signal[-1][0]):
        signal.append((heard, rssi))

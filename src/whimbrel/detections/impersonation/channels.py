"""Two channels for one BSSID: it beacons here and there at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LOW, MEDIUM, Verdict
from whimbrel.detections.impersonation.pairs import Usual
from whimbrel.detections.impersonation.suspects import CHANNEL, SUSPECTS, TwoTransmitters, name
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.channels import band_of, channel_label
from whimbrel.wifi.kinds import BEACON

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_BESIDE = 25
"""MHz: what a radio hears from less far may have been sent on the channel that the beacon tells. OFDM in the wider
bands carries less far than 802.11b does in 2.4 GHz; there it takes an access point on the next channel but one."""
_LEAK = 30
"""dB below the level on its own channel, at which a strong sender is heard anywhere."""
_VISIT = (0.03, 2.0)
"""Seconds between two beacons of one visit; a single one may still carry the frequency of the channel before."""


class ChannelSettings(RuleSettings):
    """When two channels are told."""

    moves: int = option(default=6, low=3, high=1000, help="How often it must move from one channel to the other.")
    within: Duration = option(default=Duration(120.0), low=5, high=3600, help="Time between two moves at most.")


class _Moves:
    """Where one BSSID was heard."""

    __slots__ = ("at", "away", "count", "freq", "home", "level", "told")

    def __init__(self) -> None:
        self.at = float("-inf")
        self.count = 0
        self.home = self.freq = 0  # MHz
        self.away = False  # on `freq`, when it was heard last
        self.told = False  # by the beacons themselves
        self.level: int | None = None  # dBm at home

    def move(self, *, away: bool, now: float) -> None:
        """Note that it is on the other of its two channels."""
        self.away = away
        self.at = now
        self.count += 1


class TwoChannels(TwoTransmitters[ChannelSettings]):
    """A BSSID beacons on two channels in turn.

    Either its beacons tell two channels (DS, HT or HE operation), or beacons that tell one, or none, are heard on a
    frequency 25 MHz or more away from it: at least two beacons in sequence, and not 30 dB or more weaker than on the
    channel that they tell, where a strong neighbour leaks. Raised at `moves` (default 6) from one channel to the other,
    with at most `within` (default 2 min) from one to the next. A move for good, announced or not, is one. Across two
    bands it is a notice only and no sign for other rules. Not judged: ad-hoc networks; frames without a frequency.
    """

    rule = "two-channels"
    sign = CHANNEL
    title = "Two channels, one BSSID"
    severity = Severity.WARNING
    meaning = (
        "An access point sends on one channel at a time. This address beacons on two, as when somebody imitates it on"
        " another channel to get between it and its stations."
    )
    advice = (
        "Do not enter passwords in this network for now. Look which of the two channels your own access point is set"
        " to; the other one is the imitator's."
    )
    fooled_by = (
        "Old devices whose radios for 2.4 and 5 GHz share an address (a notice). Drivers that report the wrong"
        " frequency. A radio that stays on one channel hears an imitation on another one only where that is near."
    )
    reference = (
        "IEEE 802.11-2020, 9.4.2.3 and 11.8; Vanhoef and Piessens, Advanced Wi-Fi attacks using commodity hardware,"
        " ACSAC 2014 (multi-channel man in the middle)"
    )
    kismet = ("CHANCHANGE", "PROBECHAN")
    Settings = ChannelSettings

    def __init__(self, settings: ChannelSettings, air: Air) -> None:
        self._moves: Recent[bytes, _Moves] = Recent(SUSPECTS, _Moves)
        super().__init__(settings, air)

    def usual(self) -> Usual:
        """Return the access points heard near their own channel that stay there."""
        return Usual(beside=_BESIDE, moving=self._moves.entries)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Compare where a beacon was heard with where its access point is."""
        freq, home = frame.freq, ap.announced.freq
        if freq == home:
            return self._at_home(frame, ap) if self._moves.entries else None
        if not freq or not home or -_BESIDE < freq - home < _BESIDE or freq != before.freq:
            return None
        if ap.announced.adhoc or not _VISIT[0] <= frame.time - before.time <= _VISIT[1]:
            return None
        return self._elsewhere(frame, ap, before)

    def _at_home(self, frame: Frame, ap: AccessPoint) -> Verdict:
        moves = self._moves.get(ap.address)
        if moves is None or moves.told:
            return None
        moves.level = frame.rssi
        if moves.away and moves.home == frame.freq:
            moves.move(away=False, now=self.air.now)
            return self._tell(ap, moves, None)
        return None

    def _elsewhere(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        moves = self._of(ap.address, ap.announced.freq, frame.freq, told=False)
        if frame.rssi is not None and moves.level is not None and frame.rssi <= moves.level - _LEAK:
            return None
        if not moves.away:
            moves.move(away=True, now=self.air.now)
        return self._tell(ap, moves, before)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Compare the channel that the beacons tell with the one that they told before."""
        said = ap.announced
        if before is None or frame.kind != BEACON or ap.beacons < 2 or said.freq == before.freq or said.adhoc:
            return None
        if not said.told_channel or not before.told_channel:
            return None
        moves = self._of(ap.address, before.freq, said.freq, told=True)
        moves.move(away=said.freq == moves.freq, now=self.air.now)
        return self._tell(ap, moves, None)

    def _of(self, bssid: bytes, home: int, freq: int, *, told: bool) -> _Moves:
        """Return the moves between these two channels, new ones where the last one was between others or long ago."""
        moves = self._moves.use(bssid)
        same = {home, freq} == {moves.home, moves.freq} and told == moves.told
        if not same or not 0 <= self.air.now - moves.at <= self.settings.within:
            moves.count, moves.home, moves.freq, moves.away, moves.told = 0, home, freq, False, told
            moves.level = None
        return moves

    def _tell(self, ap: AccessPoint, moves: _Moves, before: Frame | None) -> Verdict:
        if moves.count < self.settings.moves:
            return None
        text = (
            f"{name(ap)} beacons on two channels: {channel_label(moves.home)} and {channel_label(moves.freq)}"
            f" ({moves.home} and {moves.freq} MHz); {moves.count} times it was on the other one than before."
        )
        one_band = band_of(moves.home) == band_of(moves.freq)
        return self.accuse(
            ap,
            text,
            seen=moves.count,
            threshold=f"{self.settings.moves} moves, {float(self.settings.within):.0f} s apart at most",
            severity=Severity.WARNING if one_band else Severity.NOTICE,
            confidence=MEDIUM if one_band else LOW,
            proves=one_band,
            frames=() if before is None else (before,),
        )


DETECTIONS = (TwoChannels,)

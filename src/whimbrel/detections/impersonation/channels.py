"""Two channels for one BSSID: it beacons on both at the same time."""

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
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.kinds import BEACON

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_BESIDE = 25
"""MHz: a frame heard closer to the announced channel may have been sent there. OFDM in the wider bands spreads less
than 802.11b in 2.4 GHz; there only an access point on the next channel but one is that far away."""
_LEAK = 30
"""dB below the level on its own channel; so weak, a strong sender is heard on any channel."""
_VISIT = (0.03, 2.0)
"""Least and most seconds between two beacons of one visit; a single one may still carry the previous channel's
frequency."""


class ChannelSettings(RuleSettings):
    """The threshold for two channels."""

    moves: int = option(default=6, low=3, high=1000, help="Least number of moves from one channel to the other.")
    within: Duration = option(default=Duration(120.0), low=5, high=3600, help="The most time between two moves.")


class _Moves:
    """The channels and moves of one BSSID."""

    __slots__ = ("at", "away", "count", "freq", "home", "level", "told")

    def __init__(self) -> None:
        self.at = float("-inf")
        self.count = 0
        self.home = self.freq = 0  # MHz
        self.away = False  # on `freq`, when it was heard last
        self.told = False  # by the beacons themselves
        self.level: int | None = None  # dBm at home

    def move(self, *, away: bool, now: float) -> None:
        """Note a move to the other channel."""
        self.away = away
        self.at = now
        self.count += 1


class TwoChannels(TwoTransmitters[ChannelSettings]):
    """A BSSID beacons on two alternating channels.

    Either its beacons announce two channels (DS, HT or HE operation); or beacons that announce one channel, or none,
    are heard on a frequency at least 25 MHz away from it: at least two beacons in sequence, and less than 30 dB weaker
    than on their announced channel, because a strong neighbour leaks into other channels. The alert is raised at
    `moves` moves (default 6) from one channel to the other, with at most `within` (default 2 min) from one to the next.
    A lasting change of channel, announced or not, is a single move. Across two bands it is only a notice, and no sign
    for other rules. Not judged: ad-hoc networks; frames without a frequency; 6 GHz beacons within the announced width
    if they say that they are sent on all of it at once (Duplicate Beacon, IEEE 802.11ax-2021, 9.4.2.249).
    """

    rule = "two-channels"
    sign = CHANNEL
    title = "Two channels, one BSSID"
    severity = Severity.WARNING
    meaning = (
        "An access point sends on one channel at a time. This address beacons on two, as if somebody imitated it on"
        " another channel to get between it and its stations."
    )
    advice = (
        "Do not enter passwords in this network for now. Check the channel of your own access point; the other channel"
        " is the imitator's."
    )
    fooled_by = (
        "Old devices whose radios for 2.4 and 5 GHz share an address (a notice). Drivers that report a wrong frequency."
        " A radio that stays on one channel hears an imitation on another one only if that channel is near."
    )
    reference = (
        "IEEE 802.11-2020, 9.4.2.3 and 11.8; Vanhoef and Piessens, Advanced Wi-Fi attacks using commodity hardware,"
        " ACSAC 2014 (multi-channel man in the middle)"
    )
    kismet = ("CHANCHANGE", "PROBECHAN")
    Settings = ChannelSettings
    only_changes = True

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
        if _is_duplicate(frame, ap.announced):
            return None
        return self._elsewhere(frame, ap, before)

    def _at_home(self, frame: Frame, ap: AccessPoint) -> Verdict:
        moves = self._moves.get(ap.address)
        if moves is None or moves.told:
            return None
        if frame.rssi is not None:
            moves.level = frame.rssi
        if moves.away and moves.home == frame.freq:
            moves.move(away=False, now=self.air.now)
            return self._tell(ap, moves, None)
        return None

    def _elsewhere(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        moves = self._of(ap.address, ap.announced.freq, frame.freq, told=False)
        if moves.level is not None and _leaks(frame, moves.home, moves.level):
            return None
        if not moves.away:
            moves.move(away=True, now=self.air.now)
        return self._tell(ap, moves, before)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Compare the announced channel with the previous one."""
        said = ap.announced
        if before is None or frame.kind != BEACON or ap.beacons < 2 or said.freq == before.freq or said.adhoc:
            return None
        if not said.told_channel or not before.told_channel:
            return None
        moves = self._of(ap.address, before.freq, said.freq, told=True)
        moves.move(away=said.freq == moves.freq, now=self.air.now)
        return self._tell(ap, moves, None)

    def _of(self, bssid: bytes, home: int, freq: int, *, told: bool) -> _Moves:
        """Return the moves between these two channels; new ones if the last move was between others, or long ago."""
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
            f" ({moves.home} and {moves.freq} MHz); it changed between them {moves.count} times."
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


def _is_duplicate(frame: Frame, said: Announcement) -> bool:
    """Return whether a beacon is sent on all of its network's width at once, and was heard within that."""
    if band_of(said.freq) != "6" or abs(frame.freq - said.center) * 2 > said.width:
        return False
    return parse_elements(frame.raw, frame.body + ELEMENTS_AT[BEACON], frame.end).duplicates


def _leaks(frame: Frame, home: int, level: int) -> bool:
    """Return whether a beacon heard beside its channel may have leaked from it, where it was heard at `level` dBm. What
    another receiver heard has no comparable level, and may have leaked within the band."""
    if frame.rssi is None:
        return band_of(frame.freq) == band_of(home)
    return frame.rssi <= level - _LEAK

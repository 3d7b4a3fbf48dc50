"""Messages of a handshake that somebody relays between two channels (multi-channel man in the middle).

An access point sends on one channel. So a message with its nonce on another channel, while it stays on its own, is
somebody's copy. Three things look alike and are excluded: a change of channel in the midst of a handshake, one
transmission that two radios hear, and a strong sender that is heard beside its channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whimbrel.detections.tables import Recent
from whimbrel.wifi.channels import band_of
from whimbrel.wifi.fcs import holds

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_KEPT, _WAITING = 32, 16
APART = 25
"""MHz: nearer channels overlap, and one frame may be heard on both."""
_WITHIN = 3.0
"""Seconds from the message on the one channel to that on the other; access points repeat it after one."""
_REPEATS = 4
"""Counters by which an access point goes on while it repeats a message."""
_ONCE = 0.005
"""The most seconds between the deliveries of one transmission by two radios."""
_LEAK = 30
"""dB below the level on the own channel; so weak, a strong sender is heard on any channel."""
_PROOF = 5.0
"""Seconds within which the access point must be heard on its channel again: a lap of a hopping radio."""


class KeptMessage(NamedTuple):
    """A message 1 or 3."""

    frame: Frame
    freq: int
    """MHz."""
    at: float
    """Seconds of `Air.now`."""
    counter: int
    """Its replay counter."""
    home: int
    """MHz of the channel that the access point announced then; 0 if unknown."""


class Relay(NamedTuple):
    """A message that was heard on two channels."""

    number: int
    """1 or 3."""
    bssid: bytes
    station: bytes
    first: KeptMessage
    second: KeptMessage


class Relays:
    """The messages 1 and 3 of the last seconds."""

    __slots__ = ("_air", "_heard", "waiting")

    def __init__(self, air: Air) -> None:
        self._air = air
        self._heard: Recent[bytes, list[KeptMessage]] = Recent(_KEPT, list)
        self.waiting: dict[bytes, Relay] = {}
        """Those that may be a change of channel: the access point must be heard first."""

    def hear(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> None:
        """Process message 1 or 3 of an access point."""
        air = self._air
        freq = frame.freq or air.freq
        if frame.ta != bssid or not freq or not packet.nonce.strip(b"\0") or holds(frame) is False:
            return
        number = 1 if packet.message == "M1" else 3
        new = KeptMessage(frame, freq, air.now, packet.replay or 0, air.channel_of(bssid))
        key = bytes((number,)) + bssid + station + packet.nonce
        heard = self._heard.use(key)
        heard[:] = [one for one in heard if 0 <= new.at - one.at <= _WITHIN and one.freq != freq]
        first = next((one for one in heard if _another(one, new)), None)
        heard.append(new)
        if first is not None and len(self.waiting) < _WAITING:
            self.waiting.setdefault(key, Relay(number, bssid, station, first, new))

    def found(self) -> list[Relay]:
        """Return those that are relayed beyond doubt, each once; call it now and then while some are `waiting`."""
        relays = []
        for key, relay in list(self.waiting.items()):
            if self._air.now - relay.second.at > _PROOF:
                del self.waiting[key]
            elif self._stays(relay):
                del self.waiting[key]
                relays.append(relay)
        return relays

    def _stays(self, relay: Relay) -> bool:
        """Return whether the access point is on one of the two channels all the time."""
        first, second = relay.first, relay.second
        ap, home = self._air.access_point(relay.bssid), self._air.channel_of(relay.bssid)
        if ap is None or ap.beacon is None or home not in (first.freq, second.freq) or ap.announced.adhoc:
            return False
        if first.home == home == second.freq:
            return True
        beacon = ap.beacon
        return first.home == first.freq == beacon.freq and beacon.time > second.frame.time


def _another(one: KeptMessage, new: KeptMessage) -> bool:
    """Return whether two messages on different channels are two transmissions, both sent there."""
    if abs(new.freq - one.freq) < APART or not 0 <= new.counter - one.counter <= _REPEATS:
        return False
    if band_of(new.freq) != band_of(one.freq):
        return True  # nothing is heard there, also by another receiver, with whose levels no other is compared
    here, there = new.frame.rssi, one.frame.rssi
    if here is None or there is None or abs(here - there) >= _LEAK:
        return False
    return new.frame.seq != one.frame.seq or new.at - one.at > _ONCE

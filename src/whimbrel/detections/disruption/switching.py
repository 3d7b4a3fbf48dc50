"""Forged announcements that an access point moves to another channel."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.disruption.disconnecting import is_signed
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac, ssid
from whimbrel.wifi.channels import NUMBERS, band_of, channel_label, class_band, frequency, numbered
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.fixed import TIME_UNIT
from whimbrel.wifi.kinds import ACTION, ACTION_NO_ACK, BEACON, PROBE_RESP, PROTECTED
from whimbrel.wifi.operation import ChannelSwitch, parse_channel_switch
from whimbrel.wifi.security import Pmf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_CSA, _ECSA = 37, 60
_MARKS = (b"\x25\x03", b"\x3c\x04")
"""The first octets of both elements: number and length."""
_SPECTRUM, _PUBLIC, _SWITCH = 0, 4, 4
_FIXED = 12
_EVIDENCE = 8
_LOWER_BANDS = frozenset(NUMBERS["2.4"] + NUMBERS["5"])


class SwitchSettings(RuleSettings):
    """The amount of evidence."""

    count: int = option(
        default=3,
        low=2,
        high=50,
        help="Beacons without the announcement, before the switch is due or after it.",
    )
    window: Duration = option(
        default=Duration(60.0), low=5, high=600, help="How long an announcement is remembered after the switch was due."
    )
    grace: Duration = option(
        default=Duration(2.0), low=0.2, high=60, help="How late an access point may move before it counts as staying."
    )


class _Switch:
    """The announcements in the name of an access point."""

    __slots__ = (
        "announcing",
        "aside",
        "due",
        "foreign",
        "frames",
        "impossible",
        "old",
        "other",
        "said",
        "seen",
        "stays",
        "taken_back",
        "unsigned",
    )

    def __init__(self) -> None:
        self.seen = self.taken_back = self.stays = self.impossible = self.unsigned = self.foreign = 0
        self.other: bytes | None = None  # the last transmitter other than the access point
        self.old = ""  # channel, with its band
        self.due = 0.0
        self.announcing = False  # by the last beacon
        self.aside = False  # by another frame, after the last beacon
        self.said: ChannelSwitch | None = None
        self.frames: deque[Frame] = deque(maxlen=_EVIDENCE)


class ForgedChannelSwitch(Detection[SwitchSettings]):
    """A channel switch is announced in an access point's name, in beacons, probe responses or action frames, and

    - before the switch is due, at least `count` of its beacons lack the announcement, alternating with frames that have
      it: a real access point announces the switch in each beacon until it moves;
    - or the switch was announced at least twice and, more than `grace` after it was due, at least `count` beacons are
      still heard on the old channel without an announcement;
    - or the switch was announced at least twice to a channel that does not exist;
    - or the switch was announced at least twice by an unprotected action frame where PMF is required;
    - or by action frames with the access point's BSSID and another transmitter, at least twice.

    A switch to another width of the same channel does not count. An announcement is forgotten `window` after its switch
    was due.
    """

    rule = "forged-channel-switch"
    family = "disruption"
    title = "Forged channel switch"
    severity = Severity.CRITICAL
    meaning = (
        "Somebody tells the devices of a network, in its access point's name, to move to another channel, where there"
        " is no access point, or a copy of it."
    )
    advice = (
        "Beware of a network of the same name on the announced channel. Switch on PMF, and WPA3 with beacon protection."
    )
    fooled_by = (
        "An access point that announces a switch and gives it up looks the same as one that stayed; that is only a"
        " warning. Real moves, because of radar or to a better channel, are counted down and carried out, and raise no"
        " alert. A single forged announcement is missed."
    )
    reference = "IEEE 802.11-2020, 9.4.2.18, 9.4.2.52, 9.6.2.6, 11.8.8"
    Settings = SwitchSettings
    kinds = frozenset({PROBE_RESP, ACTION, ACTION_NO_ACK})

    def __init__(self, settings: SwitchSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._pending: Recent[bytes, _Switch] = Recent(24, _Switch)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Judge a beacon that differs from the last one."""
        if frame.kind != BEACON or ap.address != frame.bssid:
            return None
        said = ap.announced
        plain = extended = None
        if _CSA in said.numbers or _ECSA in said.numbers:
            for number, start, end in said.spans:
                if number == _CSA:
                    plain = start, end
                elif number == _ECSA:
                    extended = start, end
        switch = parse_channel_switch(said.raw, plain, extended) if plain or extended else None
        if switch is not None:
            return self._note(frame, ap, switch)
        return self._quiet(frame, ap, said)

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        """Judge one of many equal beacons."""
        if ap.address not in self._pending.entries:
            return None
        state = self._pending.entries[ap.address]
        return None if state.announcing else self._quiet(frame, ap, ap.announced)

    def beacons_of(self) -> Iterable[bytes]:
        """Return the access points whose switch is pending."""
        return self._pending.entries

    def observe(self, frame: Frame) -> Verdict:
        """Look for an announcement in a probe response or an action frame."""
        raw, body, end = frame.raw, frame.body, frame.end
        if frame.kind == PROBE_RESP:
            if raw.find(_MARKS[0], body + _FIXED, end) < 0 and raw.find(_MARKS[1], body + _FIXED, end) < 0:
                return None
            switch = parse_elements(raw, body + _FIXED, end).csa
        elif frame.flags & PROTECTED or body + 2 > end or raw[body + 1] != _SWITCH:
            return None
        elif raw[body] == _SPECTRUM:
            switch = parse_elements(raw, body + 2, end).csa
        elif raw[body] == _PUBLIC and body + 6 <= end:
            switch = ChannelSwitch(raw[body + 4], raw[body + 5], raw[body + 2], raw[body + 3])
        else:
            return None
        ap = self.air.access_point(frame.bssid)
        if (
            switch is None
            or ap is None
            or (frame.ta != ap.address and (frame.kind == PROBE_RESP or ap.announced.adhoc))
        ):
            return None
        return self._note(frame, ap, switch)

    def _note(self, frame: Frame, ap: AccessPoint, switch: ChannelSwitch) -> Verdict:
        """Process an announcement."""
        said = ap.announced
        band = band_of(said.freq)
        if switch.channel == said.channel and (switch.op_class is None or class_band(switch.op_class) in {"", band}):
            return None
        now = self.air.now
        state = self._pending.use(ap.address)
        if state.seen and now > state.due + self.settings.window:
            self._pending.drop(ap.address)
            state = self._pending.use(ap.address)
        state.seen += 1
        state.said = switch
        state.old = channel_label(said.freq, said.channel)
        state.due = now + max(switch.count, 1) * (said.interval or 100) * TIME_UNIT
        state.frames.append(frame)
        if frame.kind == BEACON:
            state.announcing = True
        else:
            state.aside = not state.announcing
        if frame.kind != BEACON and frame.kind != PROBE_RESP and self._lacks_protection(frame, ap):
            state.unsigned += 1
        if frame.ta != ap.address:
            state.foreign += 1
            state.other = frame.ta
        if not _exists(switch, band):
            state.impossible += 1
        return self._judge(frame, ap, state)

    def _quiet(self, frame: Frame, ap: AccessPoint, said: Announcement) -> Verdict:
        """Process a beacon without an announcement."""
        state = self._pending.get(ap.address)
        if state is None or said.cut:
            return None
        now = self.air.now
        if now > state.due + self.settings.window or channel_label(said.freq, said.channel) not in {"", state.old}:
            self._pending.drop(ap.address)  # it has moved
            return None
        if now <= state.due:
            if not (state.announcing or state.aside):
                return None
            state.taken_back += 1
        elif now > state.due + self.settings.grace:
            state.stays += 1
        state.announcing = state.aside = False
        state.frames.append(frame)
        return self._judge(frame, ap, state)

    @staticmethod
    def _lacks_protection(frame: Frame, ap: AccessPoint) -> bool:
        """Return whether an action frame lacks the protection that its network requires (9.6.2 is robust, 9.6.7 is
        not)."""
        return ap.announced.security.pmf is Pmf.REQUIRED and frame.raw[frame.body] == _SPECTRUM and not is_signed(frame)

    def _judge(self, frame: Frame, ap: AccessPoint, state: _Switch) -> Verdict:
        count = self.settings.count
        severity, confidence = None, HIGH
        if state.foreign >= 2:
            why = f"by {mac(state.other)}, in its name"
        elif state.unsigned >= 2:
            why = "in clear, where the network requires protection"
        elif state.taken_back >= count:
            why = f"while {state.taken_back} other beacons in between say nothing of it"
        elif state.impossible >= 2:
            why, severity, confidence = "which does not exist", Severity.WARNING, MEDIUM
        elif state.stays >= count and state.seen >= 2:
            why, severity, confidence = "but it stayed where it is", Severity.WARNING, MEDIUM
        else:
            return None
        switch = state.said
        band = (switch and switch.op_class and class_band(switch.op_class)) or band_of(ap.announced.freq)
        channel = numbered(band, switch.channel) if switch else "?"
        return Claim(
            key=ap.address,
            text=f"{state.seen} times it was announced that {ssid(ap.ssid) or 'the network'} ({mac(ap.address)}) moves "
            f"from channel {state.old} to {channel}, {why}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=state.other or frame.ta,
            receiver=frame.ra,
            seen=state.seen,
            threshold=f"{count} beacons that say otherwise",
            confidence=confidence,
            severity=severity,
            frames=[before for before in state.frames if before is not frame],
        )


def _exists(switch: ChannelSwitch, band: str) -> bool:
    """Return whether there is such a channel."""
    if switch.op_class is not None and (there := class_band(switch.op_class)):
        return frequency(there, switch.channel) != 0
    return switch.channel in (NUMBERS["6"] if band == "6" else _LOWER_BANDS)


DETECTIONS = (ForgedChannelSwitch,)

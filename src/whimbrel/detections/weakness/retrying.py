"""Channels on which most frames have to be sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import MEDIUM, Claim, Clear, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.wifi.channels import channel_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air

_LOOK = 10.0
"""Seconds between two looks at the counters."""


class _Stretch:
    """The frames of a channel since a look."""

    __slots__ = ("bad", "frames", "retries", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        self.frames = self.retries = 0
        self.bad = 0.0
        """Seconds, in stretches with enough frames, for which the share was too high."""


class TroubleSettings(RuleSettings):
    """The thresholds."""

    share: int = option(default=40, low=10, high=100, help="Per cent of the frames that are sent again.")
    frames: int = option(default=100, low=20, high=100_000, help="The least frames in each stretch that counts.")
    stretch: Duration = option(default=Duration(60.0), low=10, high=3600, help="Length of a stretch.")
    lasting: Duration = option(default=Duration(180.0), low=10, high=36000, help="For so long at least.")


class ChannelInTrouble(Detection[TroubleSettings]):
    """On one channel at least `share` per cent of the frames are marked as retransmissions, in each stretch with at
    least `frames` frames, for `lasting` seconds or more. Frames of up to 40 octets, which are control frames, do not
    count. The alert ends with a stretch below the share."""

    rule = "channel-in-trouble"
    family = "weakness"
    title = "Channel in trouble"
    severity = Severity.NOTICE
    meaning = (
        "Many frames on this channel do not arrive the first time: too many networks, a device that is too far away, a"
        " microwave oven, or Bluetooth. Everything there is slow."
    )
    advice = "Move your access point to another channel or nearer to its devices, or use 5 GHz."
    fooled_by = (
        "A receiver near one side of a bad link hears its repetitions better than all other traffic. A jammer looks the"
        " same, and this rule does not tell it apart."
    )
    reference = "IEEE 802.11-2020, 9.2.4.1.5 (Retry subfield)"
    Settings = TroubleSettings

    def __init__(self, settings: TroubleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self.quiet = 2 * settings.stretch + _LOOK
        self._looked = float("-inf")
        self._counts: dict[int, tuple[int, int]] = {}
        self._stretches: dict[int, _Stretch] = {}

    def turn(self) -> Sequence[Claim | Clear]:
        """Look at the counters of the channels."""
        now = self.air.now
        if 0 <= now - self._looked < _LOOK:
            return ()
        self._looked = now
        verdicts: list[Claim | Clear] = []
        for channel in self.air.survey.channels.all():
            before = self._counts.get(channel.freq)
            self._counts[channel.freq] = (channel.long, channel.long_retries)
            if before is None or not channel.freq:
                continue
            stretch = self._stretches.setdefault(channel.freq, _Stretch(now))
            stretch.frames += channel.long - before[0]
            stretch.retries += channel.long_retries - before[1]
            if now - stretch.since >= self.settings.stretch and (verdict := self._judge(channel.freq, stretch, now)):
                verdicts.append(verdict)
        return verdicts

    def _judge(self, freq: int, stretch: _Stretch, now: float) -> Claim | Clear | None:
        """Judge a full stretch, and begin the next one."""
        settings = self.settings
        frames, retries, lasted = stretch.frames, stretch.retries, now - stretch.since
        if frames < settings.frames:
            if lasted > settings.lasting:  # hardly anything to judge by
                del self._stretches[freq]
            return None
        stretch.since, stretch.frames, stretch.retries = now, 0, 0
        share = 100 * retries // frames
        if share < settings.share:
            was, stretch.bad = stretch.bad, 0.0
            return Clear(freq) if was >= settings.lasting else None
        stretch.bad += lasted
        if stretch.bad < settings.lasting:
            return None
        return Claim(
            freq,
            f"{share} % of {frames} frames on channel {channel_label(freq) or '?'} had to be sent again, for "
            f"{stretch.bad / 60:.0f} min now.",
            seen=retries,
            threshold=f"{settings.share} % for {settings.lasting:g} s",
            confidence=MEDIUM,
        )


DETECTIONS = (ChannelInTrouble,)

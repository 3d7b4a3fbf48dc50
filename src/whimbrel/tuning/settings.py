"""The settings of channel hopping and of the recovery of a blind radio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from whimbrel.errors import WhimbrelError
from whimbrel.settings import Duration, frozen, setting
from whimbrel.wifi.channels import Channel, parse_channel

Rung = Literal["retune", "cycle", "recreate", "command"]
"""A recovery step for a blind radio."""

RUNGS: tuple[Rung, ...] = get_args(Rung)
"""All of them, mildest first."""


class PlanError(WhimbrelError, ValueError):
    """Settings that no radio could satisfy: one sentence for each problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@frozen
class TunerSettings:
    """The visited channels and their dwell times."""

    bands: tuple[Literal["2.4", "5", "6"], ...] = setting(
        ("2.4", "5"),
        help="Bands to visit, in GHz: all their channels that the radio and the regulatory domain allow.",
    )
    channels: tuple[str, ...] = setting(
        (), help='Visit these channels instead: "6", "36/80", "6/40+", "6GHz:37". Empty: all of the bands.'
    )
    dwell: Duration = setting(
        Duration(0.25), low=0.02, high=60.0, help="The time to stay on a channel of weight 1 at each visit."
    )
    dwell_min: Duration = setting(
        Duration(0.1), low=0.02, high=60.0, help="The shortest stay; most networks send a beacon every 102 ms."
    )
    dwell_max: Duration = setting(Duration(2.0), low=0.02, high=60.0, help="The longest stay.")
    weights: Mapping[str, float] = setting(
        factory=dict,
        low=0.01,
        high=100.0,
        help='Factors for a longer stay on some channels, as in "6": 2.0; the others have weight 1.',
    )
    adaptive: bool = setting(
        True,
        help="Return to channels with new findings, for up to half of the time; every channel keeps its visits.",
    )
    camp_max: Duration = setting(
        Duration(30.0),
        low=0.1,
        high=600.0,
        help="The longest stay on one channel to observe a handshake or an attack.",
    )

    def check(self) -> None:
        """Raise `PlanError` for settings that no radio could satisfy."""
        self.wanted()

    def wanted(self) -> tuple[list[Channel], dict[int, float]]:
        """Return the named channels, without duplicates, and the weights by frequency. Raises `PlanError`."""
        problems: list[str] = []
        named = list(dict.fromkeys(_parse(self.channels, "channels", problems)))
        weights: dict[int, float] = {}
        for text, weight in self.weights.items():
            for channel in _parse((text,), "weights", problems):
                weights[channel.freq] = weight
            if not weight > 0:
                problems.append(f"weights: {text}: expected more than 0, found {weight}")
        if not named and not self.bands:
            problems.append("neither bands nor channels are given: nothing to listen on")
        if self.dwell_min > self.dwell_max:
            problems.append(f"dwell_min ({self.dwell_min:g} s) is longer than dwell_max ({self.dwell_max:g} s)")
        first = {channel.freq: channel for channel in reversed(named)}
        problems += [
            f"channels: {first[channel.freq]} and {channel} are the same channel at two widths"
            for channel in named
            if first[channel.freq] != channel
        ]
        if problems:
            raise PlanError(problems)
        return named, weights


def _parse(texts: Iterable[str], where: str, problems: list[str]) -> Iterator[Channel]:
    for text in texts:
        try:
            channel = parse_channel(text)
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        if channel.band == "60":
            problems.append(f"{where}: channel {text!r}: 60 GHz is not supported")
        else:
            yield channel


@frozen
class RecoverySettings:
    """The criteria for a blind radio, and the steps of the recovery."""

    silence: Duration = setting(
        Duration(20.0),
        low=1.0,
        help="Silence that is suspicious in busy air; quiet air is allowed more, up to silence_max.",
    )
    silence_max: Duration = setting(
        Duration(600.0),
        low=1.0,
        help="Silence that starts the recovery even in quiet air; also the longest pause between steps.",
    )
    rungs: tuple[Rung, ...] = setting(
        RUNGS,
        help="Steps in this order: set the channel, interface down and up, recreate the interface, the command. A "
        "radio that scans has the second and the last.",
    )
    command: tuple[str, ...] = setting(
        (),
        help="Program and arguments of the last resort, run without a shell: for example to power-cycle the USB port.",
    )
    command_timeout: Duration = setting(Duration(30.0), low=0.1, help="Time limit of the command.")
    pause: Duration = setting(
        Duration(5.0),
        low=0.5,
        help="Time to wait for a frame after a step; doubled at each round of the steps.",
    )
    watchdog_rounds: int = setting(
        3, low=1, help="Rounds without a frame after which the watchdog restarts the service."
    )

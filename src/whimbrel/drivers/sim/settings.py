"""The settings of the simulated air."""

from __future__ import annotations

from typing import Literal

from whimbrel.settings import Duration, frozen, setting


@frozen
class SimSettings:
    """A simulated radio in a simulated place."""

    scene: str = setting("home", help="home, cafe, day, campus or attack, or the path of a scene file of your own.")
    seed: int = setting(7, low=0, high=2**63 - 1, help="The same seed gives the same frames.")
    speed: float = setting(
        1.0,
        low=0,
        high=10000,
        help="How many simulated seconds pass in one; 0 for as fast as possible, for `duration`.",
    )
    duration: Duration = setting(Duration(0.0), low=0, help="Simulated time after which the air ends; 0 for never.")
    bands: tuple[Literal["2.4", "5", "6"], ...] = setting(
        ("2.4", "5", "6"), help="Bands in GHz that the simulated radio can be tuned to."
    )
    volume: float = setting(1.0, low=0, high=10, help="How much data the stations send, as a factor.")
    position: tuple[float, ...] = setting(
        (),
        help="Where this radio is, in metres east and north; empty: where the scene says. Two receivers of one scene "
        "and seed hear the same air, each from its own place.",
    )
    fcs: bool = setting(True, help="Whether frames end with their FCS, as most drivers deliver them.")

    def check(self) -> None:
        """Raise ValueError for a position without two coordinates."""
        if len(self.position) not in {0, 2}:
            raise ValueError(f"position: expected metres east and metres north, found {len(self.position)} numbers")

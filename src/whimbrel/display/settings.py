"""The settings of the display."""

from __future__ import annotations

from typing import Literal

from whimbrel.drivers.choice import DriverSettings, choice, chooses
from whimbrel.drivers.registry import PANELS
from whimbrel.settings import Duration, setting


@chooses(driver=PANELS)
class DisplaySettings(DriverSettings):
    """The panel, and when it is lit."""

    driver: str = choice(PANELS, "oled", help="What is shown on")
    rate: float = setting(10.0, low=1, high=30, help="Pictures a second while something on the screen moves.")
    idle_rate: float = setting(2.0, low=0.1, high=30, help="Pictures a second, at most, while only figures change.")
    brightness: float = setting(1.0, low=0.05, high=1, help="Brightness while it is used, 0.05 to 1.")
    dim: float = setting(0.1, low=0, high=1, help="What of it is left once it is dimmed.")
    dim_after: Duration = setting(Duration(60.0), low=0, help="Time without a key until it is dimmed; 0s for never.")
    off_after: Duration = setting(
        Duration(300.0), low=0, help="Time without a key until it is off; 0s for never. Any key wakes it."
    )
    shift: Duration = setting(
        Duration(60.0), low=0, help="How often the picture moves by a pixel, against burn-in; 0s for never."
    )
    alert_for: Duration = setting(Duration(8.0), low=1, high=600, help="How long an alert takes the screen over.")
    break_in: Literal["critical", "warning", "never"] = setting(
        "critical",
        help="How bad an alert must be to take the screen over and make the LED blink. What is wrong with the device "
        "itself, as a blind radio, always does.",
    )
    led: int | None = setting(
        None, low=0, high=27, help="GPIO line (BCM number) of an LED that blinks at alerts; null for none."
    )
    led_active: Literal["high", "low"] = setting("high", help="Level of that line at which the LED is lit.")
    retry: Duration = setting(Duration(5.0), low=0.05, help="Pause between two searches for a missing panel.")

"""The settings of each keypad."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from whimbrel.settings import Duration, frozen, setting, validates

Key = Literal["up", "down", "left", "right", "ok", "back", "menu"]
"""One of `whimbrel.events.device.KEYS`."""


@frozen
class GpioSettings:
    """Keys on the board's GPIO lines."""

    keys: Mapping[Key, int] = setting(
        factory=dict,
        low=0,
        high=27,
        help="The keys by their functions, each with its GPIO number (BCM, not the position on the header): "
        "{up: 17, down: 22, ok: 4}.",
    )
    pull: Literal["up", "down", "none"] = setting(
        "up", help="The board's internal resistor for each line; none if the keypad has its own."
    )
    active: Literal["high", "low"] = setting(
        "low", help="The level of a line while its key is pressed; low for a key that connects it to ground."
    )
    filter: Duration = setting(
        Duration(0.002),
        low=0.0,
        high=0.02,
        help="The time that a level must last to be seen; it delays every key. debounce does the rest.",
    )
    chip: int | None = setting(None, low=0, high=15, help="N of /dev/gpiochipN; null: that of the board's header.")

    @validates("keys")
    def _check_keys(self, keys: Mapping[Key, int]) -> None:
        owners: dict[int, str] = {}
        for key, pin in keys.items():
            if pin in owners:
                raise ValueError(f"keys.{key}: expected a pin of its own, found {pin}, which {owners[pin]} has")
            owners[pin] = key


@frozen
class KeyboardSettings:
    """The keyboard of a terminal: arrows, Enter (ok), Esc, Backspace or a (back), b (menu); ? shows them, q ends."""

    terminal: Path | None = setting(None, help="Path of the terminal, such as /dev/tty1; null: standard input.")
    gap: Duration = setting(
        Duration(0.12),
        low=0.02,
        high=1.0,
        help="Silence after which a repeated key counts as released; it must be longer than the time between two "
        "repeats.",
    )
    hold: Duration = setting(
        Duration(1.0),
        low=0.1,
        high=20.0,
        help="The time for which a key with Shift or Alt counts as held.",
    )
    escape: Duration = setting(
        Duration(0.05),
        low=0.005,
        high=1.0,
        help="The time to wait after Esc for the rest of an arrow's sequence; more over a slow line.",
    )


@frozen
class SimKeypadSettings:
    """Keys that press themselves."""

    script: tuple[str, ...] = setting(
        (), help="The sequence of presses: a key (down), a long press (ok:long), or a pause (2s)."
    )
    every: Duration = setting(Duration(0.5), low=0.01, high=3600.0, help="Pause after each press.")
    hold: Duration = setting(Duration(1.0), low=0.1, high=20.0, help="Duration of a long press.")
    again: bool = setting(False, help="Whether to repeat the script when it has ended.")

    @validates("script")
    def _check_script(self, script: tuple[str, ...]) -> None:
        from whimbrel.drivers.keypad.script import parse

        for number, word in enumerate(script):
            try:
                parse(word)
            except ValueError as error:
                raise ValueError(f"script[{number}]: {error}") from None

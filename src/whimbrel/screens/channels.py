"""The channels of a band as bars: airtime, frames, access points."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.radio import UnlockChannel
from whimbrel.screens import survey_rows
from whimbrel.screens.channel_picker import picker_page
from whimbrel.screens.inks import MUTED, WARNING, of_strength
from whimbrel.screens.notices import unheard_screen
from whimbrel.screens.page import STEPS, Page, View
from whimbrel.screens.screen import Action, Push, Say
from whimbrel.screens.state import SCANNING
from whimbrel.screens.survey_pages import REASON
from whimbrel.wifi.channels import NUMBERS, band_of, frequency
from whimbrel.wording.quantities import short_count

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

MEASURES = ("airtime", "frames", "APs")


class BandLayout(NamedTuple):
    """How a band is laid out."""

    name: str
    numbers: tuple[int, ...]
    """The channels that get a bar."""
    named: frozenset[int]
    """The channels with a number below them if there is no room for all numbers."""


# Without channels that today's access points do not use: the Japanese 4.9 GHz channels, and those between the runs.
BANDS = (
    BandLayout("2.4", NUMBERS["2.4"], frozenset(NUMBERS["2.4"])),
    BandLayout(
        "5", tuple(n for n in NUMBERS["5"] if 36 <= n <= 177 and n != 96), frozenset({36, 52, 100, 116, 132, 149, 165})
    ),
    BandLayout("6", tuple(n for n in NUMBERS["6"] if n != 2), frozenset({1, 33, 65, 97, 129, 161, 193, 225})),
)


class Bars(View):
    """One band. Up and down choose the measure; ok chooses a channel to stay on, or hops again."""

    def __init__(self, band: BandLayout, shared: list[int]) -> None:
        self._band = band
        self._shared = shared  # which of MEASURES, for all bands at once

    @property
    def measure(self) -> str:
        """The meaning of the bars."""
        return MEASURES[self._shared[0]]

    def title(self, state: ScreenState) -> str:
        """Return the band."""
        return f"{self._band.name} GHz"

    def note(self, state: ScreenState) -> str:
        """Return the name of the measure."""
        return self.measure

    def key(self, key: str, gesture: str, state: ScreenState) -> list[Action] | None:
        """Choose a measure, or a channel."""
        if key in {"up", "down"} and gesture in STEPS:
            self._shared[0] = (self._shared[0] + (1 if key == "down" else -1)) % len(MEASURES)
            return []
        if (key, gesture) == ("ok", "short"):
            if state.mode == SCANNING:
                return [Push(unheard_screen())]
            return [Say(UnlockChannel(reason=REASON))] if state.mode == "locked" else [Push(picker_page())]
        return None

    def draw(self, canvas: Canvas, state: ScreenState, top: int) -> None:
        """Draw a bar for each channel, the number below, and the tallest in words."""
        values = self.values(state)
        numbers = self._band.numbers
        unit = canvas.style.unit
        pitch = max(canvas.width // len(numbers), 2)
        start = max((canvas.width - pitch * len(numbers)) // 2, 0)
        wide = max(pitch - (2 if pitch > 4 else 1), 1)
        caption, foot = top + unit, canvas.height - 1 - canvas.face("tiny").height
        low, high = foot - 1, top + 14 * unit
        canvas.text(unit, caption, self._caption(values), "small")
        most = max(values.values(), default=0)
        for i, number in enumerate(numbers):
            x = start + pitch * i
            value = values.get(number, 0)
            if most and value and low > high:
                share = value / most
                canvas.box(
                    x, low - max(round((low - high) * share), 1), x + wide, low, of_strength(round(1 + 3 * share))
                )
            self._foot(canvas, x, wide, foot, number)
            if number == self._here(state):
                canvas.icon(x + (wide - canvas.icon_width("here") + 1) // 2, high - 4 * unit, "here", WARNING)
        canvas.dots(0, low, canvas.width)

    def values(self, state: ScreenState) -> dict[int, float]:
        """Return the values of the bars by channel number."""
        if self.measure == "APs":
            return dict(Counter(row.channel for row in survey_rows.access_points(state) if row.band == self._band.name))
        rows = [row for row in survey_rows.channels(state) if row.band == self._band.name]
        if self.measure == "airtime":
            return {row.channel: row.airtime_us for row in rows if row.airtime_us}
        return {row.channel: row.frames for row in rows if row.frames}

    def _caption(self, values: dict[int, float]) -> str:
        if not values:
            return "nothing heard here"
        number = max(values, key=lambda channel: (values[channel], -channel))
        if self.measure == "airtime":
            return f"most on {number}: {values[number] / sum(values.values()):.0%} of band"
        return f"most on {number}: {short_count(values[number])} of {short_count(sum(values.values()))}"

    def _foot(self, canvas: Canvas, x: int, wide: int, y: int, number: int) -> None:
        if number not in self._band.named:
            return
        text = str(number)
        width = canvas.face("tiny").width(text) - 1
        canvas.text(max(min(x + (wide - width) // 2, canvas.width - width), 0), y + 1, text, "tiny", MUTED)

    def _here(self, state: ScreenState) -> int:
        """Return the number of the channel that the radio listens on; 0 if it is in another band."""
        if band_of(state.freq) != self._band.name:
            return 0
        return next((n for n in self._band.numbers if frequency(self._band.name, n) == state.freq), 0)


def channels_page() -> Page:
    """Return the screen of all bands."""
    shared = [0]
    return Page("channels", *(Bars(band, shared) for band in BANDS))

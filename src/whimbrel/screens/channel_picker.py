"""A channel to stay on, chosen from those where something was heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.radio import LockChannel
from whimbrel.screens import survey_rows
from whimbrel.screens.listing import Listing, RowArea, put, put_small
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Pop, Say, Screen
from whimbrel.wifi.channels import NUMBERS, Channel, frequency

if TYPE_CHECKING:
    from whimbrel.screens.canvas import Canvas
    from whimbrel.screens.state import ScreenState

_REASON = "requested on the screen"


class ChannelChoice(NamedTuple):
    """One channel, and how many access points are on it."""

    channel: Channel
    access_points: int


class Picker(Listing[ChannelChoice]):
    """The channels by frequency."""

    def rows(self, state: ScreenState) -> Sequence[ChannelChoice]:
        """Return where something was heard, and all of 2.4 GHz, which every radio can tune to."""
        counts = Counter(row.freq for row in survey_rows.access_points(state))
        heard = {row.freq for row in survey_rows.channels(state) if row.channel and row.freq}
        always = {frequency("2.4", number) for number in NUMBERS["2.4"][:13]}
        return [ChannelChoice(Channel(freq), counts[freq]) for freq in sorted(heard | always)]

    def identity(self, row: ChannelChoice) -> Hashable:
        """Return the frequency."""
        return row.channel.freq

    def draw_row(self, canvas: Canvas, line: RowArea, row: ChannelChoice, state: ScreenState) -> None:
        """Draw the number, the frequency, and how many access points are there."""
        text = f"{row.access_points} AP" if row.access_points else ""
        right = put_small(canvas, line, line.right, text)
        label = str(row.channel).rjust(3).ljust(4)  # one with its band needs the room of the gap
        put(canvas, line, line.left, right, f"{label} {row.channel.freq} MHz")

    def opened(self, row: ChannelChoice, state: ScreenState) -> list[Action]:
        """Stay there."""
        return [Say(LockChannel(channel=row.channel, reason=_REASON)), Pop()]


def picker_page() -> Screen:
    """Return the screen to choose a channel on."""
    return Page("stay on channel", Picker())

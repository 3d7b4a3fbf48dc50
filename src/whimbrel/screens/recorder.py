"""The flight recorder: its activity, its files, and a line to keep the recent frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whimbrel.events.recording import KeepRecording, RecorderState
from whimbrel.screens.listing import Fact, Facts
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import Page
from whimbrel.screens.screen import Action, Say, Screen
from whimbrel.screens.survey_pages import REASON
from whimbrel.wording.quantities import octets, short_count, span

if TYPE_CHECKING:
    from whimbrel.screens.state import ScreenState

_KEEP = "keep this"
_AT_HOME = {"nothing": "nothing recorded", "guarded": "guarded only"}


class RecorderFacts(Facts):
    """The recorder's state; ok on the first line keeps the recent frames."""

    empty = "not known yet"

    def __init__(self) -> None:
        super().__init__(_facts, MessageScreen)

    def note(self, state: ScreenState) -> str:
        """Return the mode of continuous recording."""
        known = state.latest(RecorderState)
        return known.mode if known else ""

    def opened(self, row: Fact, state: ScreenState) -> list[Action]:
        """Keep it, or show a line whole."""
        return [Say(KeepRecording(reason=REASON))] if row.label == _KEEP else super().opened(row, state)


def recorder_page() -> Screen:
    """Return the screen of the recorder."""
    return Page("recorder", RecorderFacts())


def _facts(state: ScreenState) -> Sequence[Fact]:
    known = state.latest(RecorderState)
    if known is None:
        return []
    facts = [Fact(_KEEP, f"last {span(round(known.ring_seconds))}")]
    if known.problem:
        facts.append(Fact("problem", known.problem))
    if known.home:
        facts.append(Fact("at home", _AT_HOME.get(known.home, known.home)))
    # The day is usually today; the reason of a recording needs the room.
    going = ", ".join(name.partition("Z-")[2] or name for name in known.recording) or "nothing"
    facts.append(
        Fact("now", f"{octets(known.octets)}, {short_count(known.frames)} frames" if known.recording else going)
    )
    if known.recording:
        facts.append(Fact("into", going))
    facts += [
        Fact("files", f"{known.recordings}, {octets(known.used)}"),
        Fact("free", octets(known.free)),
    ]
    if known.lost:
        facts.append(Fact("not kept", f"{short_count(known.lost)} frames"))
    if known.late:
        facts.append(Fact("late", f"{short_count(known.late)}, {known.latest:.1f} s"))
    facts.append(Fact("written", f"{octets(known.last_hour)} in 1 h"))
    return facts

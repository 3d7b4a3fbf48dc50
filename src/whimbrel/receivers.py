"""The receivers by their events: what each one does at present. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from whimbrel.events.base import Event
from whimbrel.events.radio import (
    ChannelsShared,
    HoppingChanged,
    ListeningChanged,
    ProbingChanged,
    RadioBlind,
    RadioClosed,
    RadioOpened,
    RadioRecovered,
    RadioReport,
)
from whimbrel.rows import ReceiverRow

KINDS: tuple[type, ...] = (
    RadioOpened, RadioClosed, RadioBlind, RadioRecovered, RadioReport, HoppingChanged, ListeningChanged, ChannelsShared,
    ProbingChanged,
)  # fmt: skip
"""The events that tell of a receiver; of each, the newest is enough."""
SCANNING = "scanning"
"""The mode of one that scans."""
LISTENING, PAUSED, BLIND, CLOSED = "listening", "paused", "blind", "closed"


class Together(NamedTuple):
    """What all receivers are, taken together."""

    state: str = CLOSED
    """paused, blind or closed if all of those that are open are, else listening."""
    lead: ReceiverRow | None = None
    """The open receiver whose mode and channel stand for all: the first that hears more than beacons, else the first;
    None if there is none."""
    faults: tuple[str, ...] = ()
    """The faults of those that are open, after their names where there are several."""
    transmits: bool = False
    """Whether one of them sends probe requests."""

    @property
    def mode(self) -> str:
        """hopping, locked, camping or scanning; empty if it cannot be tuned, or there is none."""
        return self.lead.mode if self.lead else ""


class NewestOfEach:
    """The newest event of each class and module, for those that follow events."""

    def __init__(self) -> None:
        self._newest: dict[type, dict[str, Event]] = {}

    def take(self, event: Event) -> None:
        """Keep an event in place of the one before."""
        self._newest.setdefault(type(event.body), {})[event.source] = event

    def of(self, kind: type) -> list[Event]:
        """Return the newest events of a class, in their order."""
        return sorted(self._newest.get(kind, {}).values())


def receiver_rows(latest_of_each: Callable[[type], Sequence[Event]]) -> tuple[ReceiverRow, ...]:
    """Return the receivers that have ever been opened, the first one first. `latest_of_each` is as that of the bus."""
    newest = {kind: {event.source: event for event in latest_of_each(kind)} for kind in KINDS}
    rows = [_row(name, opened, newest) for name, opened in newest[RadioOpened].items()]
    return tuple(sorted(rows, key=lambda row: (row.number, row.receiver)))


def together(rows: Sequence[ReceiverRow]) -> Together:
    """Return what the receivers of `receiver_rows` are together."""
    open_ = [row for row in rows if row.state != CLOSED]
    if not open_:
        return Together()
    lead = next((row for row in open_ if row.mode != SCANNING), open_[0])
    states = {row.state for row in open_}
    named = len(rows) > 1
    faults = tuple(f"{row.receiver}: {fault}" if named else fault for row in open_ for fault in row.faults)
    state = states.pop() if len(states) == 1 else LISTENING
    return Together(state, lead, faults, any(row.transmits for row in open_))


def radios(latest_of_each: Callable[[type], Sequence[Event]]) -> str:
    """Return the descriptions of the radios that listen: ``phy1mon (phy1, ath9k_htc) and wlan0 (phy0, brcmfmac)``."""
    return " and ".join(row.description for row in receiver_rows(latest_of_each) if row.state != CLOSED)


def heard_and_lost(latest_of_each: Callable[[type], Sequence[Event]]) -> dict[str, tuple[int, int]]:
    """Return for each receiver, by its name, the frames that it has received since it was opened, and those that the
    kernel had no room for."""
    return {row.receiver: (row.received, row.lost) for row in receiver_rows(latest_of_each)}


def _row(name: str, opened: Event, newest: dict[type, dict[str, Event]]) -> ReceiverRow:
    def since(kind: type, before: Event = opened) -> Any:
        """Return the body of the newest event of a kind, if that came after another one."""
        event = newest[kind].get(name)
        return event.body if event is not None and event.seq > before.seq else None

    began: RadioOpened = opened.body
    report: RadioReport | None = since(RadioReport)
    hopping: HoppingChanged | None = since(HoppingChanged)
    shared: ChannelsShared | None = since(ChannelsShared)
    paused: ListeningChanged | None = since(ListeningChanged)
    probing: ProbingChanged | None = since(ProbingChanged)
    state = LISTENING
    if since(RadioClosed) is not None:
        state = CLOSED
    elif paused is not None and paused.paused:
        state = PAUSED
    elif since(RadioBlind) is not None and since(RadioRecovered, newest[RadioBlind][name]) is None:
        state = BLIND
    is_open = state != CLOSED
    mode = SCANNING if began.announcements_only else hopping.mode if hopping is not None else ""
    return ReceiverRow(
        receiver=name,
        number=began.receiver,
        description=began.description,
        driver=began.driver,
        state=state,
        mode=mode if is_open else "",
        channel=str(hopping.channel) if is_open and hopping is not None and hopping.channel else "",
        visited=len(began.channels if shared is None else shared.visited),
        received=report.received if report else 0,
        lost=report.dropped if report else 0,
        rate=round(report.rate, 1) if report and state == LISTENING else 0.0,
        listened=report.listened if report else 0.0,
        faults=report.receiver if report and is_open else (),
        discarded=dict(report.discarded) if report else {},
        transmits=(probing or began).transmits and is_open,
    )

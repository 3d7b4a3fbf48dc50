"""Builds the model of the page from survey and alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from whimbrel.events.alerts import Severity
from whimbrel.reporting.changes import changes
from whimbrel.reporting.charts import chart
from whimbrel.reporting.happenings import anchors, happened, kinds
from whimbrel.reporting.heard import Heard, ListeningSession, Loss
from whimbrel.reporting.hours import hours
from whimbrel.reporting.model import ChannelLine, Kind, LossLine, NumberTile, Part, Report, SessionLine, Weakness
from whimbrel.reporting.networks import Notes, bands, by_band, networks
from whimbrel.reporting.time_line import time_line
from whimbrel.reporting.weaknesses import weaknesses
from whimbrel.rows import ChannelRow, StationRow
from whimbrel.text import harmless, printable
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import count, minute, second, share, short_count, span, zone
from whimbrel.wording.verdicts import verdict

_FIRST = 5
"""Things to do that are named at the top."""


def report(parts: Iterable[Heard], *, made: float, version: str) -> Report:
    """Return the model of a report that is made at `made`, seconds since the epoch, by this `version` of Whimbrel."""
    built = tuple(_part(heard, f"p{number}") for number, heard in enumerate(parts, 1))
    one = built[0] if len(built) == 1 else None
    title = count(len(built), "capture") if one is None else f"Heard by {one.name}" if one.live else one.name
    return Report(title=title, made=minute(made), zone=zone(made), version=printable(version), parts=built)


def _part(heard: Heard, anchor: str) -> Part:
    found = happened(heard.alerts, heard.incidents)
    names = anchors(found, f"{anchor}-")
    explained = kinds(found, names)
    notes = Notes(heard.guarded, heard.earlier)
    weak = weaknesses(heard.alerts, heard.guarded)
    listed, more_changes = changes(heard.changes)
    worst = max((row.severity for row in heard.alerts), key=lambda severity: severity.rank, default=None)
    return Part(
        anchor=anchor,
        name=printable(heard.name),
        live=heard.live,
        period=_period(heard.sessions),
        verdict=_sentence(verdict(worst) if heard.sessions or worst else "nothing was heard"),
        severity=worst.value if worst else "",
        tiles=tuple(_tiles(heard, len(found))),
        actions=tuple(_actions(explained, weak)),
        bands=bands(heard.access_points),
        charts=tuple(chart(band, rows, notes) for band, rows in by_band(heard.access_points).items()),
        channels=tuple(_channels(heard)),
        devices=_devices(heard.stations),
        time_line=time_line(heard.sessions, found, names),
        kinds=explained,
        weaknesses=weak,
        sessions=tuple(map(_session, heard.sessions)),
        losses=tuple(_loss(loss) for loss in heard.losses if loss.number),
        lossless=", ".join(harmless(loss.what) for loss in heard.losses if not loss.number),
        remarks=tuple(map(harmless, heard.remarks)),
        changes=listed,
        more_changes=more_changes,
        hours=hours(heard.hours, heard.crowds, heard.step),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _period(sessions: Sequence[ListeningSession]) -> str:
    if not sessions:
        return ""
    return f"{minute(sessions[0].began)} to {minute(max(session.ended for session in sessions))}"


def _tiles(heard: Heard, happenings: int) -> Iterator[NumberTile]:
    number = networks(heard.access_points)
    weak = sum(row.severity is Severity.WEAKNESS for row in heard.alerts)
    listened = sum(session.ended - session.began for session in heard.sessions)
    frames = sum(session.frames for session in heard.sessions)
    yield NumberTile(value=str(number), label="network" if number == 1 else "networks")
    yield NumberTile(value=str(len(heard.access_points)), label="access points")
    yield NumberTile(value=str(len(heard.stations)), label="devices")
    yield NumberTile(value=str(happenings), label="incident" if happenings == 1 else "incidents")
    yield NumberTile(value=str(weak), label="weaknesses")
    yield NumberTile(value=span(listened), label=f"listened, {short_count(frames)} frames")


def _actions(found: Sequence[Kind], weak: Sequence[Weakness]) -> Iterator[tuple[str, str]]:
    """Yield the most important advice: attacks first, then weaknesses."""
    pressing = [(kind.title, kind.advice) for kind in found if kind.severity != Severity.NOTICE]
    yield from [*pressing, *((each.title, each.advice) for each in weak)][:_FIRST]


def _channels(heard: Heard) -> Iterator[ChannelLine]:
    members = Counter(row.freq for row in heard.access_points)
    most = max((row.airtime_us for row in heard.channels), default=0)
    for row in heard.channels:
        yield ChannelLine(
            channel=_channel(row),
            frames=short_count(row.frames),
            airtime=span(row.airtime_us / 1e6),
            share=100 * row.airtime_us / most if most else 0.0,
            retries=share(row.retries / row.frames if row.frames else None),
            access_points=members[row.freq],
        )


def _channel(row: ChannelRow) -> str:
    label = channel_label(row.freq, row.channel)
    return f"{label} ({row.freq} MHz)" if label and row.freq else f"{row.freq} MHz" if row.freq else "not told"


def _devices(stations: Sequence[StationRow]) -> str:
    if not stations:
        return "No device was heard."
    made_up = sum(row.randomised for row in stations)
    working = sum(row.bssid is not None for row in stations)
    return (
        f"{count(len(stations), 'device')} besides the access points: {working} worked with a network that was heard, "
        f"{made_up} had a random address, as phones make them up. They are counted here and not listed, since this "
        "page is made to be handed on."
    )


def _session(session: ListeningSession) -> SessionLine:
    return SessionLine(
        began=second(session.began),
        ended=second(session.ended),
        lasted=span(session.ended - session.began),
        place=printable(session.place),
        frames=str(session.frames),
        lost=str(session.lost),
    )


def _loss(loss: Loss) -> LossLine:
    return LossLine(what=harmless(loss.what), number=str(loss.number), meaning=harmless(loss.meaning))

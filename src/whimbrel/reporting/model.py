"""The report as a template needs it: words and numbers, in order. All text is printable (`whimbrel.text`)."""

from __future__ import annotations

from whimbrel.record import Record


class ProtectionShare(Record):
    """Protection of some networks, in a chart and its legend."""

    name: str
    """For people."""
    style: str
    """Class of the style sheet: a word of letters."""
    number: int
    """How many access points."""
    start: float
    """Where its stretch of the bar begins, in per cent."""
    length: float
    """How long that is, in per cent."""


class AccessPointLine(Record):
    """A row of the table of access points."""

    name: str
    """Of the network; empty if it is hidden."""
    note: str
    """Remarks on the name, joined by commas: hidden, mesh, ad hoc, yours."""
    bssid: str
    made: str
    """Vendor and generation."""
    channel: str
    """With its width, as ``36/80``."""
    security: str
    style: str
    """Class of the style sheet for its protection."""
    pmf: str
    wps: bool
    level: str
    """As text, with its unit."""
    strength: float
    """How far a meter goes, in per cent."""
    stations: int


class Hump(Record):
    """An access point in the chart of its band."""

    path: str
    """Outline, in thousandths of the width and per cent of the height."""
    style: str
    title: str


class ChartText(Record):
    """A text in a chart, or a line of its grid."""

    at: float
    """Place along the axis, in per cent."""
    height: float = 0.0
    """Distance from the top, in per cent."""
    text: str
    narrow: bool = True
    """Whether there is room for it on the screen of a phone too."""


class Chart(Record):
    """The access points of a band over its channels."""

    band: str
    """As ``2.4 GHz``."""
    humps: tuple[Hump, ...]
    """The weakest first: the strong ones are drawn over them."""
    names: tuple[ChartText, ...]
    channels: tuple[ChartText, ...]
    levels: tuple[ChartText, ...]
    left_out: int
    """Access points that are not drawn: the weakest ones."""
    access_points: tuple[AccessPointLine, ...]
    """By channel, and there the strongest first."""
    more: int
    """Access points that the table has no room for: the weakest ones."""


class ChannelLine(Record):
    """A row of the table of channels."""

    channel: str
    frames: str
    airtime: str
    share: float
    """Of the airtime of the busiest channel, in per cent."""
    retries: str
    access_points: int


class PartLine(Record):
    """One of several alerts that an incident consists of."""

    when: str
    title: str
    severity: str
    text: str
    """The evidence in words."""


class Occurrence(Record):
    """One thing that happened, with its evidence."""

    anchor: str
    """Its name within the page: letters and digits."""
    number: str
    """Id of the alert or incident."""
    severity: str
    confidence: str
    when: str
    lasted: str
    state: str
    text: str
    """The evidence in words."""
    facts: tuple[tuple[str, str], ...]
    """Label and value."""
    parts: tuple[PartLine, ...]
    """The alerts that it consists of, where there are several."""


class Kind(Record):
    """Everything of one kind that happened, explained once."""

    title: str
    severity: str
    """The worst."""
    rules: str
    """Names of its detections."""
    meaning: str
    advice: str
    fooled_by: str
    reference: str
    number: int
    """How often it happened."""
    occurrences: tuple[Occurrence, ...]
    """The oldest first."""
    left_out: int
    """The number left out for lack of room."""


class Bar(Record):
    """Something in the time line."""

    start: float
    """In per cent of its width."""
    length: float
    """In per cent of its width; 0 for a moment."""
    style: str
    title: str
    anchor: str
    """The anchor of the details on the page; empty if there are none."""


class Lane(Record):
    """A line of the time line."""

    title: str
    bars: tuple[Bar, ...]


class TimeLine(Record):
    """The time line of occurrences."""

    lanes: tuple[Lane, ...]
    ticks: tuple[ChartText, ...]
    span: str
    """From when to when."""


class ChangeLine(Record):
    """A row of the table of changed announcements."""

    when: str
    name: str
    """Of the network; empty if it is hidden."""
    bssid: str
    what: str
    """Which property."""
    before: str
    after: str


class Square(Record):
    """The traffic of a channel in an interval."""

    start: float
    """In per cent of the width."""
    length: float
    """In per cent of the width."""
    strength: float
    """Of its colour, up to 1."""
    title: str


class HoursLane(Record):
    """A channel."""

    channel: str
    squares: tuple[Square, ...]


class StretchLine(Record):
    """A row of the table of stretches of time."""

    began: str
    frames: str
    airtime: str
    busiest: str
    """Channel."""
    access_points: str
    """The most at once; empty if unknown."""
    devices: str
    """The most at once; empty if unknown."""


class Hours(Record):
    """The traffic of the channels by the hour."""

    lanes: tuple[HoursLane, ...]
    """By frequency."""
    ticks: tuple[ChartText, ...]
    span: str
    """From when to when."""
    step: str
    """How long a stretch is: ``hour``, ``4 hours``."""
    left_out: int
    """Channels that are not drawn: those that carried least."""
    stretches: tuple[StretchLine, ...]


class Weakness(Record):
    """A kind of weakness, with the affected networks."""

    title: str
    rule: str
    meaning: str
    advice: str
    reference: str
    number: int
    """How many access points or devices."""
    rows: tuple[WeaknessLine, ...]
    left_out: int


class WeaknessLine(Record):
    """A network with a weakness, or a device."""

    name: str
    addresses: tuple[str, ...]
    more: int
    """Addresses that are not named."""
    channels: str
    text: str
    """The evidence in words, of one of them."""


class SessionLine(Record):
    """A row of the table of times of listening."""

    began: str
    ended: str
    lasted: str
    place: str
    frames: str
    lost: str


class LossLine(Record):
    """A row of the table of losses."""

    what: str
    number: str
    meaning: str


class NumberTile(Record):
    """A number at a glance."""

    value: str
    label: str


class Part(Record):
    """The results of one run."""

    anchor: str
    name: str
    live: bool
    period: str
    verdict: str
    severity: str
    """The worst one; empty if nothing is wrong."""
    tiles: tuple[NumberTile, ...]
    actions: tuple[tuple[str, str], ...]
    """The first things to do: title and advice."""
    bands: tuple[ProtectionShare, ...]
    charts: tuple[Chart, ...]
    channels: tuple[ChannelLine, ...]
    devices: str
    time_line: TimeLine | None
    kinds: tuple[Kind, ...]
    """The worst first."""
    weaknesses: tuple[Weakness, ...]
    sessions: tuple[SessionLine, ...]
    losses: tuple[LossLine, ...]
    """The losses."""
    lossless: str
    """The kinds of loss that were checked and did not occur, joined by commas."""
    remarks: tuple[str, ...]
    changes: tuple[ChangeLine, ...]
    """The newest first."""
    more_changes: int
    """How many there is no room for."""
    hours: Hours | None


class Report(Record):
    """Everything on the page."""

    title: str
    made: str
    """When."""
    zone: str
    """The time zone: ``UTC+01:00``."""
    version: str
    """Of Whimbrel."""
    parts: tuple[Part, ...]

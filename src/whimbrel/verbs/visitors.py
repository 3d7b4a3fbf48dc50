"""Who was near, and who of them belongs here."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Query, Verb


class VisitorRow(Record):
    """A device that was near. Times are seconds since the epoch."""

    address: bytes
    """Of a station or an access point, 6 octets."""
    vendor: str
    """Who made it, by the address; empty if unknown."""
    randomised: bool
    """Whether the address is locally administered, as phones make them up."""
    places: int
    """At how many places it was near, the user's own left out."""
    windows: int
    """In how many windows of five minutes, there."""
    at_home: int
    """In how many windows of five minutes at the user's own places."""
    first: float
    """When it was first near, away from the user's own places where it was there."""
    last: float
    """When it was last near."""


class Visitors(Record):
    """Who was near."""

    visitors: tuple[VisitorRow, ...]
    """Who comes closest to following first; at most 64."""
    left_out: int
    """How many more there are."""
    near: int
    """Devices that were near at the last look."""
    random: int
    """Those of them that make up their addresses: under another one they are not recognised."""


class Ignored(Record):
    """Who belongs here, and follows nobody."""

    file: str
    """Path of the file of their addresses, which may be edited."""
    addresses: tuple[bytes, ...]
    """All of them."""
    changed: int
    """How many were added or taken out."""


_ADDRESSES = "whom; those who are near now without, all of the list where they are to be forgotten?"
VISITORS = Query("visitors", Visitors, "who was near, who comes closest to following first")
IGNORED = Query("ignored", Ignored, "who belongs here, and follows nobody")
IGNORE = Verb(
    "ignore",
    Ignored,
    "devices belong here, and follow nobody",
    addresses=_ADDRESSES,
    forget="true to take them out of the list?",
)
VERBS: tuple[Verb[object], ...] = (VISITORS, IGNORED, IGNORE)

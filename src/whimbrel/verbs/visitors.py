"""Devices that were near, and the ignored ones."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Query, Verb


class VisitorRow(Record):
    """A device that was near. Times are seconds since the epoch."""

    address: bytes
    """Of a station or an access point, 6 octets."""
    vendor: str
    """Its maker, by the address; empty if unknown."""
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
    """The devices that were near."""

    visitors: tuple[VisitorRow, ...]
    """The most likely followers first; at most 64."""
    left_out: int
    """How many more there are."""
    near: int
    """Devices that were near at the last look."""
    random: int
    """The number of them with random addresses: with a new address they are not recognised."""


class Ignored(Record):
    """The ignored devices, which are no followers."""

    file: str
    """Path of the file of their addresses, which may be edited."""
    addresses: tuple[bytes, ...]
    """All of them."""
    changed: int
    """How many were added or taken out."""


_ADDRESSES = "the devices; default: those near now, or with forget all on the list?"
VISITORS = Query("visitors", Visitors, "devices that were near, the most likely followers first")
IGNORED = Query("ignored", Ignored, "who belongs here, and follows nobody")
IGNORE = Verb(
    "ignore",
    Ignored,
    "devices belong here, and follow nobody",
    addresses=_ADDRESSES,
    forget="true to take them out of the list?",
)
VERBS: tuple[Verb[object], ...] = (VISITORS, IGNORED, IGNORE)

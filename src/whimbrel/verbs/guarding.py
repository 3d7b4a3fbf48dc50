"""Verbs about the user's own networks."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Query, Verb
from whimbrel.wifi.security import Pmf, Protection


class NetworkRow(Record):
    """A guarded network; empty values are not checked."""

    ssid: bytes
    """Its name."""
    bssids: tuple[bytes, ...]
    """Its access points."""
    channels: tuple[str, ...]
    """Its allowed channels, such as ``36/80``."""
    security: tuple[Protection, ...]
    """Its allowed protection."""
    pmf: Pmf | None
    """The least allowed protection of management frames."""
    source: str
    """settings or learned; heard for one that was just found."""
    stations: tuple[bytes, ...] = ()
    """Its devices; none if any may join."""


class Guarded(Record):
    """The guarded networks."""

    file: str
    """Path of the file of the learned ones."""
    networks: tuple[NetworkRow, ...]
    """Those of the settings first."""


class DoubtRow(Record):
    """A doubt about learning a network."""

    ssid: bytes
    """Its name."""
    text: str
    """One sentence."""


class Learned(Record):
    """The result of learning."""

    networks: tuple[NetworkRow, ...]
    """The networks in their present state."""
    doubts: tuple[DoubtRow, ...]
    """Doubts; if there are any, nothing is written unless `sure` is set."""
    written: bool
    """Whether they are guarded from now on."""
    file: str
    """Path of the file of the learned ones."""


class Forgotten(Record):
    """A network that is no longer guarded."""

    ssid: bytes
    """Its name."""
    file: str
    """Path of the file of the learned ones."""


GUARDED = Query("guarded", Guarded, "the guarded networks")
LEARN = Verb(
    "learn",
    Learned,
    "guard networks in their present state",
    ssids="SSIDs in the notation of the settings, hex:… for those that are no text?",
    bssid="or an access point's address?",
    channels="true: another channel is an alert too?",
    devices="true: another device is an alert too?",
    sure="true: even if there are doubts?",
    dry_run="true: only report what would be learned?",
)
FORGET = Verb("forget", Forgotten, "stop guarding a learned network", ssid="its SSID")
VERBS: tuple[Verb[object], ...] = (GUARDED, LEARN, FORGET)

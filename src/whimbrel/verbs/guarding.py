"""The networks that are the user's own."""

from __future__ import annotations

from whimbrel.record import Record
from whimbrel.verbs.declare import Verb
from whimbrel.wifi.security import Pmf, Protection


class NetworkRow(Record):
    """A network as it is guarded; what is empty is not checked."""

    ssid: bytes
    """Its name."""
    bssids: tuple[bytes, ...]
    """Its access points."""
    channels: tuple[str, ...]
    """Where it may be, as ``36/80``."""
    security: tuple[Protection, ...]
    """How it may be protected."""
    pmf: Pmf | None
    """The least protection of management frames that it has."""
    source: str
    """settings or learned; heard for what was just found."""


class Guarded(Record):
    """The networks that are guarded."""

    file: str
    """Path of the file of the learned ones."""
    networks: tuple[NetworkRow, ...]
    """Those of the settings first."""


class DoubtRow(Record):
    """What speaks against learning a network."""

    ssid: bytes
    """Its name."""
    text: str
    """One sentence."""


class Learned(Record):
    """What came of learning."""

    networks: tuple[NetworkRow, ...]
    """As they are heard."""
    doubts: tuple[DoubtRow, ...]
    """What speaks against it; with any, nothing is written unless that is asked for."""
    written: bool
    """Whether they are guarded from now on."""
    file: str
    """Path of the file of the learned ones."""


class Forgotten(Record):
    """A network that is guarded no longer."""

    ssid: bytes
    """Its name."""
    file: str
    """Path of the file of the learned ones."""


GUARDED = Verb("guarded", Guarded, "the networks that are guarded")
LEARN = Verb(
    "learn",
    Learned,
    "guard networks as they are heard now",
    ssids="names as in the settings, hex:… for what is no text?",
    bssid="or an access point's address?",
    channels="true: another channel is an alert too?",
    sure="true: also where there are doubts?",
    dry_run="true: only say what would be learned?",
)
FORGET = Verb("forget", Forgotten, "guard a learned network no longer", ssid="its name")
VERBS: tuple[Verb[object], ...] = (GUARDED, LEARN, FORGET)

"""The settings of the history."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from whimbrel.settings import Duration, Size, frozen, setting


@frozen
class HistorySettings:
    """The path of the history, its contents, and its limits."""

    file: Path | None = setting(
        None,
        help="The file; null: history.db in the service's state directory (/var/lib/whimbrel), or in "
        "~/.local/state/whimbrel.",
    )
    commit: Duration = setting(
        Duration(60.0),
        low=1.0,
        high=3600.0,
        help="How often new entries are written to the card; alerts and acknowledgements are written at once.",
    )
    keep: Duration = setting(
        Duration(400 * 86400.0),
        low=3600.0,
        help="Older entries are deleted; after a leap of the clock of more than a month, only after two days.",
    )
    size: Size = setting(
        Size(64 << 20),
        low=1 << 20,
        help="Limit of the file; beyond it, the oldest entries are deleted, and last the alerts that nobody has seen.",
    )
    stations: Literal["none", "relevant", "all"] = setting(
        "relevant",
        help="Which stations are kept: none; relevant, those that work with a guarded network or are part of an alert; "
        "all. Those with random (locally administered) addresses are counted, and never kept.",
    )
    evidence: Size = setting(
        Size(8 << 10), low=0, high=1 << 16, help="Octets of frames kept with an alert; 0 for none."
    )
    sightings: int = setting(
        4096,
        low=0,
        high=65536,
        help="Limit of access points whose positions outlast a restart (with the module position); those "
        "silent for longest are dropped; 0 for none.",
    )
    place: str = setting("", help="Where the device is, in your own words: kept with each time of listening.")
    backlog: int = setting(
        4000,
        low=1000,
        help="Limit of entries that wait while the card fails; beyond it, the least important are lost, and counted.",
    )

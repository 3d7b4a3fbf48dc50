"""What can be set of the history."""

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
        help="How often what is new goes to the card, all at once; alerts, and what was acknowledged, go at once.",
    )
    keep: Duration = setting(Duration(400 * 86400.0), low=3600.0, help="What is older than this is forgotten.")
    size: Size = setting(
        Size(64 << 20), low=1 << 20, help="How large the file may grow; beyond that, the oldest is forgotten."
    )
    stations: Literal["none", "relevant", "all"] = setting(
        "relevant",
        help="Which stations are kept: none; relevant, those that work with a guarded network or are part of an alert; "
        "all. Those with random (locally administered) addresses are counted, and never kept.",
    )
    evidence: Size = setting(
        Size(8 << 10), low=0, high=1 << 16, help="Octets of frames that are kept with an alert; 0 for none."
    )
    sightings: int = setting(
        4096,
        low=0,
        high=65536,
        help="Access points whose positions outlast a restart, where the module position knows where this is; those "
        "that were not heard for longest make room; 0 for none.",
    )
    place: str = setting("", help="Where the device is, in your own words: kept with each time of listening.")
    backlog: int = setting(
        4000,
        low=1000,
        help="Entries that wait while the card fails; beyond that, what matters least is lost, and counted.",
    )

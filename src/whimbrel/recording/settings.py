"""The settings of the recorder."""

from __future__ import annotations

from pathlib import Path

from whimbrel.events.alerts import Severity
from whimbrel.recording.selection import Mode, Payload
from whimbrel.settings import Duration, Size, frozen, setting


@frozen
class RecorderSettings:
    """The recorded frames, their folder, and the tolerated losses."""

    mode: Mode = setting(
        Mode.OFF,
        help="What is recorded all the time, beside incidents: all, interesting (management, EAPOL, evidence of "
        "alerts) or off.",
    )
    folder: Path | None = setting(
        None,
        help="Folder of the recordings; null: recordings in the service's state directory (/var/lib/whimbrel), or in "
        "~/.local/state/whimbrel.",
    )
    ring: Size = setting(
        Size(8 << 20), low=1 << 16, high=1 << 28, help="Memory for the last frames, from which an incident is recorded."
    )
    before: Duration = setting(
        Duration(60.0), low=0, high=3600, help="How far back that goes at most, in time of the frames."
    )
    after: Duration = setting(Duration(30.0), low=0, high=3600, help="How long the recording of an incident continues.")
    freeze: Severity | None = setting(
        Severity.WARNING,
        help="The least severity of recorded incidents: weakness, notice, warning, critical; null for none.",
    )
    alerts_an_hour: Size = setting(
        Size(64 << 20), low=0, help="Limit of the recordings of incidents in an hour; the first one is always recorded."
    )
    lose_at_most: Duration = setting(
        Duration(5.0),
        low=0.5,
        high=600,
        help="What a loss of power may take of the recordings: every frame older than this is on the card. Less is "
        "more writes, and so more wear.",
    )
    file_size: Size = setting(Size(16 << 20), low=1 << 16, high=1 << 32, help="A file that is larger is ended.")
    file_time: Duration = setting(Duration(3600.0), low=1, help="The length of a file of the continuous recording.")
    folder_size: Size = setting(
        Size(256 << 20),
        low=1 << 16,
        help="Limit of all recordings together; the oldest are deleted, but never kept ones.",
    )
    least_free: Size = setting(
        Size(128 << 20),
        low=0,
        help="Space that stays free for other programs; the oldest recordings are deleted for it too.",
    )
    payload: Payload = setting(
        Payload.CUT,
        help="What becomes of the encrypted part of data frames: cut, or keep. It is most of what is in the air, and "
        "nothing here reads it.",
    )
    snap_length: int = setting(
        0, low=0, high=262_144, help="Octets of a frame that are recorded, its radiotap header included; 0 for all."
    )
    waiting: Size = setting(
        Size(4 << 20), low=1 << 16, high=1 << 28,
        help="Memory for frames that wait for a slow card; beyond that they are lost, and counted. Those of incidents "
        "may take twice as much.",
    )  # fmt: skip
    backlog: int = setting(
        1024,
        low=1,
        help="Batches of frames that may wait for it, of 4 MiB at most; beyond that, the oldest are lost and counted.",
    )

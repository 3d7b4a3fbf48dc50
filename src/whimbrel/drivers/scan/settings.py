"""The settings of listening by scanning."""

from __future__ import annotations

from whimbrel.settings import Duration, frozen, setting


@frozen
class ScanSettings:
    """Beacons from the kernel's passive scan, by any radio of this machine, without monitor mode."""

    radio: str | None = setting(
        None,
        help="The radio: its name (phy0), interface (wlan0), USB place (usb:1-1.2), driver (driver:brcmfmac) or "
        "address. Null: the first unused one.",
    )
    pause: Duration = setting(Duration(3.0), low=0.5, high=20, help="Time between two scans.")
    connected: bool = setting(
        False,
        help="Whether a radio that is connected to a network may be scanned too, gently: a few channels at a time. "
        "Meanwhile its connection waits.",
    )
    connected_channels: int = setting(
        4, low=1, high=64, help="Channels of each such scan; each takes about a ninth of a second."
    )
    connected_pause: Duration = setting(Duration(10.0), low=2, high=20, help="Time between two such scans.")
    active: bool = setting(
        False,
        help="Whether scans may send the broadcast probe requests that every phone sends: the only transmission of "
        "Whimbrel. Hidden or quiet networks answer sooner. Off, nothing is transmitted.",
    )
    active_pause: Duration = setting(
        Duration(60.0),
        low=30,
        high=3600,
        help="Least time between two scans that send, if active; the others only listen.",
    )

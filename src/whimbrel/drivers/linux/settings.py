"""The settings of a live capture."""

from __future__ import annotations

from whimbrel.drivers.linux.filter import FrameClass
from whimbrel.settings import Size, frozen, setting


@frozen
class LinuxSettings:
    """Frames from a monitor interface of this machine."""

    interface: str | None = setting(None, help="The monitor interface to capture from. Null: one is made on the radio.")
    radio: str | None = setting(
        None,
        help="The radio on which a monitor interface is made if no interface is named: its name (phy0; 'iw phy' lists "
        "them), which changes when it is plugged in again, its USB place (usb:1-1.2), driver (driver:ath9k_htc) or "
        "address. Null: the first unused one that supports it.",
    )
    frames: tuple[FrameClass, ...] = setting(
        (FrameClass.ALL,),
        help="Frames to capture: all; management (or of it beacons, probes, association, authentication, "
        "disconnection, action); control (or reservation, acknowledgement, power-save); data (or null-data, "
        "clear-data, eapol); extension. The others stay in the kernel and cost next to nothing. A board that cannot "
        "keep up can use [management, eapol]: it loses the traffic statistics and the attacks by control frames.",
    )
    filter: str = setting(
        "",
        help="A filter expression (pcap-filter(7)) that frames must match too: 'not wlan addr2 02:00:00:00:00:01'. "
        "Needs the package libpcap0.8.",
    )
    thin: bool = setting(
        False,
        help="Have the kernel only count frames that repeat (beacons that say what the last one said, "
        "acknowledgements): the survey and the detections find the same. An experiment: it has not saved anything "
        "yet. Not while frames are recorded, or with a filter; docs/thinning.md has what it needs.",
    )
    buffer: Size = setting(
        Size(2 * 1024 * 1024),
        low=128 * 1024,
        high=64 * 1024 * 1024,
        help="Memory for frames waiting in the kernel: 2MiB holds about 5,000, a second of busy air.",
    )

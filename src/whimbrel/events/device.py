"""Events of the device: its display and its state."""

from __future__ import annotations

from whimbrel.events.base import Body, Level
from whimbrel.rows import AccessPointRow, ChannelRow, StationRow, Totals


class AirSnapshot(Body, level=Level.DEBUG, bulky=True):
    """The present survey, for screens; sent about twice a second while there is a listener."""

    access_points: tuple[AccessPointRow, ...]
    """The most recently heard first."""
    stations: tuple[StationRow, ...]
    """The most recently heard first."""
    channels: tuple[ChannelRow, ...]
    """By frequency."""
    totals: Totals
    """Counts since the start."""


class LastSnapshot(AirSnapshot, level=Level.DEBUG, bulky=True):
    """The survey at the watcher's end with the daemon, for storage; no frames follow."""


class SystemReport(Body, level=Level.DEBUG):
    """The state of the board, every few seconds. None for unknown values."""

    cpu: float | None
    """Share of all cores' time since the previous report, 0 to 1."""
    memory_used: int
    """Octets in use, caches excluded; 0 if unknown."""
    memory_total: int
    """Octets; 0 if unknown."""
    resident: int
    """Octets of this process that are in memory; 0 if unknown."""
    temperature: float | None
    """Degrees Celsius of the processor."""
    throttled: str
    """The reason for which the firmware slows the board down: under-voltage, or empty; unknown on a Zero
    (docs/hardware.md)."""
    disk_used: float | None
    """Share of the root file system in use, 0 to 1."""
    uptime: float
    """Seconds since the board has started."""
    battery: float | None
    """Charge, 0 to 1."""
    addresses: tuple[tuple[str, str], ...]
    """Interface and IP address, for those that are up."""
    losses: tuple[tuple[str, int], ...]
    """Where something was lost, and how much since the start: kernel, bus, disk."""
    receiver: tuple[str, ...] = ()
    """The problem of the receiver (`whimbrel.events.radio.ReceiverJudged`)."""
    discarded: tuple[tuple[str, int], ...] = ()
    """Why nothing is learned from some frames, and from how many of them."""
    charging: bool | None = None
    """Whether the battery gets power from outside; None if unknown."""
    battery_low: bool = False
    """Whether there is a warning of its charge (`modules.system.battery_low`)."""


class ReachReport(Body, level=Level.DEBUG):
    """The state of reach, the second process, as far as the panel shows it; published when it has changed."""

    there: bool
    """Whether it runs."""
    page: str = ""
    """Address of the web page, without its token; empty for none."""
    broker: str = ""
    """connected, or why not; empty without a broker."""
    log_server: str = ""
    """connected, or why not; empty without one."""
    sent: str = ""
    """The first line of the last message to a person; empty before the first."""
    sent_by: str = ""
    """How it was sent."""
    sent_at: float = 0.0
    """Seconds since the epoch."""
    waiting: int = 0
    """How much waits for a broker, a log server or a message."""


class PowerWanted(Body, level=Level.NOTICE):
    """Command: end the board's run. Only after a key was held on purpose."""

    what: str
    """shutdown or reboot."""


class PowerOffered(Body, level=Level.DEBUG):
    """The possible requests of `PowerWanted` on this device."""

    commands: tuple[str, ...]
    """shutdown, reboot: those with a program in the settings."""


class CopyWanted(Body, level=Level.INFO):
    """Command: copy recordings and reports to the partition of the card that every computer reads."""

    reason: str = ""
    """Who asks, and why."""


class SecurityUpdatesWanted(Body, level=Level.INFO):
    """Command: install Debian's security updates, over the network."""

    reason: str = ""
    """Who asks, and why."""


class SecurityUpdated(Body, level=Level.NOTICE):
    """What came of a `SecurityUpdatesWanted`."""

    packages: int
    """That were renewed. Programs that run go on with the old ones until the next start."""
    problem: str = ""
    """Why it did not end as it should; empty where it did."""
    answers: int = 0
    """The `seq` of the command; 0 for the control socket."""

    @property
    def urgency(self) -> Level:
        """A problem is a warning."""
        return Level.WARNING if self.problem else self.level


class TimeWanted(Body, level=Level.NOTICE):
    """Command: set the clock of the system to the time that a person gives."""

    time: float
    """Seconds since the epoch, now."""
    reason: str = ""
    """Who asks, and why."""


class TimeSet(Body, level=Level.NOTICE):
    """What came of a `TimeWanted`."""

    problem: str = ""
    """Why the clock was not set; empty where it was."""
    answers: int = 0
    """The `seq` of the command; 0 for the control socket."""

    @property
    def urgency(self) -> Level:
        """A problem is a warning."""
        return Level.WARNING if self.problem else self.level


SOURCE = "source"
"""Who has told the time (`TimeJudged.by`) where the frames have a time of their own."""


class TimeJudged(Body, level=Level.INFO):
    """Whether the time is known; published at the start, and whenever somebody else has told it. What was stamped
    before in this run has the right time from then on: a clock that was set has moved it (`ClockStepped`)."""

    known: bool
    """Whether somebody has told it since the board's start; otherwise it is an estimate."""
    by: str = ""
    """network, person (by the panel, the page, a command or device.txt), rtc (a clock with a battery), or source (a
    capture file or a simulated air); empty for nobody."""

    @property
    def urgency(self) -> Level:
        """An estimate is worth a notice."""
        return self.level if self.known else Level.NOTICE


class CardCopied(Body, level=Level.NOTICE):
    """What came of a `CopyWanted`. Nothing is written to that partition any more, so the card can be taken out once the
    device is off."""

    files: int
    """That were copied: what was there already, in the same size, was not copied again."""
    octets: int
    """Of those."""
    removed: int
    """Older copies that gave way to them."""
    left_out: int
    """Files that found no room, or that were gone when their turn came."""
    folder: str
    """Where they are."""
    problem: str = ""
    """Why it did not end as it should; empty where it did."""
    answers: int = 0
    """The `seq` of the command; 0 for the control socket."""

    @property
    def urgency(self) -> Level:
        """A problem is a warning."""
        return Level.WARNING if self.problem else self.level


class ReportSignal(Body, level=Level.DEBUG):
    """Command: publish `SignalReported`; for a screen that begins to draw the signal of one address."""

    address: bytes
    """Of an access point or a station."""


class SignalReported(Body, level=Level.DEBUG):
    """How strongly something was heard in the last half minute."""

    address: bytes
    """Of an access point or a station."""
    samples: tuple[tuple[float, int], ...]
    """Seconds since the epoch and dBm, oldest first; empty if unknown."""


class ScreenOffered(Body, level=Level.DEBUG):
    """A module has a screen or a line in the device's menu from now on."""

    name: str
    """Name in the menu."""


class PanelChanged(Body, level=Level.DEBUG):
    """The panel shows something from now on, or nothing can be shown."""

    panel: str
    """Its type and address, such as ``SSD1306 128x64 at I2C 1, 0x3c``."""
    problem: str = ""
    """Why nothing is shown, with advice; empty if it works."""


class ScreenReport(Body, level=Level.DEBUG):
    """The cost of drawing and sending; published now and then."""

    frames: int
    """Images sent since the previous report."""
    skipped: int
    """Images that were equal to the one before, and not sent."""
    draw: float
    """Seconds a frame to draw, on average."""
    send: float
    """Seconds a frame to send, on average."""

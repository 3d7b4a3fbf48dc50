"""What is asserted of listening by scanning, on a real kernel with simulated radios. Runs inside the guest, as root.

A station scans hostapd's networks of every security; a monitor radio beside it hears the same air.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tests.e2e.guest import hwsim
from tests.vm.guest.checks import check, run, say, wait_for
from tests.vm.guest.running import daemon, line_with

from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.nl80211.tuner import Nl80211Tuner
from whimbrel.drivers.ports import FrameSource
from whimbrel.drivers.scan.settings import ScanSettings
from whimbrel.drivers.scan.source import ScanSource
from whimbrel.hearing.hearing import Hearing
from whimbrel.rows import AccessPointRow
from whimbrel.settings import Duration
from whimbrel.survey.survey import Survey
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import parse_channel
from whimbrel.wifi.frames import Frame

_SECRET = "only-for-this-test"
_PERSONAL = f"wpa_passphrase={_SECRET}\nrsn_pairwise=CCMP\n"
NETWORKS = {
    "open": "",
    "wpa": f"wpa=1\nwpa_key_mgmt=WPA-PSK\nwpa_pairwise=TKIP\nwpa_passphrase={_SECRET}\n",
    "wpa2": f"wpa=2\nwpa_key_mgmt=WPA-PSK\n{_PERSONAL}",
    "wpa2-pmf": f"wpa=2\nwpa_key_mgmt=WPA-PSK-SHA256\nieee80211w=2\n{_PERSONAL}",
    "wpa2-wpa3": f"wpa=2\nwpa_key_mgmt=WPA-PSK SAE\nieee80211w=1\nsae_password={_SECRET}\n{_PERSONAL}",
    "wpa3": f"wpa=2\nwpa_key_mgmt=SAE\nieee80211w=2\nsae_password={_SECRET}\nrsn_pairwise=CCMP\n",
    "owe": "wpa=2\nwpa_key_mgmt=OWE\nieee80211w=2\nrsn_pairwise=CCMP\n",
    "hidden": f"ignore_broadcast_ssid=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\n{_PERSONAL}",
}
"""hostapd's settings of each network, by its name."""
CHANNEL = "6"
GUARDED = "saltmarsh"
AP, STATION, BESIDE, TWIN = "wlan0", "wlan1", "wlan2", "wlan3"
"""The access point of `NETWORKS`, the radio that scans, the one in monitor mode, the one of the evil twin."""
_SAME = (
    "ssid", "hidden", "freq", "width", "phy", "security", "pmf", "akms", "ciphers", "group_cipher", "wps", "country",
    "adhoc", "bssid", "channel", "heard_on", "band", "center", "interval", "carrier", "fingerprint",
)  # fmt: skip
"""What both ways of listening have to say alike of an access point."""


@contextlib.contextmanager
def hostapd(name: str, text: str) -> Iterator[None]:
    """Run an access point; its last network is up when the block begins."""
    path = Path(f"/run/{name}.conf")
    path.write_text(text)
    last = [line.partition("=")[2] for line in text.splitlines() if line.startswith(("interface=", "bss="))][-1]
    with Path(f"/run/{name}.log").open("w") as log:
        process = subprocess.Popen(["hostapd", str(path)], stdout=log, stderr=log)
    try:
        state = Path(f"/sys/class/net/{last}/operstate")
        wait_for(f"{last} of hostapd", lambda: state.exists() and state.read_text().strip() == "up", every=0.1)
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def supplicant(interface: str, network: str) -> Iterator[None]:
    """Have a station connected to a network."""
    path = Path(f"/run/{interface}.conf")
    path.write_text(f"network={{\n{network}}}\n")
    process = subprocess.Popen(
        ["wpa_supplicant", "-i", interface, "-D", "nl80211", "-c", str(path)], stdout=subprocess.DEVNULL
    )
    try:
        wait_for("the connection", lambda: "Connected to" in run("iw", "dev", interface, "link"))
        yield
    finally:
        process.terminate()
        process.wait()


def every_security() -> str:
    """Return hostapd's settings of one radio with all the networks."""
    first, *others = NETWORKS.items()
    text = (
        f"interface={AP}\ndriver=nl80211\ncountry_code=DE\nhw_mode=g\nchannel={CHANNEL}\nieee80211n=1\nbeacon_int=50\n"
    )
    text += f"ssid={first[0]}\n{first[1]}"
    for number, (name, security) in enumerate(others, 1):
        text += f"bss={AP}_{number}\nbeacon_int=50\nssid={name}\n{security}"
    return text


class Listener:
    """A survey of the frames of one source."""

    def __init__(self, source: FrameSource) -> None:
        self.source = source
        self.survey = Survey()
        self.frames = 0
        self._hearing = Hearing(live=True)

    def deliver(self, link_type: int, records: Sequence[CaptureRecord]) -> None:
        """Put frames through the survey."""
        self._see(self._hearing.take(link_type, records))

    def rows(self) -> dict[bytes, AccessPointRow]:
        """Return every access point by its address."""
        self._see(self._hearing.release())
        return {row.bssid: row for row in self.survey.access_point_rows()}

    def beacons(self) -> int:
        """Return how many beacons of each network were heard at least; 0 until all were heard."""
        rows = self.rows().values()
        return min(row.beacons for row in rows) if len(rows) == len(NETWORKS) else 0

    def _see(self, heard: Iterable[object]) -> None:
        for part in heard:
            for frame in part if isinstance(part, Sequence) else ():
                assert isinstance(frame, Frame)
                self.frames += 1
                self.survey.observe(frame)


@contextlib.asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator[None]:
    """Listen until the block ends."""
    await listener.source.open()
    task = asyncio.ensure_future(listener.source.run(listener.deliver))
    try:
        yield
        check(not task.done(), task)
    finally:
        task.cancel()
        await asyncio.wait([task])
        await listener.source.close()


async def until(what: str, true: Callable[[], bool], within: float = 60) -> None:
    """Wait for a state. Raises AssertionError."""
    end = time.monotonic() + within
    while not true():
        check(time.monotonic() < end, f"not within {within:g} s: {what}")
        await asyncio.sleep(0.1)


def scanning(**settings: object) -> ScanSource:
    """Return a source that scans by the station."""
    return ScanSource(ScanSettings(radio=STATION, pause=Duration(0.5), **settings))  # type: ignore[arg-type]


async def a_scan_says_what_monitor_mode_says() -> None:
    source = LinuxSource(LinuxSettings(interface=BESIDE))
    tuner = source.tuner = Nl80211Tuner(BESIDE)
    await tuner.open()
    try:
        await tuner.tune(parse_channel(CHANNEL))
        monitor, scan = Listener(source), Listener(scanning())
        with hostapd("all", every_security()):
            async with listening(monitor), listening(scan):
                await until("all networks by scan", lambda: len(scan.rows()) == len(NETWORKS))
                await until("all networks by the monitor", lambda: len(monitor.rows()) == len(NETWORKS))
                await until("six beacons of each", lambda: scan.beacons() >= 6)
        check(monitor.survey.totals().malformed == scan.survey.totals().malformed == 0, "malformed frames")
        beside = monitor.rows()
        for bssid, row in scan.rows().items():
            other = beside[bssid]
            for name in _SAME:
                one, two = getattr(row, name), getattr(other, name)
                check(one == two, f"{row.ssid!r} {name}: by scan {one!r}, by the monitor {two!r}")
            check(abs((row.uptime or 0) - (other.uptime or 0)) <= 10, (row.uptime, other.uptime))
            check(row.rssi is not None and other.rssi is not None, (row.rssi, other.rssi))
            say(
                "NOTE ",
                row.ssid or "(hidden)",
                row.security,
                row.pmf,
                f"beacons {row.beacons} of {other.beacons}",
                row.rssi,
            )
    finally:
        await tuner.close()


class Witness(Listener):
    """Keeps the frames by or to one address too."""

    def __init__(self, source: FrameSource, address: bytes) -> None:
        super().__init__(source)
        self.kept: list[bytes] = []
        self._address = address

    def deliver(self, link_type: int, records: Sequence[CaptureRecord]) -> None:
        """Put frames through the survey."""
        self.kept += [octets for _, octets, _ in records if self._address in octets]
        super().deliver(link_type, records)


async def nothing_is_transmitted_unless_scans_are_active() -> None:
    """A monitor radio on the channel hears no frame of the radio that scans; of active scans it hears some."""
    source = LinuxSource(LinuxSettings(interface=BESIDE))
    tuner = source.tuner = Nl80211Tuner(BESIDE)
    await tuner.open()
    try:
        await tuner.tune(parse_channel(CHANNEL))
        with hostapd("all", every_security()):
            for active in (False, True):
                monitor, scan = Witness(source, address(STATION)), Listener(scanning(active=active))
                async with listening(monitor), listening(scan):
                    await until("three scans", functools.partial(enough, scan, 3))
                say("NOTE ", "active:" if active else "passive:", len(monitor.kept), "frames of the scanning radio")
                check(bool(monitor.kept) == active, monitor.kept[:3])
    finally:
        await tuner.close()


def enough(listener: Listener, beacons: int) -> bool:
    """Tell whether so many beacons of each network were heard."""
    return listener.beacons() >= beacons


def address(interface: str) -> bytes:
    """Return the hardware address of an interface."""
    return bytes.fromhex(Path(f"/sys/class/net/{interface}/address").read_text().strip().replace(":", ""))


async def a_network_that_has_gone_is_not_heard_again() -> None:
    scan = Listener(scanning())
    async with listening(scan):
        with hostapd("all", every_security()):
            await until("all networks", lambda: len(scan.rows()) == len(NETWORKS))
        before = {row.bssid: row.beacons for row in scan.rows().values()}
        rounds = run("iw", "dev", STATION, "scan", "dump").count("BSS ")
        check(rounds >= len(NETWORKS), f"the kernel's table has {rounds} entries")
        await asyncio.sleep(15)  # a few scans: what is asserted is that nothing comes
        late = {row.bssid: row.beacons - before[row.bssid] for row in scan.rows().values()}
        say("NOTE  beacons after the end:", late)
        check(all(count <= 1 for count in late.values()), late)


SETTINGS = Path("/run/scan.yaml")


def daemon_settings(**more: str) -> str:
    """Return the settings of a daemon."""
    lines = "".join(f"    {key}: {value}\n" for key, value in more.items())
    return (
        f"---\nmodules:\n  sniffer:\n{lines}  watcher:\n    remembered: /dev/null\n    guarded:\n"
        f"      - {{ssid: {GUARDED}, bssids: [{address(AP).hex(':')}], security: [WPA2-Personal]}}\n"
        "  logger:\n  control: {socket: /run/scan.sock}\n...\n"
    )


async def an_evil_twin_is_found_by_scan_alone() -> None:
    real = f"interface={AP}\ndriver=nl80211\nhw_mode=g\nchannel=1\nssid={GUARDED}\n{NETWORKS['wpa2']}"
    twin = f"interface={TWIN}\ndriver=nl80211\nhw_mode=g\nchannel=11\nssid={GUARDED}\n"
    with hostapd("real", real):
        settings = daemon_settings(source="scan", tuner="none", scan=f"{{radio: {STATION}, pause: 1s}}")
        async with daemon(settings, SETTINGS) as process:
            line = await line_with(process, "radio-opened")
            check("monitor mode" in line, line)
            await line_with(process, GUARDED)
            status = run(sys.executable, "-m", "whimbrel", "status", "-s", "/run/scan.sock")
            check("scanning" in status and "monitor mode" in status, status)
            rules = run(sys.executable, "-m", "whimbrel", "rules", "-s", "/run/scan.sock")
            check("needs monitor" in rules, rules)
            with hostapd("twin", twin):
                await line_with(process, "evil-twin")


async def auto_takes_what_is_there() -> None:
    """No radio is free: it scans with the one that it may; then an adapter is plugged in, and taken; then pulled."""
    real = f"interface={AP}\ndriver=nl80211\nhw_mode=g\nchannel=1\nssid={GUARDED}\n"
    with contextlib.ExitStack() as air:
        air.enter_context(hostapd("real", real))
        for name in (BESIDE, TWIN):
            air.enter_context(
                hostapd(name, f"interface={name}\ndriver=nl80211\nhw_mode=g\nchannel=1\nssid=other-{name}\n")
            )
        air.enter_context(supplicant(STATION, f'ssid="{GUARDED}"\nkey_mgmt=NONE\nscan_freq=2412\n'))
        settings = daemon_settings(source="auto", scan="{connected: true, connected_pause: 2s}")
        async with daemon(settings, SETTINGS) as process:
            check("driver scan" in await line_with(process, "radio-opened"), "it does not scan")
            await line_with(process, "other-")
            began = time.monotonic()
            hwsim.plug_in("adapter")
            check("driver linux" in await line_with(process, "radio-opened"), "the adapter is not taken")
            say("NOTE  taken after", round(time.monotonic() - began, 1), "s")
            hwsim.pull_out("adapter")
            check("driver scan" in await line_with(process, "radio-opened"), "it does not scan again")
        check("Connected to" in run("iw", "dev", STATION, "link"), "the connection was lost")
    run("ip", "link", "set", STATION, "down")


CHECKS: tuple[Callable[[], Awaitable[None]], ...] = (
    a_scan_says_what_monitor_mode_says,
    nothing_is_transmitted_unless_scans_are_active,
    a_network_that_has_gone_is_not_heard_again,
    an_evil_twin_is_found_by_scan_alone,
    auto_takes_what_is_there,
)

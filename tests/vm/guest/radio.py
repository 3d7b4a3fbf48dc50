"""What is asserted of the nl80211 drivers on a real kernel with simulated radios. Runs inside the guest, as root.

Every check compares what we did with what somebody else says: ``iw``, ``ip``, radiotap, hostapd.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from tests.vm.guest.checks import check, run, say
from tests.vm.guest.running import daemon, line_with

from whimbrel.drivers.nl80211.tuner import Nl80211Tuner
from whimbrel.drivers.ports import TuneError
from whimbrel.errors import NotReady
from whimbrel.settings import Duration
from whimbrel.tuning.hopper import Hopper
from whimbrel.tuning.plan import make_plan
from whimbrel.tuning.settings import TunerSettings
from whimbrel.tuning.verify import Verifier
from whimbrel.wifi.channels import Channel, parse_channel

SSID = b"tideline"
HOSTAPD = f"""interface=wlan0
driver=nl80211
ssid={SSID.decode()}
hw_mode=g
channel=6
beacon_int=50
"""
DAEMON = """modules:
  sniffer:
    source: linux
    tuner: nl80211
    hop:
      channels: ["1", "6", "11", "36"]
  watcher:
  logger:
"""
_BEACON = 0x80


def interfaces() -> dict[str, str]:
    """Return the type of every wireless interface, as ``iw dev`` tells it."""
    return dict(re.findall(r"Interface (\S+).*?type (\S+)", run("iw", "dev"), re.DOTALL))


def channel_of(interface: str) -> tuple[int, int]:
    """Return primary frequency and width in MHz, as ``iw`` tells them."""
    found = re.search(r"\((\d+) MHz\), width: (\d+) MHz", run("iw", "dev", interface, "info"))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def is_up(interface: str) -> bool:
    """Tell whether the interface is up, as sysfs tells it."""
    return bool(int(Path(f"/sys/class/net/{interface}/flags").read_text(), 16) & 1)


def allowed_by_iw(radio: str) -> set[int]:
    """Return the frequencies in MHz that ``iw`` does not call disabled."""
    lines = re.findall(r"\* (\d+)(?:\.\d+)? MHz \[\d+\](.*)", run("iw", "phy", radio, "info"))
    return {int(freq) for freq, rest in lines if "disabled" not in rest}


class Ear:
    """A capture socket of our own on a monitor interface."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.bind((interface, 0))

    def beacons(self, seconds: float) -> Iterator[tuple[int, bytes]]:
        """Give (radiotap frequency, SSID) of the beacons heard from now on, for that long."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(4096)
        except BlockingIOError:
            pass
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                frame = self._socket.recv(4096)
            except TimeoutError:
                return
            start = struct.unpack_from("<H", frame, 2)[0]
            if frame[start] == _BEACON:
                yield radiotap_freq(frame), frame[start + 38 : start + 38 + frame[start + 37]]

    def close(self) -> None:
        self._socket.close()


def radiotap_freq(frame: bytes) -> int:
    """Return the channel field of a header with only the default namespace, as hwsim writes it."""
    (present,) = struct.unpack_from("<I", frame, 4)
    at = 8
    word = present
    while word & 1 << 31:
        (word,) = struct.unpack_from("<I", frame, at)
        at += 4
    at = (at + 7 & ~7) + 8 if present & 1 else at
    at += bool(present & 2) + bool(present & 4)
    at += at & 1
    return int(struct.unpack_from("<H", frame, at)[0])


@contextlib.asynccontextmanager
async def opened(interface: str = "") -> AsyncIterator[Nl80211Tuner]:
    """Give an open tuner; close it twice, as close says it may be."""
    tuner = Nl80211Tuner(interface)
    await tuner.open()
    try:
        yield tuner
    finally:
        await tuner.close()
        await tuner.close()
        check(tuner.left == (), tuner.left)


async def refused(attempt: Awaitable[None]) -> TuneError:
    """Return the error that the attempt ends with."""
    try:
        await attempt
    except TuneError as error:
        say("NOTE  said:", error)
        return error
    raise AssertionError("it was not refused")


async def makes_a_monitor_on_the_radio_nobody_uses() -> None:
    before = interfaces()
    async with opened() as tuner:
        check(tuner.interface == "phy1mon", tuner.interface)
        check("mac80211_hwsim" in tuner.description, tuner.description)
        check(interfaces() == before | {"phy1mon": "monitor"}, interfaces())
        check(is_up("phy1mon"), "phy1mon is down")


async def knows_the_channels_that_iw_knows() -> None:
    async with opened() as tuner:
        freqs = [channel.freq for channel in tuner.channels()]
        check(set(freqs) == allowed_by_iw("phy1"), set(freqs) ^ allowed_by_iw("phy1"))
        check(freqs == sorted(freqs) and len(freqs) > 30, freqs)


async def goes_to_every_channel() -> None:
    async with opened() as tuner:
        for channel in tuner.channels():
            await tuner.tune(channel)
            check(channel_of(tuner.interface) == (channel.freq, 20), (channel, channel_of(tuner.interface)))
        bands = {channel.band for channel in tuner.channels()}
        say("NOTE  visited", len(tuner.channels()), "channels in", sorted(bands))
        check({"2.4", "5"} <= bands, bands)
        for text in ("6/40+", "11/40-", "36/40", "36/80", "44/80", "36/160"):
            channel = parse_channel(text)
            await tuner.tune(channel)
            check(channel_of(tuner.interface) == (channel.freq, channel.width), (text, channel_of(tuner.interface)))


async def hears_the_access_point_on_its_channel_only() -> None:
    async with opened() as tuner:
        ear = Ear(tuner.interface)
        for number, expected in ((6, {(2437, SSID)}), (1, set()), (36, set()), (6, {(2437, SSID)})):
            await tuner.tune(parse_channel(str(number)))
            heard = set(ear.beacons(1.5))
            check(heard == expected, (number, heard))
        ear.close()


async def finds_the_access_point_by_hopping() -> None:
    async with opened() as tuner:
        plan = make_plan(TunerSettings(dwell=Duration(0.15)), tuner.channels())
        hopper, verifier = Hopper(plan), Verifier()
        ear = Ear(tuner.interface)
        heard: Counter[tuple[int, int, bytes]] = Counter()
        for _ in range(3 * len(plan.stops)):
            hop = hopper.next(time.monotonic())
            check(hop is not None, "no channel")
            assert hop is not None
            await tuner.tune(hop.channel)
            check(verifier.tuned(hop.channel, time.monotonic()) is None, "a radio that obeys was accused")
            for freq, ssid in ear.beacons(hop.dwell):
                now = time.monotonic()
                verifier.heard([freq], now)
                if not heard:
                    hopper.heard(freq, 5, now)
                heard[hop.channel.freq, freq, ssid] += 1
        say("NOTE  heard", dict(heard))
        check(set(heard) == {(2437, 2437, SSID)}, heard)
        ear.close()


async def notices_a_radio_that_did_not_move() -> None:
    async with opened() as tuner:
        ear, verifier = Ear(tuner.interface), Verifier()
        await tuner.tune(parse_channel("6"))
        for text in ("1", "11", "36", "1", "11"):
            found = verifier.tuned(parse_channel(text), time.monotonic())
            if found is not None:
                break
            for freq, _ in ear.beacons(0.5):
                verifier.heard([freq], time.monotonic())
        check(found is not None and found.heard == 2437, found)
        ear.close()


async def the_daemon_hops_and_finds_the_access_point() -> None:
    async with daemon(DAEMON, Path("/run/whimbrel.yaml")) as process:
        await line_with(process, "radio-opened")
        check(interfaces().get("phy1mon") == "monitor", interfaces())
        await line_with(process, SSID.decode())
        run("iw", "dev", "phy1mon", "del")
        await line_with(process, "radio-opened")
        check(interfaces().get("phy1mon") == "monitor", interfaces())


async def is_told_what_the_regulatory_domain_forbids() -> None:
    async with opened() as tuner:
        await set_country("US")
        thirteen = parse_channel("13")
        error = await refused(tuner.tune(thirteen))
        check(error.forbidden and "US" in str(error), error)
        await tuner.tune(parse_channel("11"))
    async with opened() as tuner:
        check(thirteen not in tuner.channels(), "channel 13 is allowed in the US")
        check({channel.freq for channel in tuner.channels()} == allowed_by_iw("phy1"), tuner.channels())
        error = await refused(tuner.tune(Channel(4920)))
        check(error.forbidden, error)
        await set_country("DE")
        await tuner.tune(thirteen)
        check(channel_of(tuner.interface) == (2472, 20), channel_of(tuner.interface))


async def set_country(code: str) -> None:
    run("iw", "reg", "set", code)
    for _ in range(100):
        if f"country {code}" in run("iw", "reg", "get"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the regulatory domain did not become {code}")


async def names_who_keeps_the_radio_busy() -> None:
    async with opened() as tuner:
        run("ip", "link", "set", "wlan1", "up")
        error = await refused(tuner.tune(parse_channel("1")))
        check(not error.forbidden and "wlan1" in str(error), error)
        run("ip", "link", "set", "wlan1", "down")
        await tuner.tune(parse_channel("1"))


async def cycles_and_recreates() -> None:
    async with opened() as tuner:
        index = socket.if_nametoindex(tuner.interface)
        await tuner.cycle()
        check(is_up(tuner.interface) and socket.if_nametoindex(tuner.interface) == index, "cycle")
        await tuner.recreate()
        check(is_up(tuner.interface) and socket.if_nametoindex(tuner.interface) != index, "recreate")
        await tuner.tune(parse_channel("6"))
        ear = Ear(tuner.interface)
        check((2437, SSID) in set(ear.beacons(1.5)), "deaf after recreate")
        ear.close()
        run("iw", "dev", tuner.interface, "del")
        error = await refused(tuner.tune(parse_channel("1")))
        check(not error.forbidden, error)
        await refused(tuner.cycle())
        await tuner.recreate()
        await tuner.tune(parse_channel("1"))
    check("phy1mon" not in interfaces(), interfaces())


async def turns_an_interface_and_turns_it_back() -> None:
    for up in (True, False):
        run("ip", "link", "set", "wlan2", "up" if up else "down")
        async with opened("wlan2") as tuner:
            check(tuner.interface == "wlan2" and interfaces()["wlan2"] == "monitor" and is_up("wlan2"), interfaces())
            await tuner.tune(parse_channel("6"))
            if up:
                await tuner.recreate()
                await tuner.tune(parse_channel("11"))
        check(interfaces()["wlan2"] == "managed", interfaces())
        check(is_up("wlan2") == up, (is_up("wlan2"), up))


async def takes_a_radio_over_by_name() -> None:
    run("ip", "link", "set", "wlan2", "up")
    async with opened("phy2") as tuner:
        check(tuner.interface == "phy2mon" and not is_up("wlan2"), interfaces())
        await tuner.tune(parse_channel("6"))
    check(is_up("wlan2") and "phy2mon" not in interfaces(), interfaces())
    run("ip", "link", "set", "wlan2", "down")


async def uses_a_monitor_that_is_there() -> None:
    run("iw", "phy", "phy2", "interface", "add", "mine", "type", "monitor")
    for wanted in ("mine", ""):
        async with opened(wanted) as tuner:
            check(tuner.interface == "mine" and is_up("mine"), tuner.interface)
            await tuner.tune(parse_channel("6"))
        check(interfaces()["mine"] == "monitor" and not is_up("mine"), interfaces())
    run("iw", "dev", "mine", "del")


async def leaves_nothing_behind_when_killed() -> None:
    code = "import asyncio\nfrom whimbrel.drivers.nl80211.tuner import Nl80211Tuner\nasync def main():\n"
    code += " await Nl80211Tuner().open()\n print('open', flush=True)\n await asyncio.sleep(60)\nasyncio.run(main())"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    check(await process.stdout.readline() == b"open\n", "it did not open")
    check("phy1mon" in interfaces(), interfaces())
    process.send_signal(signal.SIGKILL)
    await process.wait()
    for _ in range(50):
        if "phy1mon" not in interfaces():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"still there: {interfaces()}")


async def says_what_is_missing() -> None:
    for wanted in ("wlan7", "lo"):
        try:
            async with opened(wanted):
                raise AssertionError(f"{wanted} was opened")
        except NotReady as error:
            say("NOTE  said:", error)
            check(wanted in str(error) and "wlan1" in str(error), error)


CHECKS: tuple[Callable[[], Awaitable[None]], ...] = (
    makes_a_monitor_on_the_radio_nobody_uses,
    knows_the_channels_that_iw_knows,
    goes_to_every_channel,
    hears_the_access_point_on_its_channel_only,
    finds_the_access_point_by_hopping,
    notices_a_radio_that_did_not_move,
    names_who_keeps_the_radio_busy,
    cycles_and_recreates,
    turns_an_interface_and_turns_it_back,
    takes_a_radio_over_by_name,
    uses_a_monitor_that_is_there,
    leaves_nothing_behind_when_killed,
    says_what_is_missing,
    the_daemon_hops_and_finds_the_access_point,
    is_told_what_the_regulatory_domain_forbids,
)

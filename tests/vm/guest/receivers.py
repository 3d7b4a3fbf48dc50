"""What is asserted of two receivers at once, on a real kernel with simulated radios. Runs inside the guest, as root."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from tests.e2e.guest import hwsim
from tests.vm.guest.checks import check, run, say, wait_for
from tests.vm.guest.radio import channel_of, interfaces
from tests.vm.guest.running import daemon
from tests.vm.guest.scanning import AP, BESIDE, NETWORKS, STATION, every_security, hostapd, until

SETTINGS, SOCKET, HELPER = Path("/run/receivers.yaml"), "/run/receivers.sock", "/run/helper.sock"
CHANNELS = ("1", "6", "11", "36", "40", "44")
_LOW, _HIGH = {2412, 2437, 2462}, {5180, 5200, 5220}
_HOP = f"{{channels: {json.dumps(CHANNELS)}, dwell: 100ms}}"


def settings(first: str, second: str) -> str:
    """Return the settings of a daemon with two receivers."""
    return (
        f"---\ndaemon: {{retry: 1s}}\nmodules:\n  sniffer: {first}\n  sniffer2: {second}\n"
        f"  watcher: {{remembered: /dev/null, learned: /run/none}}\n  logger:\n  control: {{socket: {SOCKET}}}\n...\n"
    )


def ask(*command: str) -> Any:
    """Return the answer of the daemon."""
    return json.loads(run(sys.executable, "-m", "whimbrel", *command, "--json", "-s", SOCKET))


def receivers() -> dict[str, dict[str, Any]]:
    """Return what the receivers do, by name."""
    return {row["receiver"]: row for row in ask("status")["receivers"]}


def do(**visits: int) -> bool:
    """Tell whether these receivers listen, and visit so many channels each."""
    rows = receivers()
    return all(
        name in rows and rows[name]["state"] == "listening" and rows[name]["visited"] == number
        for name, number in visits.items()
    )


async def heard_on(interface: str, seconds: float) -> set[int]:
    """Return the frequencies in MHz on which ``iw`` sees an interface."""
    seen = set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen.add((await asyncio.to_thread(channel_of, interface))[0])
    return seen - {0}


@contextlib.contextmanager
def helper() -> Iterator[None]:
    """Have the radios opened by the helper, as the service does."""
    process = subprocess.Popen([sys.executable, "-m", "whimbrel.drivers.helper", HELPER])
    os.environ["WHIMBREL_RADIO"] = HELPER
    try:
        wait_for("the helper", Path(HELPER).exists, every=0.1)
        yield
    finally:
        del os.environ["WHIMBREL_RADIO"]
        process.terminate()
        process.wait()


@contextlib.asynccontextmanager
async def running(first: str, second: str) -> AsyncIterator[list[str]]:
    """Run a daemon with two receivers; yield what it says, which grows."""
    lines: list[str] = []
    await asyncio.to_thread(Path(SOCKET).unlink, missing_ok=True)  # that of a daemon that was killed
    async with daemon(settings(first, second), SETTINGS) as process:
        assert process.stdout is not None
        stdout = process.stdout

        async def listen() -> None:
            while line := (await stdout.readline()).decode():
                say("     ", line.rstrip())
                lines.append(line)

        task = asyncio.create_task(listen())
        await until("the control socket", Path(SOCKET).exists)
        try:
            yield lines
        finally:
            task.cancel()


async def two_monitors_share_the_channels() -> None:
    """One is pulled out: the other visits everything. It comes back: they share again. The helper serves both."""
    low = f"interface={AP}\ndriver=nl80211\nhw_mode=g\nchannel=6\nssid=low\n"
    high = f"interface={STATION}\ndriver=nl80211\ncountry_code=DE\nhw_mode=a\nchannel=36\nssid=high\n"
    hwsim.plug_in("adapter")
    try:
        with hostapd("low", low), hostapd("high", high), helper():
            first = f"{{linux: {{radio: {radio_of(BESIDE)}}}, hop: {_HOP}, report: 1s}}"
            async with running(first, f"{{source: linux, linux: {{radio: adapter}}, hop: {_HOP}, report: 1s}}"):
                await until("both share", lambda: do(sniffer=3, sniffer2=3))
                mine, others = (receivers()[name]["description"].split()[0] for name in ("sniffer", "sniffer2"))
                check({interfaces()[name] for name in (mine, others)} == {"monitor"}, interfaces())
                seen = list(await asyncio.gather(heard_on(mine, 4), heard_on(others, 4)))
                check(seen == [_LOW, _HIGH], seen)
                await until("both networks", lambda: names() >= {"low", "high"})
                hwsim.pull_out("adapter")
                await until("the other visits everything", lambda: do(sniffer=6))
                check(receivers()["sniffer2"]["state"] == "closed", receivers())
                states = {row["module"]: row["state"] for row in ask("modules")}
                check(states["sniffer"] == "ready", states)
                check(states["sniffer2"] in {"waiting", "backing-off"}, states)
                check(await heard_on(mine, 4) == _LOW | _HIGH, "the channels of the one that is left")
                hwsim.plug_in("adapter")
                await until("they share again", lambda: do(sniffer=3, sniffer2=3))
                spent = {name: row["listened"] for name, row in receivers().items()}
                say("NOTE  seconds of listening:", spent)
                check(spent["sniffer"] > spent["sniffer2"], spent)
    finally:
        with contextlib.suppress(Exception):
            hwsim.pull_out("adapter")
        rest()


async def a_scan_beside_a_monitor_is_one_survey() -> None:
    first = f"{{source: linux, linux: {{radio: {radio_of(BESIDE)}}}, hop: {{channels: ['6']}}, report: 1s}}"
    second = f"{{source: scan, tuner: none, scan: {{radio: {radio_of(STATION)}, pause: 1s}}, report: 1s}}"
    with hostapd("all", every_security()):
        async with running(first, second) as lines:
            await until("both listen", lambda: do(sniffer=1, sniffer2=0))
            await until("all networks by both", both_hear_everything)
            await asyncio.sleep(15)  # some more scans: what is asserted is that nothing comes of them
            totals = ask("survey")["totals"]
            check(totals["echoes"] > 0, totals)
            rows = ask("survey")["access_points"]
            check(len(rows) == len(NETWORKS), [row["ssid"] for row in rows])
            say("NOTE  strengths:", [[level["rssi"]["last"] for level in row["levels"]] for row in rows])
            status = run(sys.executable, "-m", "whimbrel", "status", "-s", SOCKET)
            check("sniffer hopping, sniffer2 scanning" in status, status)
            check("monitor mode" not in status, "one of them hears everything")
            alerts = [line for line in lines if " alert " in line and "weakness" not in line]
            check(not alerts, alerts)
    rest()


def both_hear_everything() -> bool:
    """Tell whether every network has been heard by both receivers."""
    rows = ask("survey")["access_points"]
    return len(rows) == len(NETWORKS) and all({level["receiver"] for level in row["levels"]} == {0, 1} for row in rows)


async def the_second_takes_what_the_first_leaves() -> None:
    """Neither names a radio."""
    async with running("{tuner: nl80211}", "{}"):
        await until("both listen", lambda: len(receivers()) == 2)
        rows = receivers()
        radios = {name: re.findall(r"\((\w+),", row["description"]) for name, row in rows.items()}
        check(radios["sniffer"] != radios["sniffer2"], radios)
        check({row["driver"] for row in rows.values()} == {"linux"}, rows)
        check(sorted(interfaces().values()).count("monitor") == 2, interfaces())


def rest() -> None:
    """Leave the interfaces as every check expects them: hostapd may leave its type behind."""
    for interface in (AP, STATION):
        run("ip", "link", "set", interface, "down")
        run("iw", "dev", interface, "set", "type", "managed")


def names() -> set[str]:
    """Return the names of the networks heard."""
    return {row["ssid"] for row in ask("survey")["access_points"]}


def radio_of(interface: str) -> str:
    """Return the radio of an interface, as sysfs tells it."""
    return Path(f"/sys/class/net/{interface}/phy80211").resolve().name


CHECKS: tuple[Callable[[], Awaitable[None]], ...] = (
    two_monitors_share_the_channels,
    a_scan_beside_a_monitor_is_one_survey,
    the_second_takes_what_the_first_leaves,
)

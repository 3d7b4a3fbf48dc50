"""The units, as systemd itself judges them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.lab.watched_air import ALLOCATION

from whimbrel.testing import PATIENCE

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
BUDGETS = {
    "whimbrel.service": 1.5,
    "whimbrel-radio.service": 2.0,
    "whimbrel-recover.service": 3.0,
    "whimbrel-copy.service": 3.0,
    "whimbrel-splash-make.service": 2.0,
    "whimbrel-time.service": 2.6,
    "whimbrel-position.service": 1.5,
    "whimbrel-reach.service": 1.5,
}
"""Exposure, 0 to 10. The recovery loads drivers as root, the copy mounts, and the clock is set, which counts."""


@pytest.mark.parametrize(("unit", "budget"), BUDGETS.items())
def test_the_sandbox_leaves_little_open(unit: str, budget: float) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    command = [analyze, "security", "--offline=true", "--no-pager", str(SYSTEMD / unit)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if "unrecognized option" in said.stderr:
        pytest.skip("this systemd-analyze knows no --offline")
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said.stdout)
    assert score, said.stdout + said.stderr
    assert float(score[1]) <= budget, said.stdout


def test_devices_are_loaded_before_the_service_is_allowed_them() -> None:
    """A class that no driver has registered yet is left out of the list of what is allowed."""
    allowed = re.findall(r"^DeviceAllow=char-(\w+) ", (SYSTEMD / "whimbrel.service").read_text(), re.MULTILINE)
    loaded = [line for line in (SYSTEMD / "whimbrel.modules-load").read_text().split() if not line.startswith("#")]
    assert {"i2c", "spi", "gpiochip"} == set(allowed)
    assert {"i2c-dev", "spidev"} <= set(loaded)


@pytest.mark.parametrize("unit", ["whimbrel.service", "whimbrel-reach.service"])
def test_sqlite_has_a_place_for_temporary_files_as_large_as_its_own(unit: str) -> None:
    """By test_store.py, a history of more than /var/tmp cannot be erased without it."""
    lines = (SYSTEMD / unit).read_text().splitlines()
    (folder,) = [line.partition("=")[2] for line in lines if line.startswith("StateDirectory=")]
    assert f"Environment=SQLITE_TMPDIR=%S/{folder}" in lines


def test_every_group_of_the_devices_is_made_and_joined() -> None:
    groups = set(re.findall(r'GROUP="(\w+)"', (SYSTEMD / "60-whimbrel-devices.rules").read_text()))
    joined = set(re.findall(r"^m whimbrel (\w+)$", (SYSTEMD / "whimbrel.sysusers").read_text(), re.MULTILINE))
    assert groups == joined == {"gpio", "i2c", "spi"}


def test_recovery_ends_before_the_daemon_loses_patience() -> None:
    from whimbrel.tuning.settings import RecoverySettings

    unit = (SYSTEMD / "whimbrel-recover.service").read_text()
    seconds = re.search(r"^TimeoutStartSec=(\d+)s$", unit, re.MULTILINE)
    assert seconds
    assert int(seconds[1]) < RecoverySettings().command_timeout


def test_the_recovery_reads_what_the_helper_writes() -> None:
    from whimbrel.drivers.helper.in_use import NAME

    folder = _settings("whimbrel-radio.service")["RuntimeDirectory"]
    assert f":-/run/{folder}/{NAME}}}" in (SYSTEMD / "whimbrel-recover").read_text()


def test_a_copy_ends_before_the_daemon_loses_patience() -> None:
    from whimbrel import resting
    from whimbrel.copying import asking, card, exchange

    unit = (SYSTEMD / "whimbrel-copy.service").read_text()
    minutes = re.search(r"^TimeoutStartSec=(\d+)min$", unit, re.MULTILINE)
    assert minutes
    assert 60 * int(minutes[1]) < asking._PATIENCE
    assert resting.PAUSE < asking._BEGINNING, "one that comes in the pause is taken up"
    assert re.findall(r"^ExecStopPost=(.*)$", unit, re.MULTILINE) == ["/usr/bin/python3 -I -m whimbrel.copying close"]
    assert f"\nPathChanged={exchange.REQUEST}\n" in (SYSTEMD / "whimbrel-copy.path").read_text()
    folders = _settings("whimbrel-copy.service")["RuntimeDirectory"].split()
    assert folders == [exchange.OUTCOME.parent.name, card.RUN.name]
    assert _settings("whimbrel-copy.service")["ReadWritePaths"] == f"-{exchange.PARTITION}"
    assert "whimbrel-copy.path" in _settings("whimbrel.service")["Wants"].split()


def test_an_update_ends_before_systemd_ends_it() -> None:
    from whimbrel.updating import __main__ as updating
    from whimbrel.updating import dpkg, update

    unit = (SYSTEMD / "whimbrel-packages.service").read_text()
    hours = re.search(r"^TimeoutStartSec=(\d+)h$", unit, re.MULTILINE)
    assert hours
    longest = updating._PATIENCE + update._BEFORE + 2 * (dpkg._CHANGING + update._AFTER)
    assert longest < 3600 * int(hours[1]), "the lock, the installation, the way back, and the daemon after each"


def test_security_updates_end_before_the_daemon_loses_patience() -> None:
    from whimbrel import resting
    from whimbrel.securing import apt, asking, exchange

    unit = (SYSTEMD / "whimbrel-security.service").read_text()
    hours = re.search(r"^TimeoutStartSec=(\d+)h$", unit, re.MULTILINE)
    assert hours
    assert 3600 * int(hours[1]) < asking._PATIENCE
    longest = 2 * apt.LOADING + 2 * apt.ASKING + apt.CHANGING + apt.MENDING + resting.PAUSE
    assert longest < 3600 * int(hours[1]), "systemd ends it after all of its own limits"
    assert resting.PAUSE < asking._BEGINNING, "one that comes in the pause is taken up"
    assert "\nExecStopPost=/usr/bin/python3 -I -B -m whimbrel.securing close\n" in unit
    assert f"\nPathChanged={exchange.REQUEST}\n" in (SYSTEMD / "whimbrel-security.path").read_text()
    assert exchange.OUTCOME.parent.name == _settings("whimbrel-security.service")["RuntimeDirectory"]
    wanted = _settings("whimbrel-security.path")["WantedBy"]
    assert f"/etc/systemd/system/{wanted}.wants/whimbrel-security.path" == str(asking._ENABLED)


def test_the_clock_is_set_before_the_daemon_loses_patience() -> None:
    from whimbrel import resting
    from whimbrel.timekeeping import __main__ as program
    from whimbrel.timekeeping import asking, evidence, exchange

    unit = (SYSTEMD / "whimbrel-time.service").read_text()
    seconds = re.search(r"^TimeoutStartSec=(\d+)s$", unit, re.MULTILINE)
    assert seconds
    assert int(seconds[1]) < asking._LIMITS.patience
    assert asking._LIMITS.beginning > resting.PAUSE, "one that comes in the pause is taken up"
    assert 1000 * asking._LIMITS.beginning >= program._OLDEST, "nothing is set that nobody waits for any more"
    assert "\nExecStopPost=/usr/bin/python3 -I -B -m whimbrel.timekeeping close\n" in unit
    assert f"\nPathChanged={exchange.REQUEST}\n" in (SYSTEMD / "whimbrel-time.path").read_text()
    folder = _settings("whimbrel-time.service")["RuntimeDirectory"]
    assert exchange.OUTCOME.parent.name == evidence.GIVEN.parent.name == folder
    assert _settings("whimbrel-time.service")["ReadWritePaths"] == f"-{program._KEPT.parent}"
    wanted = _settings("whimbrel-time.path")["WantedBy"]
    assert f"/etc/systemd/system/{wanted}.wants/whimbrel-time.path" == str(asking._ENABLED[0])
    target = SYSTEMD.parent / "deploy/image/root/usr/lib/systemd/system" / asking._ENABLED[1].name
    assert re.search(r"^Wants=.*\bwhimbrel-time\.path\b", target.read_text(), re.MULTILINE), "an update brings it"


def test_a_start_without_a_package_starts_nothing() -> None:
    from whimbrel.updating.places import Places

    unit = (SYSTEMD / "whimbrel-packages.service").read_text()
    conditions = re.findall(r"^Condition\w+=(\S+)$", unit, re.MULTILINE)
    assert conditions == [
        f"|{Places().packages}/*.deb", f"|{Places().state}/pending.json", f"|{Places().state}/debian"
    ]  # fmt: skip


def test_the_first_picture_needs_nothing_but_the_root_and_its_bus() -> None:
    from whimbrel.splash.__main__ import FOLDER

    unit = (SYSTEMD / "whimbrel-splash@.service").read_text()
    assert _settings("whimbrel-splash@.service")["DefaultDependencies"] == "no"
    assert f"\nConditionPathExists={FOLDER}/%i.start\n" in unit
    assert "\nConditionPathExists=!/run/whimbrel/control.sock\n" in unit
    places = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    places.append((SYSTEMD / "whimbrel-shutdown").read_text())
    for text in places:
        assert "python3 -I -S /usr/lib/python3/dist-packages/whimbrel/splash/play.py" in text
        assert FOLDER in text
    assert "whimbrel-splash@$kernel.service" in (SYSTEMD / "60-whimbrel-devices.rules").read_text()
    assert "whimbrel-splash-make.service" in _settings("whimbrel.service")["Wants"].split()


def test_the_first_picture_is_wanted_for_each_bus_that_has_one(tmp_path: Path) -> None:
    from whimbrel.splash.__main__ import FOLDER

    program = SYSTEMD / "whimbrel-splash-generator"
    assert f"{{WHIMBREL_SPLASH:-{FOLDER}}}" in program.read_text()
    tapes, units = tmp_path / "tapes", tmp_path / "units"
    tapes.mkdir()
    units.mkdir()

    def generate() -> list[str]:
        subprocess.run([program, units, units, units], env={**os.environ, "WHIMBREL_SPLASH": str(tapes)}, check=True)
        return sorted(path.name for path in units.glob("sysinit.target.wants/*"))

    assert generate() == [] == list(units.iterdir())
    for name in ("i2c-1.start", "i2c-1.off", "spidev0.0.start", "made"):
        (tapes / name).touch()
    assert generate() == ["whimbrel-splash@i2c-1.service", "whimbrel-splash@spidev0.0.service"]
    (link,) = units.glob("sysinit.target.wants/*i2c-1*")
    assert link.readlink() == Path("/usr/lib/systemd/system/whimbrel-splash@.service")


def _settings(unit: str) -> dict[str, str]:
    """Return the last value of each setting of a unit."""
    return dict(re.findall(r"^(\w+)=(.*)$", (SYSTEMD / unit).read_text(), re.MULTILINE))


def test_what_speaks_ip_has_no_capability_no_packets_and_no_device() -> None:
    reach = _settings("whimbrel-reach.service")
    assert reach["CapabilityBoundingSet"] == reach["AmbientCapabilities"] == ""
    assert reach["RestrictAddressFamilies"].split() == ["AF_UNIX", "AF_INET", "AF_INET6"]
    assert (reach["PrivateDevices"], reach["DevicePolicy"]) == ("yes", "closed")
    assert "DeviceAllow" not in reach
    unit = (SYSTEMD / "whimbrel-reach.service").read_text()
    for name, value in ALLOCATION.items():
        assert f"\nEnvironment={name}={value}\n" in unit  # the page's soak measures it so


def test_what_reads_frames_has_no_capability_and_sends_nothing() -> None:
    daemon = _settings("whimbrel.service")
    assert daemon["CapabilityBoundingSet"] == daemon["AmbientCapabilities"] == ""
    assert daemon["RestrictAddressFamilies"].split() == ["AF_UNIX", "AF_NETLINK"]
    assert daemon["IPAddressDeny"] == "any"


def _calls(name: str) -> set[str]:
    """Return the system calls of a set of systemd's, or the one that is named."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    words = [line.strip() for line in said.stdout.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*map(_calls, words))


def _allowed(unit: str) -> set[str]:
    """Return the system calls that the filter of a unit allows, read line by line as systemd does."""
    allowed: set[str] = set()
    for value in re.findall(r"^SystemCallFilter=(.*)$", (SYSTEMD / unit).read_text(), re.MULTILINE):
        calls = set().union(*map(_calls, value.removeprefix("~").split()))
        allowed = allowed - calls if value.startswith("~") else allowed | calls
    return allowed


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize(
    "unit", ["whimbrel.service", "whimbrel-radio.service", "whimbrel-reach.service", "whimbrel-copy.service"]
)
def test_nothing_is_done_behind_the_filter_and_nothing_in_other_processes(unit: str) -> None:
    """io_uring opens sockets without asking the filter of system calls."""
    allowed = _allowed(unit)
    assert {"read", "openat", "connect", "memfd_create"} <= allowed
    assert not allowed & {
        "io_uring_setup", "io_uring_enter", "io_setup", "io_submit", "ptrace", "process_vm_readv", "process_vm_writev",
        "process_madvise", "pidfd_getfd", "kcmp", "perf_event_open", "userfaultfd", "bpf",
    }  # fmt: skip


@pytest.mark.parametrize("unit", ["whimbrel.service", "whimbrel-reach.service", "whimbrel-copy.service"])
def test_no_temporary_file_is_on_the_card(unit: str) -> None:
    settings = _settings(unit)
    assert "PrivateTmp" not in settings
    assert [place.partition(":")[0] for place in settings["TemporaryFileSystem"].split()] == ["/tmp", "/var/tmp"]
    assert all("size=" in place and "nr_inodes=" in place for place in settings["TemporaryFileSystem"].split())


@pytest.mark.parametrize("unit", ["whimbrel.service", "whimbrel-reach.service"])
def test_files_memory_tasks_and_lines_of_the_journal_have_limits(unit: str) -> None:
    limits = {"LimitFSIZE", "MemoryMax", "TasksMax", "LogRateLimitIntervalSec", "LogRateLimitBurst"}
    assert limits <= _settings(unit).keys()


def test_nobody_who_speaks_ip_is_asked_to_by_the_daemon() -> None:
    unit = (SYSTEMD / "whimbrel.service").read_text()
    hidden = " ".join(re.findall(r"^InaccessiblePaths=(.*)$", unit, re.MULTILINE)).split()
    assert {"-/run/systemd/resolve", "-/run/avahi-daemon", "-/run/nscd"} <= set(hidden)
    assert "-/run/dbus" in _settings("whimbrel-reach.service")["InaccessiblePaths"].split()


@pytest.mark.parametrize(("unit", "of"), [
    ("whimbrel-room.service", "whimbrel"), ("whimbrel-reach-room.service", "whimbrel-reach"),
])  # fmt: skip
def test_a_room_is_made_before_what_it_is_for(unit: str, of: str) -> None:
    settings = _settings(unit)
    assert (settings["Before"], settings["WantedBy"]) == (f"{of}.service", f"{of}.service")
    if of != "whimbrel":
        text = (SYSTEMD / unit).read_text()
        folder = _settings(f"{of}.service")["StateDirectory"]
        assert f"WHIMBREL_STATE=/var/lib/{folder} WHIMBREL_ROOM=/var/lib/{folder}-room WHIMBREL_ROOM_OF={of}" in text


def test_the_daemon_asks_the_helper_and_nobody_else_may() -> None:
    daemon, listener = _settings("whimbrel.service"), _settings("whimbrel-radio.socket")
    assert f"WHIMBREL_RADIO={listener['ListenSequentialPacket']}\n" in (SYSTEMD / "whimbrel.service").read_text()
    assert (listener["SocketUser"], listener["SocketMode"]) == (daemon["User"], "0600")
    assert _settings("whimbrel-radio.service")["DynamicUser"] == "yes"


def test_an_example_gives_the_daemon_back_what_it_had() -> None:
    own, helper = _settings("examples/50-own-radio.conf"), _settings("whimbrel-radio.service")
    for setting in ("AmbientCapabilities", "CapabilityBoundingSet", "RestrictAddressFamilies"):
        assert own[setting] == helper[setting]
    assert own["UnsetEnvironment"] == "WHIMBREL_RADIO"


def test_the_second_process_has_a_user_of_its_own_that_may_only_look() -> None:
    daemon, reach = _settings("whimbrel.service"), _settings("whimbrel-reach.service")
    made = (SYSTEMD / "whimbrel.sysusers").read_text()
    assert reach["User"] != daemon["User"]
    assert reach["SupplementaryGroups"] == "whimbrel-look"
    assert re.search(rf"^u {reach['User']} ", made, re.MULTILINE)
    assert re.search(rf"^m {reach['User']} whimbrel-look$", made, re.MULTILINE)
    assert re.search(r"^g whimbrel-look ", made, re.MULTILINE)
    assert f"/var/lib/{daemon['StateDirectory']}" in reach["InaccessiblePaths"]


def test_neither_process_ends_with_the_other() -> None:
    reach = (SYSTEMD / "whimbrel-reach.service").read_text()
    assert not re.search(r"^(Requires|BindsTo|PartOf|Requisite)=", reach, re.MULTILINE)

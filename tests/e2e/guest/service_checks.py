"""The service under systemd: what its journal has, what it may, what it costs, what it does in trouble."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from pathlib import Path

from tests.e2e.guest import air, daemon
from tests.e2e.guest.package_checks import write_settings
from tests.vm.guest.checks import check, run, say, wait_for

EXPOSURE = 1.5
"""Of 10, by ``systemd-analyze security``."""
RESIDENT = 64 * 1024 * 1024
_RECORDINGS = Path("/var/lib/whimbrel/recordings")
_COPY = Path("/tmp/attack.pcapng")  # replayed, because the original is renamed once the attack is over
_CLONE3 = 435
"""RestrictNamespaces= lets nobody have it: a filter cannot see what it would do. The C library then takes clone."""


def the_journal_has_the_fields() -> None:
    bssid = air.address(air.PERSONAL.interface)
    entry = daemon.wait_for_entry("access-point-found", WHIMBREL_BSSID=bssid)
    for name, value in {
        "SYSLOG_IDENTIFIER": "whimbrel",
        "PRIORITY": "6",
        "WHIMBREL_MODULE": "watcher",
        "WHIMBREL_SSID": air.PERSONAL.ssid,
        "WHIMBREL_CHANNEL": str(air.PERSONAL.channel),
        "_SYSTEMD_UNIT": daemon.UNIT,
    }.items():
        check(entry.get(name) == value, f"{name} is {entry.get(name)!r}, not {value!r}, in {entry}")
    check(re.fullmatch("[0-9a-f]{32}", entry.get("MESSAGE_ID", "")), entry)
    check(int(entry.get("WHIMBREL_SEQ", 0)) > 0, entry)
    check(-120 < int(entry.get("WHIMBREL_RSSI", 0)) < 0, entry)
    others = daemon.entries(MESSAGE_ID=entry["MESSAGE_ID"])
    kinds = {other.get("WHIMBREL_KIND") for other in others}
    check(kinds == {"access-point-found"}, f"the kinds {kinds} share a MESSAGE_ID")


def the_catalog_explains_an_entry() -> None:
    entry = daemon.wait_for_entry("handshake-seen")
    text = run("journalctl", "--boot", "--catalog", "--no-pager", "--lines=1", f"MESSAGE_ID={entry['MESSAGE_ID']}")
    explained = [line for line in text.splitlines() if line.startswith("░░")]
    check(len(explained) > 1, f"no text for {entry['MESSAGE_ID']} in the catalog:\n{text}")
    say("NOTE  the catalog's:", *explained[:3])


def has_recorded_the_attack() -> None:
    """Find the incident's recording, and the one that goes on, in the state directory: the service's own, and whole."""
    wait_for("a recording of the attack", lambda: list(_RECORDINGS.glob("*deauth-flood-a*.pcapng")), 120)
    paths = wait_for("recordings that keep their names", _recordings)
    check(_RECORDINGS.parent.stat().st_mode & 0o777 == 0o750, "the state directory is open to others")
    state = daemon.ask("recordings")["state"]
    say(f"NOTE  {len(paths)} recordings, {state['frames']} frames in those that go on; late {state['late']}")
    # Emulated, the machine is slow, which the recorder says.
    check(state["folder"] == str(_RECORDINGS) and "nothing can be" not in state["problem"] and not state["lost"], state)
    check(any("interesting" in path.name for path in paths), paths)
    read = run("whimbrel", "replay", str(_COPY))
    check(air.PERSONAL.ssid in read, read)


def _recordings() -> list[Path]:
    """Check every recording and copy the attack's; none if one was renamed meanwhile, because it has ended."""
    paths = sorted(_RECORDINGS.glob("*.pcapng"))
    try:
        for path in paths:
            told = path.stat()
            check(path.owner() == daemon.USER, f"{path} is of {path.owner()}")
            check(told.st_mode & 0o777 == 0o640, f"{path}: {told.st_mode:o}")
            check(path.read_bytes()[:4] == b"\n\r\r\n", f"{path} is no pcapng file")
        shutil.copy(next(path for path in paths if "deauth-flood" in path.name), _COPY)
    except FileNotFoundError:
        return []
    return paths


def runs_as_its_user_without_a_capability() -> None:
    check(run("id", "-nu", daemon.of_process("Uid").split()[0]).strip() == daemon.USER, daemon.of_process("Uid"))
    daemon.check_privileges(0)


def is_exposed_to_little() -> None:
    daemon.check_exposure(EXPOSURE)


def stays_within_its_memory() -> None:
    resident = int(daemon.of_process("VmRSS").split()[0]) * 1024
    group = int(daemon.of_unit("MemoryCurrent"))
    peak = daemon.of_process("VmHWM")
    say(f"NOTE  resident {resident >> 10} KiB (peak {peak}), MemoryCurrent {group >> 10} KiB")
    check(resident <= RESIDENT, f"resident {resident} octets")
    check(group <= RESIDENT, f"MemoryCurrent {group} octets")


def refuses_a_bad_file_and_keeps_the_old_settings() -> None:
    good = daemon.SETTINGS.read_text()
    began = daemon.now()
    daemon.SETTINGS.write_text(good.replace("hop:", "hopp:"))
    try:
        run("systemctl", "reload", daemon.UNIT)
        entry = daemon.wait_for_entry("settings-refused", began)
    finally:
        daemon.SETTINGS.write_text(good)
    say("NOTE  said:", entry["MESSAGE"])
    check(re.search(rf"{daemon.SETTINGS}:\d+:\d+: .*hopp", entry["MESSAGE"]), entry)
    check(int(entry["PRIORITY"]) == 3, entry)
    check(daemon.changed_since(began) == set(), f"restarted: {daemon.changed_since(began)}")
    check(daemon.is_ready(), daemon.of_unit("ActiveState"))


def takes_a_good_file() -> None:
    began = daemon.now()
    write_settings(dwell="300ms")
    run("systemctl", "reload", daemon.UNIT)
    said = daemon.wait_for_entry("settings-reloaded", began)["MESSAGE"]
    say("NOTE  said:", said)
    check(said.endswith("changed: sniffer"), said)
    daemon.wait_for_entry("radio-opened", began)
    wait_for("the sniffer", lambda: daemon.modules()["sniffer"]["state"] == "ready", 60)
    check(daemon.changed_since(began) == {"sniffer"}, f"restarted: {daemon.changed_since(began)}")
    check(daemon.is_ready(), daemon.of_unit("ActiveState"))


def goes_on_without_its_radio_and_takes_it_back() -> None:
    began = daemon.now()
    air.pull_out_radio()
    try:
        wait_for("the sniffer to wait", lambda: daemon.modules()["sniffer"]["state"] == "waiting", 60)
        wait_for("the status to name the radio", lambda: air.RADIO in daemon.of_unit("StatusText"), 60)
        say("NOTE  said:", daemon.of_unit("StatusText"))
        still_ready = daemon.is_ready()
        states = {name: row["state"] for name, row in daemon.modules().items()}
    finally:
        air.plug_in_radio()
    check(still_ready, "the service ended with its radio")
    # The recorder may be late, and degraded by that, on an emulated machine.
    check(states.pop("sniffer") == "waiting", states)
    check(states.pop("recorder") in {"ready", "degraded"}, states)
    check(set(states.values()) == {"ready"}, states)
    say("NOTE  said:", daemon.wait_for_entry("radio-closed", began)["MESSAGE"])
    daemon.wait_for_entry("radio-opened", began)
    wait_for("the sniffer", lambda: daemon.modules()["sniffer"]["state"] == "ready", 60)
    wait_for("a status without trouble", lambda: daemon.of_unit("StatusText").startswith(("hopping", "camping")), 60)
    heard = daemon.ask("survey")["totals"]["frames"]
    wait_for("frames again", lambda: daemon.ask("survey")["totals"]["frames"] > heard, 60)


def scans_within_its_sandbox_where_there_is_no_monitor_mode() -> None:
    began = daemon.now()
    write_settings(scan=air.ATTACKER)
    run("systemctl", "reload", daemon.UNIT)
    try:
        said = daemon.wait_for_entry("radio-opened", began)["MESSAGE"]
        say("NOTE  said:", said)
        check("driver scan" in said and "monitor mode" in said, said)
        heard = daemon.ask("survey")["totals"]["frames"]
        wait_for("two scans", lambda: daemon.ask("survey")["totals"]["frames"] >= heard + 2 * len(air.NETWORKS), 120)
        check(daemon.of_unit("StatusText").startswith("scanning"), daemon.of_unit("StatusText"))
        rows = {row["bssid"]: row for row in daemon.ask("survey", what="access_points")["access_points"]}
        for network in air.NETWORKS:
            row = rows[air.address(network.interface)]
            check((row["security"], row["channel"]) == (network.security, network.channel), row)
            check(row["last_seq"] is None, "not by scan")
        rules = {row["rule"]: row["unheard"] for row in daemon.ask("rules")}
        check(rules["deauth-flood"] and not rules["evil-twin"], rules)
    finally:
        write_settings()
        again = daemon.now()
        run("systemctl", "reload", daemon.UNIT)
    daemon.wait_for_entry("radio-opened", again)
    wait_for("the sniffer", lambda: daemon.modules()["sniffer"]["state"] == "ready", 60)
    check(air.interfaces().get(air.ATTACKER) is not None, air.interfaces())


def is_restarted_by_the_watchdog_when_it_hangs() -> None:
    hung, began = daemon.pid(), daemon.now()
    started = time.monotonic()
    os.kill(hung, signal.SIGSTOP)
    wait_for("another process", lambda: daemon.pid() not in {0, hung}, 90)
    say(f"NOTE  started anew after {time.monotonic() - started:.1f} s, WatchdogUSec {daemon.of_unit('WatchdogUSec')}")
    check(not Path(f"/proc/{hung}").exists(), "the process that hung is still there")
    daemon.wait_until_ready()
    check(daemon.of_unit("NRestarts") == "1", f"{daemon.of_unit('NRestarts')} restarts")
    said = [str(entry["MESSAGE"]) for entry in daemon.entries(began, UNIT=daemon.UNIT)]
    check(any("Watchdog timeout" in line for line in said), said)


def was_refused_no_system_call() -> None:
    began = daemon.now()
    probe = "import socket\ntry: socket.sethostname('x')\nexcept PermissionError: pass"
    run("systemd-run", "--wait", "--quiet", "--property=SystemCallFilter=~sethostname",
        "--property=SystemCallErrorNumber=EPERM", "python3", "-c", probe)  # fmt: skip
    # 170 is sethostname: that a refusal is written at all has to be known first.
    wait_for(
        "the refusal to the probe in the journal", lambda: any("syscall=170" in line for line in _refusals(began)), 60
    )
    user = run("id", "-u", daemon.USER).strip()
    lines = _refusals(0)
    found = sorted(line for line in lines if f" uid={user} " in line and f" syscall={_CLONE3} " not in line)
    check(found == [], "refused:\n" + "\n".join(found[:10]))


def said_nothing_of_a_mistake_of_its_own() -> None:
    words = [str(entry["MESSAGE"]) for entry in daemon.entries(_SYSTEMD_UNIT=daemon.UNIT)]
    bad = [line for line in words if "Traceback" in line or "this is a bug" in line or "please report" in line]
    check(bad == [], bad[:5])
    for kind in ("module-failed", "key-trouble", "radio-blind"):
        found = [entry["MESSAGE"] for entry in daemon.entries(WHIMBREL_KIND=kind)]
        check(found == [], found[:5])
    rules = {entry.get("WHIMBREL_RULE", "") for entry in daemon.entries(WHIMBREL_KIND="alert")}
    say("NOTE  alerts of the rules:", ", ".join(sorted(rules)) or "none")


def _refusals(since: float) -> list[str]:
    """Return what the kernel has written of refused system calls (audit's type 1326, SECCOMP)."""
    lines = run("journalctl", "--boot", "--no-pager", "--output=short-unix", "--grep=type=1326|SECCOMP").splitlines()
    return [line for line in lines if line[:1].isdigit() and float(line.split()[0]) >= since]

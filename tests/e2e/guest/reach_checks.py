"""The second process under systemd: who it is, what it may, whom it tells, and that it outlasts the daemon."""

from __future__ import annotations

import grp
import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests.e2e.guest import daemon
from tests.vm.guest.checks import check, run, say, wait_for

UNIT = "whimbrel-reach.service"
USER = "whimbrel-reach"
EXPOSURE = 1.5
"""Of 10, by ``systemd-analyze security``."""
RESIDENT = 48 * 1024 * 1024
TOLD = Path("/var/lib/whimbrel-reach/told")
_DEVICE_END, _PHONE_END = "10.66.0.1", "10.66.0.2"
_PORT = 8080
_CERTIFICATE = "/var/lib/whimbrel-reach/web-certificate.pem"
_SEEN = Path("/run/phone.jsonl")
_SOONEST = 2.0
"""Seconds from the first alert to a phone's view of it."""
SETTINGS: dict[str, Any] = {
    "notify": {"command": ["sh", "-c", f"cat >> {TOLD}"], "pause": "1s"},
    # Nobody listens there: what is sent needs a socket of IP, which the sandbox has to allow.
    "syslog": {"host": "127.0.0.1", "transport": "udp", "port": 5140},
    "mqtt": {"host": "127.0.0.1", "name": "guest"},
    "metrics": None,
    # With a certificate, which is made at the first start: all that the page can cost.
    "web": {"addresses": [_DEVICE_END], "port": _PORT, "tls": "made"},
}
"""Every module of the second process."""
_phones: list[subprocess.Popen[bytes]] = []


def start() -> None:
    """Start it anew, with the settings that were written meanwhile, beside a broker and a cable to a phone."""
    run("systemctl", "start", "mosquitto.service")
    if not Path("/run/netns/phone").exists():
        _connect_phone()
    run("systemctl", "restart", "--no-block", UNIT)
    wait_for("reach to be ready", lambda: daemon.of_unit("ActiveState", UNIT) == "active", 120)


def _connect_phone() -> None:
    """Make a network namespace, and an Ethernet cable between it and the guest."""
    run("modprobe", "veth")
    run("ip", "netns", "add", "phone")
    run("ip", "link", "add", "cable", "type", "veth", "peer", "name", "phone", "netns", "phone")
    for inside, name, address in ((False, "cable", _DEVICE_END), (True, "phone", _PHONE_END)):
        ip = ["ip", *(["-n", "phone"] if inside else [])]
        run(*ip, "address", "add", f"{address}/24", "dev", name)
        run(*ip, "link", "set", name, "up")


def runs_every_module_of_its_settings() -> None:
    def status() -> str:
        said = daemon.of_unit("StatusText", UNIT)
        return said if said.startswith("hears the daemon: ") and "waiting" not in said else ""

    said = wait_for("each module to be ready", status, 180)
    check(set(said.partition(": ")[2].split(", ")) == SETTINGS.keys(), said)
    said = run("mosquitto_sub", "-t", "whimbrel/guest/status", "-C", "1", "-W", "30").strip()
    check(said == "online", f"the broker has {said!r}")
    with urllib.request.urlopen("http://127.0.0.1:9753/metrics", timeout=30) as answer:
        check(b"whimbrel_up 1.0" in answer.read(), "no figures")


def a_phone_logs_in_to_the_page() -> None:
    """Leave one there that looks at the page, from a network of its own."""
    found = wait_for("a token", _address_and_token)
    assert found is not None  # it waited for it
    url, token = found
    command = [sys.executable, "-m", "tests.e2e.guest.phone", url, _CERTIFICATE, token, "alert,incident-opened"]
    with _SEEN.open("wb") as seen:
        phone = subprocess.Popen(["ip", "netns", "exec", "phone", *command], stdout=seen, stderr=subprocess.STDOUT)
    _phones.append(phone)
    wait_for("the phone to hear of the daemon", lambda: b'"reached"' in _SEEN.read_bytes() or phone.poll(), 120)
    check(phone.poll() is None, _SEEN.read_text())


def _address_and_token() -> tuple[str, str] | None:
    lines = [line for line in run("whimbrel", "web-token").splitlines() if _DEVICE_END in line]
    return (lines[0].split("/#")[0], lines[0].rpartition("token=")[2]) if lines else None


def a_phone_saw_the_attack_at_once() -> None:
    """Compare its time of arrival with the daemon's own time of the first alert, which the journal has."""

    def seen() -> list[dict[str, Any]]:
        lines = map(json.loads, _SEEN.read_text().splitlines())
        return [line for line in lines if line["said"].get("kind") == "alert" and _is_attack(line["said"])]

    first = wait_for("the phone to see it", seen)[0]
    number = str(first["said"]["body"]["id"])
    told = daemon.entries(WHIMBREL_KIND="alert", WHIMBREL_ALERT=number)
    raised = first["said"]["time"]
    say(f"NOTE  the phone saw alert {number} {first['at'] - raised:.2f} s after it was raised")
    check(told, f"the journal has no alert {number}")
    check(first["at"] - raised <= _SOONEST, first)
    for phone in _phones:
        phone.kill()
        phone.wait()


def _is_attack(event: dict[str, Any]) -> bool:
    return bool(event["body"]["rule"] == "deauth-flood")


def runs_as_a_user_of_its_own_without_a_capability() -> None:
    check(run("id", "-nu", daemon.of_process("Uid", UNIT).split()[0]).strip() == USER, daemon.of_process("Uid", UNIT))
    daemon.check_privileges(0, UNIT)


def is_exposed_to_less_than_the_daemon() -> None:
    daemon.check_exposure(EXPOSURE, UNIT)


def tells_a_person_of_the_attack() -> None:
    def told() -> list[dict[str, Any]]:
        lines = TOLD.read_text().splitlines() if TOLD.exists() else []
        found = [json.loads(line) for line in lines]
        return [message for message in found if message["severity"] == "critical"]

    message = wait_for("a message about the attack", told, 60)[0]
    say("NOTE  told:", message["title"])
    check("What to do:" in message["text"], message)
    numbers = [message["id"] for message in told() if message["kind"] == "incident-opened"]
    check(len(numbers) == len(set(numbers)), f"told twice: {numbers}")


def stays_within_its_memory() -> None:
    resident = int(daemon.of_process("VmRSS", UNIT).split()[0]) * 1024
    say(f"NOTE  resident memory of reach {resident >> 10} KiB (peak {daemon.of_process('VmHWM', UNIT)})")
    check(resident <= RESIDENT, f"resident {resident} octets")


def takes_a_provisioning_file() -> None:
    """Make the guest one of many: its secrets are root's, and the service gets them."""
    token, password = "a-token-of-the-guest", "a password of the guest"
    given = {
        "device": {"name": "attic"},
        "modules": SETTINGS | {
            "mqtt": {"host": "127.0.0.1", "user": "attic", "password": password, "may": ["acknowledge"]},
            "web": {"addresses": ["127.0.0.1"], "token": token},
        },
    }  # fmt: skip
    file = Path("/run/provision.yaml")
    file.write_text(f"---\n{json.dumps(given)}\n...\n")
    before = daemon.SETTINGS.read_text()
    try:
        say("NOTE  said:", *run("whimbrel", "provision", str(file)).splitlines())
        run("systemctl", "daemon-reload")
        start()
        told = run("mosquitto_sub", "-t", "whimbrel/attic/status", "-C", "1", "-W", "60").strip()
        check(told == "online", f"the broker has {told!r}")
        wait_for("a login with that token", lambda: _logs_in(token), 60)
        check(not _logs_in(token[:-1] + "x"), "any token logs in")
        daemon.check_privileges(0, UNIT)
        daemon.check_exposure(EXPOSURE, UNIT)
        groups = {grp.getgrgid(int(number)).gr_name for number in daemon.of_process("Groups", UNIT).split()}
        check({"whimbrel", "whimbrel-look"} <= groups, groups)
        folder = Path("/etc/whimbrel/provisioned")
        kept = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        check(kept == {"mqtt": 0o600, "web": 0o600} and folder.stat().st_mode & 0o777 == 0o700, kept)
        run("setpriv", "--reuid", USER, "--clear-groups", "test", "!", "-r", str(folder / "mqtt"))
    finally:
        daemon.SETTINGS.write_text(before)
        Path("/etc/systemd/system/whimbrel-reach.service.d/60-provisioned.conf").unlink(missing_ok=True)
        run("systemctl", "daemon-reload")
        start()


def _logs_in(token: str) -> bool:
    body = json.dumps({"token": token}).encode()
    headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{_PORT}"}
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{_PORT}/api/v1/login", body, headers)
        with urllib.request.urlopen(request, timeout=30):
            return True
    except OSError:
        return False


def outlasted_the_daemon() -> None:
    """After the daemon was ended by the watchdog: reach noticed, waited, and hears it again."""
    kinds = [entry.get("WHIMBREL_KIND") for entry in daemon.entries(_SYSTEMD_UNIT=UNIT)]
    check("daemon-unreachable" in kinds, kinds)
    wait_for("the daemon to be heard", lambda: "hears the daemon" in daemon.of_unit("StatusText", UNIT), 60)
    check(daemon.of_unit("NRestarts", UNIT) == "0", f"{daemon.of_unit('NRestarts', UNIT)} restarts")
    words = [str(entry["MESSAGE"]) for entry in daemon.entries(_SYSTEMD_UNIT=UNIT)]
    check(not any("Traceback" in line or "this is a bug" in line for line in words), words[-5:])

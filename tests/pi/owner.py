"""The card in its owner's computer, and the board started with what was put on it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.pi import panels
from tests.pi.board import Card, started
from tests.pi.console import Console
from tests.pi.firststart import COPIED, PATIENCE, stop
from tests.pi.report import Report
from tests.pi.tools import SSID

SETTINGS = """# Written by its owner.
---
modules:
  sniffer:
    linux: {radio: phy0}
    hop: {channels: ["1", "6", "11"]}
  watcher:
  logger:
  control:
  system:
  buttons:
    driver: gpio
    gpio:
      keys: {up: 17, down: 22, left: 27, right: 23, ok: 4, back: 5, menu: 6}
      # The emulated lines always read low: as those of a HAT, every key would be held.
      pull: down
      active: high
  display:
    driver: oled
    oled: {chip: ssd1306, bus: i2c, port: 1, address: 0x3c}
...
"""
IMAGER = """#cloud-config
timezone: Europe/Berlin
users:
- name: wader
  groups: users,adm,sudo
  lock_passwd: false
  passwd: $5$MnZ8rDq2aT$1cW2mPxzPpXbeMOrRdDYMIXgmBKNS1aJ0Em0N2r4bA1
"""
"""As Raspberry Pi Imager writes user-data: the hash of no password that anybody knows."""
_WRONG = "---\\nmodules:\\n  sniffer:\\n    hop: {dwel: 3s}\\n...\\n"
TIME = 1935835200
"""2031-05-06 12:00 in UTC, as device.txt has it: seconds since the epoch."""
_LOGIN = (
    "ssh -i /tmp/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=60"
    " -o BatchMode=yes"
)


def run(card: Card, results: Path, report: Report) -> None:
    """Check that the board takes what its owner wrote, hears, shows, and refuses what is wrong."""
    key = card.tools / "key"
    card.write("authorized_keys", key.with_suffix(".pub").read_text().replace("\n", "\r\n"))
    card.write("device.txt", "hostname=Curlew\r\ncountry=de\r\ntime=2031-05-06 12:00\r\n...\r\n")
    card.write("whimbrel.yaml", SETTINGS)
    card.write("user-data", IMAGER)
    panels.plant(card)
    with started(card, results, "owner", panels.WORD) as board:
        board.open(PATIENCE)
        report.becomes(board, "whimbrel.service is ready again", "systemctl is-active --quiet whimbrel", 180)
        report.true(board, "with the tests' tools at hand", "findmnt /mnt")
        _is_quiet(board, report)
        _takes(board, report)
        _takes_customisation(board, report)
        _lets_in(board, report)
        _hears(board, report)
        _shows(board, report, results)
        _copies(board, report)
        _scans(board, report)
        _refuses(board, report)
        stop(board, card, report)
    told = card.read("problems.txt").decode()
    report.check("its owner's computer finds out why", "\r\n" in told and "dwel" in told, told)
    _has_copies(card, report)


def _is_quiet(board: Console, report: Report) -> None:
    """Check that a start without trouble says little, and nothing that sounds like trouble."""
    board.until("whimbrel modules | grep -E '^display +ready'", 60)
    warned = board.ask("journalctl -b -p warning -o short-monotonic -q -u 'whimbrel*'").output
    report.check("a start without trouble warns of nothing", not warned, warned)
    told = board.ask("journalctl -b -p info -o cat -q _SYSTEMD_UNIT=whimbrel.service").output
    ready = [line for line in told.splitlines() if re.search("^Ready after|^Module .* is (starting|ready)", line)]
    report.check("and says in one line that its modules are ready", len(ready) == 1, told)


def _takes(board: Console, report: Report) -> None:
    report.true(
        board,
        "the name of the boot partition is its name",
        '[ "$(uname -n)" = curlew ] && grep -qx curlew /etc/hostname',
    )
    report.true(board, "the country is the kernel's", "iw reg get | grep -q 'country DE'")
    report.true(board, "the settings are the daemon's", COPIED)
    now = int(board.ask("date +%s").output)
    report.check("the time is that of the boot partition", TIME <= now < TIME + 3600, now)
    report.becomes(board, "and counts as known", "whimbrel status | grep -q 'known by a person'", 60)
    report.true(
        board, "which the journal says", "journalctl -b -u whimbrel-boot-settings | grep -q 'boot partition is taken'"
    )
    heard = "for i in $(seq 24); do iw dev | grep -o 'channel [0-9]*'; sleep 0.2; done | sort -u | tr '\\n' ' '"
    channels = board.ask(heard).output.strip()
    report.check("the radio visits those channels alone", channels == "channel 1 channel 11 channel 6", channels)


def _takes_customisation(board: Console, report: Report) -> None:
    """Check what Raspberry Pi Imager wrote."""
    report.true(board, "Imager's time zone is that of its clock", '[ "$(date --date 2031-05-06 +%Z)" = CEST ]')
    report.true(board, "its account has its password", "grep -q '^wader:.5.MnZ8' /etc/shadow && [ -d /home/wader ]")
    report.true(board, "and may become root, as the group sudo", "id -nG wader | grep -qw sudo && sudo -l -U wader")
    report.true(board, "its file is gone, and the card says the zone", "[ ! -e /boot/firmware/user-data ]")
    report.true(board, "in device.txt", "tr -d '\\r' < /boot/firmware/device.txt | grep -qx timezone=Europe/Berlin")


def _lets_in(board: Console, report: Report) -> None:
    report.becomes(board, "sshd runs", "systemctl is-active --quiet ssh", 120)
    board.ask("install -m 600 /mnt/key /tmp/key; ip link set lo up")
    report.true(board, "the key opens", f"{_LOGIN} root@127.0.0.1 true")
    other = "rm -f /tmp/other; ssh-keygen -q -t ed25519 -N '' -f /tmp/other;"
    refused = board.ask(f"{other} {_LOGIN.replace('/tmp/key', '/tmp/other')} root@127.0.0.1 true")
    report.check("another does not", refused.status == 255 and "Permission denied" in refused.output, refused.output)
    asked = board.ask(f"{_LOGIN} -o PubkeyAuthentication=no root@127.0.0.1 true")
    report.check("nor is a password asked for", "Permission denied (publickey)" in asked.output, asked.output)


def _hears(board: Console, report: Report) -> None:
    started_ = "systemd-run --unit ap --quiet --setenv LD_LIBRARY_PATH=/mnt /mnt/hostapd /mnt/hostapd.conf"
    report.true(board, "an access point of the simulated air starts", started_)
    entry = f"journalctl -b -u whimbrel WHIMBREL_SSID={SSID} -o json | grep -q WHIMBREL_BSSID"
    report.becomes(board, "the hopping daemon finds it and the journal has its name", entry, 120)
    report.becomes(board, "as WPA2 in the survey", f"whimbrel survey | grep {SSID} | grep -q WPA2", 60)


def _shows(board: Console, report: Report, results: Path) -> None:
    # A screen that does not change by itself.
    report.true(board, "a press of a key is taken", "whimbrel press menu")
    same = f"whimbrel screenshot --force /tmp/s.png && {panels.compare('adafruit-oled-bonnet', 'i2c-1', '/tmp/s.png')}"
    panels.shows(board, report, "the panel shows, pixel for pixel, what the daemon says", same, results, "menu")
    report.true(board, "the keys' lines are held", "whimbrel modules | grep -E '^buttons +ready'")


def _copies(board: Console, report: Report) -> None:
    copied = board.ask("whimbrel copy-to-card", 1200)
    done = copied.status == 0 and "files of" in copied.output
    told = "" if done else board.ask("journalctl -b -q -n 30 -o short-monotonic -u whimbrel-copy").output
    report.check("a copy to the card works", done, f"{copied.output}\n{told}")
    report.true(board, "after which it is read-only again", "findmnt -no OPTIONS /boot/firmware | grep -q '^ro,'")


def _has_copies(card: Card, report: Report) -> None:
    names = card.names("copies")
    report.check("its owner's computer reads the copies", {".html", ".json"} <= {Path(n).suffix for n in names}, names)
    pages = [card.read(f"copies/{name}") for name in names if name.endswith(".html")]
    report.check("the report names the network that it heard", any(SSID.encode() in page for page in pages), names)


def _changed(board: Console, report: Report, what: str, change: str) -> None:
    """Check that a start goes on whose settings were changed on the boot partition."""
    board.ask(f"mount -o remount,rw /boot/firmware; cd /boot/firmware; {change}; cd /; sync -f /boot/firmware")
    board.ask("mount -o remount,ro /boot/firmware")
    report.true(board, f"a start with {what} goes on", "systemctl restart whimbrel-boot-settings whimbrel")


def _scans(board: Console, report: Report) -> None:
    edit = r"/^    hop:/d; s/^    linux: .*/    source: scan\n    tuner: none\n    scan: {radio: phy0, pause: 1s}/"
    _changed(board, report, "settings to scan", f"sed -i '{edit}' whimbrel.yaml")
    report.becomes(board, "the daemon scans, which its status says", "whimbrel status | grep -q scanning", 60)
    report.becomes(board, "and finds the access point", f"whimbrel survey | grep {SSID} | grep -q WPA2", 120)
    report.true(board, "without an interface in monitor mode", "! iw dev | grep -q 'type monitor'")


def _refuses(board: Console, report: Report) -> None:
    _changed(board, report, "wrong settings", f"printf -- '{_WRONG}' > whimbrel.yaml")
    report.true(board, "the last good ones stay", "grep -q 'Written by its owner' /etc/whimbrel/whimbrel.yaml")
    report.becomes(board, "the daemon runs with them", "systemctl is-active --quiet whimbrel", 120)
    said = "journalctl -b -u whimbrel-boot-settings -p warning -o cat | grep -q 'is refused.*whimbrel.yaml:4:'"
    report.true(board, "the journal says what is wrong", said)
    report.true(
        board, "and a text beside it on the boot partition", "grep -q 'whimbrel.yaml:4:' /boot/firmware/problems.txt"
    )
    report.true(board, "which is read-only again", "findmnt -no OPTIONS /boot/firmware | grep -q '^ro,'")

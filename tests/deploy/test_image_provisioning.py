"""A provisioning file on the boot partition of the image: taken once, by the real command, and removed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.deploy.test_image_boot_settings import PROJECT, Card, every_cut

from whimbrel.config import load
from whimbrel.provisioning.files import ProvisionedFiles

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "ssh-keygen", "mountpoint"))), reason="bash, ssh-keygen or mountpoint is missing"
)
SECRET = "a password of nobody"
FILE = f"""\
---
device: {{name: attic, country: GB}}
guarded:
  - {{ssid: Home, security: [WPA2-Personal]}}
modules:
  mqtt: {{host: broker.example.org, user: attic, password: "{SECRET}"}}
  metrics: {{address: 0.0.0.0}}
...
"""


@pytest.fixture
def card(tmp_path: Path) -> Card:
    card = Card(tmp_path)
    (card.programs / "whimbrel").write_text(f'#!/bin/sh\nexec {sys.executable} -m whimbrel "$@"\n')
    card.program("systemctl", 'echo "$@" >> "$WHIMBREL_RUN/systemctl"')
    (card.etc.parent / "run/whimbrel-image").mkdir(parents=True)
    shutil.copy(PROJECT / "deploy/image/boot/whimbrel.yaml", card.boot)
    shutil.copy(PROJECT / "deploy/image/boot/device.txt", card.boot)
    card.start()
    return card


def refused(card: Card) -> list[str]:
    """Return what could not be taken; the machine of the tests also lacks a panel."""
    return [line for line in card.problems.splitlines()[2:] if "not work: there is no /dev" not in line]


def put(card: Card, text: str = FILE, name: str = "provision.yaml") -> Path:
    path = card.boot / name
    path.write_text(text)
    return path


def files_with(secret: str, *folders: Path) -> list[Path]:
    everything = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in everything if secret.encode() in path.read_bytes()]


def test_the_device_is_made_one_of_many_and_the_card_keeps_no_secret(card: Card) -> None:
    file = put(card)
    told = card.start()
    assert "<5>provision.yaml of the boot partition is taken: provisioned: attic; modules: mqtt, metrics" in told
    assert SECRET not in told
    settings = load(card.settings)
    assert settings.modules["mqtt"].password == "credential:mqtt"
    assert settings.modules["mqtt"].name == "attic"
    assert settings.modules["watcher"].guarded[0].ssid == b"Home"
    assert "display" in settings.modules, "what the card's own settings have stays"
    assert (card.etc / "hostname").read_text() == "attic\n", "device.txt says whimbrel"
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=GB\n")
    assert not file.exists()
    secret = card.etc / "whimbrel/provisioned/mqtt"
    assert files_with(SECRET, card.boot, card.etc, card.run, card.state) == [secret]
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.parent.stat().st_mode & 0o777 == 0o700
    assert "LoadCredential=mqtt:/etc/whimbrel/provisioned/mqtt" in ProvisionedFiles(card.etc.parent).drop_in.read_text()
    assert (card.run / "systemctl").read_text() == "daemon-reload\n"
    outcome = (card.boot / "provisioned.txt").read_bytes().decode()
    assert "provisioned: attic; modules: mqtt, metrics\r\n" in outcome
    assert not refused(card)


def test_the_next_start_changes_nothing_and_asks_nobody(card: Card) -> None:
    put(card)
    card.start()
    card.start()  # the settings that were the package's are the card's now
    before = card.settings.stat()
    (card.programs / "whimbrel").write_text("#!/bin/sh\nexit 1\n")
    assert card.start() == ""
    assert card.settings.stat().st_ino == before.st_ino
    assert (card.etc / "hostname").read_text() == "attic\n"


def test_other_settings_on_the_card_get_what_is_provisioned(card: Card) -> None:
    put(card)
    card.start()
    (card.boot / "whimbrel.yaml").write_text("---\nmodules:\n  sniffer:\n  watcher: {access_points: 99}\n...\n")
    assert "<5>whimbrel.yaml of the boot partition is taken" in card.start()
    settings = load(card.settings)
    assert list(settings.modules) == ["sniffer", "watcher", "mqtt", "metrics"]
    assert settings.modules["watcher"].access_points == 99
    assert settings.modules["watcher"].guarded[0].ssid == b"Home"


def test_another_file_replaces_the_first_whole(card: Card) -> None:
    put(card)
    card.start()
    put(card, "---\ndevice: {name: cellar}\nmodules:\n  web: {token: a-token-of-nobody}\n...\n")
    card.start()
    settings = load(card.settings)
    assert not {"mqtt", "metrics"} & settings.modules.keys()
    assert settings.modules["web"].token == "credential:web"
    assert not settings.modules["watcher"].guarded
    assert [path.name for path in (card.etc / "whimbrel/provisioned").iterdir()] == ["web"]
    assert (card.etc / "hostname").read_text() == "cellar\n"
    assert not files_with(SECRET, card.etc, card.state)


@pytest.mark.parametrize("text", ["", "\0" * 300, FILE.replace("metrics", "metric"), FILE.replace("\n...", "")])
def test_a_file_with_a_mistake_is_refused_and_stays(card: Card, text: str) -> None:
    put(card)
    card.start()
    before = card.settings.read_text()
    file = put(card, text)
    told = card.start()
    assert "<4>provision.yaml is refused, what was provisioned stays: " in told
    assert "provision.yaml is refused" in card.problems
    assert SECRET not in told + card.problems
    assert "provision.yaml is refused" in (card.run / "problems.txt").read_text(), "the daemon is to show it"
    assert file.exists()
    assert card.settings.read_text() == before
    assert (card.etc / "whimbrel/provisioned/mqtt").read_text() == f"{SECRET}\n"
    assert (card.etc / "hostname").read_text() == "attic\n"


def test_a_file_is_refused_wherever_it_was_cut(card: Card) -> None:
    before = card.settings.read_text()
    for cut in every_cut(FILE)[:-1:3]:
        put(card, cut)
        assert "<4>provision.yaml is refused" in card.start(), cut
        assert card.settings.read_text() == before
    assert not (card.etc / "whimbrel/provisioned").exists()


def test_a_card_that_cannot_be_written_is_told(card: Card) -> None:
    file = put(card)
    (card.programs / "rm").write_text(
        f'#!/bin/sh\ncase "$*" in *provision*) exit 1;; esac\nexec {shutil.which("rm")} "$@"\n'
    )
    (card.programs / "rm").chmod(0o755)
    assert "could not be removed: its secrets are still on the card" in card.start()
    assert "could not be removed" in card.problems
    assert load(card.settings).modules["mqtt"].name == "attic"
    (card.programs / "rm").unlink()
    card.start()
    assert not file.exists()
    assert not refused(card)


@pytest.mark.parametrize("failing", ["", "rm", "dd", "stat", "sync"])
def test_the_partition_is_not_left_writable(card: Card, failing: str) -> None:
    put(card)
    log = card.run / "mounts"
    (card.programs / "mountpoint").write_text("#!/bin/sh\n")
    state = f"tail -n 1 {log} 2> /dev/null | grep -q rw && echo rw,noatime || echo ro,noatime"
    (card.programs / "findmnt").write_text(f"#!/bin/sh\n{state}\n")
    (card.programs / "mount").write_text(f'#!/bin/sh\necho "$2" >> {log}\n')
    if failing:
        only = {"sync": "*provision.sum*", "stat": "*provision.yaml*"}.get(failing, "*provision*")
        # The sum is written once before the card is, which may succeed.
        again = f"[ -e {log} ] && exit 1" if failing == "sync" else "exit 1"
        real = shutil.which(failing)
        (card.programs / failing).write_text(f'#!/bin/sh\ncase "$*" in {only}) {again};; esac\nexec {real} "$@"\n')
    for program in card.programs.iterdir():
        program.chmod(0o755)
    told = card.start()
    assert ("could not be removed" in told) is bool(failing), told
    modes = log.read_text().split()
    assert modes == ["remount,rw", "remount,ro"] * (len(modes) // 2)
    assert len(modes) == (4 if failing else 2), "once for the secrets, once for problems.txt"


def test_networks_of_the_card_s_own_settings_outlast_two_provisionings(card: Card) -> None:
    (card.boot / "whimbrel.yaml").write_text(
        "---\nmodules:\n  sniffer:\n  watcher: {guarded: [{ssid: Own}]}\n  metrics: {port: 7777}\n...\n"
    )
    card.start()
    put(card)
    card.start()
    assert load(card.settings).modules["watcher"].guarded[0].ssid == b"Home"
    put(card, "---\ndevice: {name: cellar}\nmodules:\n  web: {token: a-token-of-nobody}\n...\n")
    card.start()
    settings = load(card.settings)
    assert [network.ssid for network in settings.modules["watcher"].guarded] == [b"Own"]
    assert settings.modules["metrics"].port == 7777
    assert "mqtt" not in settings.modules


def test_a_name_that_was_provisioned_is_told_as_such(card: Card) -> None:
    (card.etc / "whimbrel/provisioned.yaml").write_text("device:\n  name: a_b\n  country: G\n")
    told = card.start()
    assert "provisioned.yaml: hostname: letters" in told
    assert "provisioned.yaml: country: two letters" in told


def test_what_is_cut_off_in_the_middle_is_done_again(card: Card) -> None:
    """The power goes after the settings are written, before the card is."""
    put(card)
    (card.programs / "systemctl").write_text("#!/bin/sh\nkill -9 $PPID\n")
    names = {"WHIMBREL_BOOT": card.boot, "WHIMBREL_RUN": card.run, "WHIMBREL_STATE": card.state}
    environment = {name: str(path) for name, path in names.items()} | {
        "WHIMBREL_ROOT": str(card.etc.parent), "PATH": f"{card.programs}:{os.environ['PATH']}",
    }  # fmt: skip
    script = PROJECT / "deploy/image/root/usr/lib/whimbrel-image/boot-settings"
    done = subprocess.run(["bash", script], env=os.environ | environment, capture_output=True, check=False)
    assert done.returncode == -9
    assert (card.boot / "provision.yaml").exists()
    (card.programs / "systemctl").write_text("#!/bin/sh\n")
    assert "provision.yaml of the boot partition is taken" in card.start()
    assert not (card.boot / "provision.yaml").exists()
    assert (card.etc / "hostname").read_text() == "attic\n"

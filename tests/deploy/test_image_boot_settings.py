"""The script that takes what its owner put on the boot partition of the image."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from whimbrel.testing import PATIENCE

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "deploy/image/root/usr/lib/whimbrel-image/boot-settings"
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "ssh-keygen", "mountpoint"))), reason="bash, ssh-keygen or mountpoint is missing"
)

# Stands in for the installed program: refuses what says so, misses hardware where that is said.
WHIMBREL = """#!/bin/sh
echo "$@" >> "$WHIMBREL_RUN/asked"
if grep -q refuse "$4"; then echo "whimbrel: $4:2:3: modules: \033[31mwrong" >&2; exit 3; fi
if grep -q absent "$4"; then echo "no such radio" >&2; exit 6; fi
"""
# Stands in for date: the clock of this machine is never set.
DATE = f"""#!/bin/sh
case "$*" in
    *--set*) echo "$*" >> "$WHIMBREL_RUN/date" ;;
    +%s) cat "$WHIMBREL_RUN/now" 2> /dev/null || exec {shutil.which("date")} "$@" ;;
    *) exec {shutil.which("date")} "$@" ;;
esac
"""


class Card:
    """A boot partition, and the device that starts from it."""

    def __init__(self, folder: Path) -> None:
        self.boot, self.etc, self.run = folder / "boot", folder / "etc", folder / "run"
        self.modprobe, self.kernel, self.tree = folder / "modprobe.d", folder / "kernel", folder / "tree"
        self.modules, self.programs, self.state = folder / "modules", folder / "programs", folder / "state"
        for made in (
            self.boot,
            self.etc / "whimbrel",
            self.run,
            self.state,
            self.kernel,
            self.tree,
            self.modules,
            self.programs,
        ):
            made.mkdir(parents=True)
        (self.programs / "whimbrel").write_text(WHIMBREL)
        (self.programs / "date").write_text(DATE)
        self.told.write_text('#!/bin/sh\necho told >> "$WHIMBREL_RUN/told"\n')
        (self.programs / "udevadm").write_text('#!/bin/sh\necho "$@" >> "$WHIMBREL_RUN/udevadm"\n')
        (self.programs / "iw").write_text('#!/bin/sh\necho "$@" >> "$WHIMBREL_RUN/iw"\n')
        for program in self.programs.iterdir():
            program.chmod(0o755)
        self.settings.write_text("modules: {first: }\n")
        (self.etc / "hostname").write_text("whimbrel\n")

    def program(self, name: str, line: str) -> None:
        """Have a program do this in the place of the real one."""
        (self.programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (self.programs / name).chmod(0o755)

    def write_protected(self) -> Path:
        """Make the partition one that is mounted read-only and stays so; return the file that has its mode."""
        mode = self.run / "mode"
        mode.write_text("ro\n")
        self.program("mountpoint", "exit 0")
        self.program("findmnt", f"cat {mode}")
        self.program("mount", "exit 1")
        return mode

    @property
    def settings(self) -> Path:
        return self.etc / "whimbrel/whimbrel.yaml"

    @property
    def networks(self) -> Path:
        """The folder of networks that count until the next start."""
        return self.run / "networks"

    @property
    def update(self) -> Path:
        """The folder in which an update keeps its problems."""
        return self.state / "update"

    @property
    def units(self) -> Path:
        """The folder of systemd for drop-ins of this start."""
        return self.run / "units"

    @property
    def sys(self) -> Path:
        """What the kernel says of devices."""
        return self.run / "sys"

    @property
    def share(self) -> Path:
        """What the package ships for reading."""
        return self.state / "share"

    @property
    def problems(self) -> str:
        report = self.boot / "problems.txt"
        return report.read_bytes().decode() if report.exists() else ""

    @property
    def asked(self) -> int:
        """How often the settings were checked."""
        log = self.run / "asked"
        return len(log.read_text().splitlines()) if log.exists() else 0

    @property
    def clock(self) -> Path:
        """The file whose time stamp the next start begins with."""
        return self.state / "clock"

    @property
    def told(self) -> Path:
        """Stands in for what notes that somebody has told the time."""
        return self.programs / "told"

    @property
    def times_told(self) -> int:
        """How often somebody has."""
        log = self.run / "told"
        return len(log.read_text().splitlines()) if log.exists() else 0

    @property
    def clock_set(self) -> list[str]:
        """What the clock was set to."""
        log = self.run / "date"
        return [line.split("@")[1] for line in log.read_text().splitlines()] if log.exists() else []

    def start(self, *argv: str, script: Path = SCRIPT) -> str:
        """Run the script and return what the journal gets."""
        names = ("boot", "run", "modprobe", "kernel", "tree", "modules", "state")
        environment = {f"WHIMBREL_{name.upper()}": str(getattr(self, name)) for name in names}
        environment["WHIMBREL_NETWORKS"] = str(self.networks)
        environment["WHIMBREL_ROOT"] = str(self.etc.parent)
        environment |= {"WHIMBREL_CARD_PROGRAM": str(PROJECT / "systemd/whimbrel-card")}
        environment |= {"WHIMBREL_CARD_RUN": str(self.run / "card"), "WHIMBREL_PATH": str(self.programs)}
        environment |= {"WHIMBREL_UPDATE": str(self.update), "WHIMBREL_UNITS": str(self.units)}
        environment |= {"WHIMBREL_SHARE": str(self.share), "WHIMBREL_SYS": str(self.sys)}
        environment |= {"WHIMBREL_TOLD": str(self.told)}
        environment |= {"PATH": f"{self.programs}:{os.environ['PATH']}", "WHIMBREL_CLOCK": str(self.clock)}
        done = subprocess.run(
            ["bash", script, *argv],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        return done.stderr


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card(tmp_path)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "who", "-f", file], check=True)
    return file.with_suffix(".pub").read_text()


def test_an_empty_partition_changes_nothing_and_says_nothing(card: Card) -> None:
    assert card.start() == ""
    assert card.settings.read_text() == "modules: {first: }\n"
    assert (card.etc / "hostname").read_text() == "whimbrel\n"
    assert not (card.run / "authorized_keys").exists()
    assert not card.problems


def test_settings_of_the_partition_replace_the_device_s(card: Card) -> None:
    (card.boot / "whimbrel.yaml").write_text("modules: {second: }\n")
    assert card.start() == "<5>whimbrel.yaml of the boot partition is taken\n"
    first, _, rest = card.settings.read_text().partition("\n")
    assert (
        first == "# A copy that each start makes anew: edit /boot/firmware/whimbrel.yaml, or the next start undoes it."
    )
    assert rest == "modules: {second: }\n"
    assert card.settings.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in card.settings.parent.iterdir()] == ["whimbrel.yaml"]


def test_settings_that_are_in_force_are_not_checked_again(card: Card) -> None:
    (card.boot / "whimbrel.yaml").write_text("modules: {second: }\n")
    card.start()
    assert card.asked == 1
    assert card.start() == ""
    assert card.asked == 1


def test_refused_settings_leave_the_last_good_ones_and_a_text_that_says_why(card: Card) -> None:
    (card.boot / "whimbrel.yaml").write_text("refuse: me\n")
    told = card.start()
    assert card.settings.read_text() == "modules: {first: }\n"
    assert told.startswith(
        "<4>whimbrel.yaml is refused, the last good one stays: whimbrel: whimbrel.yaml:2:3: modules:"
    )
    assert "whimbrel.yaml:2:3: modules:" in card.problems
    assert "\033" not in card.problems
    assert card.problems.endswith("\r\n")


def test_the_text_goes_away_once_all_is_right(card: Card) -> None:
    (card.boot / "whimbrel.yaml").write_text("refuse: me\n")
    card.start()
    before = (card.boot / "problems.txt").stat().st_mtime_ns
    card.start()
    assert (card.boot / "problems.txt").stat().st_mtime_ns == before, "the same text was written to the card again"
    (card.boot / "whimbrel.yaml").write_text("modules: {third: }\n")
    card.start()
    assert not card.problems
    assert card.settings.read_text().endswith("\nmodules: {third: }\n")


def test_keys_are_installed_for_root_alone(card: Card, key: str) -> None:
    (card.boot / "authorized_keys").write_text("# mine\n" + key)
    card.start()
    installed = card.run / "authorized_keys"
    assert installed.read_text() == "# mine\n" + key
    assert installed.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["authorized_keys", "authorized_keys.txt"])
def test_keys_written_on_windows_are_understood(card: Card, key: str, name: str) -> None:
    (card.boot / name).write_bytes(b"\xef\xbb\xbf" + key.replace("\n", "\r\n").encode())
    card.start()
    assert (card.run / "authorized_keys").read_text() == key


def test_a_key_taken_off_the_partition_opens_nothing_any_more(card: Card, key: str) -> None:
    (card.boot / "authorized_keys").write_text(key)
    card.start()
    (card.boot / "authorized_keys").unlink()
    card.start()
    assert not (card.run / "authorized_keys").exists()


@pytest.mark.parametrize("content", ["", "no key\n", "-----BEGIN OPENSSH PRIVATE KEY-----\n"])
def test_a_file_without_a_public_key_is_refused(card: Card, content: str) -> None:
    (card.boot / "authorized_keys").write_text(content)
    card.start()
    assert not (card.run / "authorized_keys").exists()
    assert not (card.run / "keys").exists()
    assert "authorized_keys: no public key in it" in card.problems


def test_name_and_country_are_taken(card: Card) -> None:
    (card.modules / "cfg80211").mkdir()
    (card.boot / "device.txt").write_bytes(b"# mine\r\nhostname = Curlew-2 # the second\r\n\r\ncountry=gb\r\n...")
    assert card.start() == ""
    assert (card.etc / "hostname").read_text() == "curlew-2\n"
    assert "127.0.1.1 curlew-2\n" in (card.etc / "hosts").read_text()
    assert (card.kernel / "hostname").read_text() == "curlew-2\n"
    assert (card.modprobe / "whimbrel-country.conf").read_text() == "options cfg80211 ieee80211_regdom=GB\n"
    assert (card.run / "iw").read_text() == "reg set GB\n"


def test_a_name_that_is_in_force_is_not_written_again(card: Card) -> None:
    (card.boot / "device.txt").write_text("hostname=whimbrel\n...\n")
    before = (card.etc / "hostname").stat()
    card.start()
    assert (card.etc / "hostname").stat()[:2] == before[:2], "another file"


@pytest.mark.parametrize(
    "content", ["", "\n", "# mine\nhostname=cur", "hostname=curlew\ncountry=GB\n", "hostname=x\n\0\0\0"]
)
def test_a_device_txt_that_was_cut_leaves_the_last_good_one(card: Card, content: str) -> None:
    device = card.boot / "device.txt"
    device.write_text("hostname=curlew\ncountry=DE\n...\n")
    card.start()
    (card.modprobe / "whimbrel-country.conf").unlink()
    device.write_text(content)
    assert "<4>device.txt is refused, the last good one stays" in card.start()
    assert "device.txt is refused" in card.problems
    assert "device.txt is refused" in (card.run / "problems.txt").read_text(), "the daemon is to show it"
    assert (card.etc / "hostname").read_text() == "curlew\n"
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=DE\n")
    device.write_text("hostname=dunlin\n...\n")
    assert card.start() == ""
    assert not card.problems
    assert not (card.run / "problems.txt").exists()
    assert (card.etc / "hostname").read_text() == "dunlin\n"


def test_a_device_txt_that_is_gone_leaves_the_last_good_one(card: Card) -> None:
    device = card.boot / "device.txt"
    device.write_text("hostname=curlew\ncountry=DE\nsecurity_updates=daily\n...\n")
    card.program("systemctl", 'echo "$@" >> "$WHIMBREL_RUN/systemctl"')
    card.start()
    (card.modprobe / "whimbrel-country.conf").unlink()
    (card.run / "systemctl").unlink()
    device.unlink()
    assert "<4>device.txt is gone, the last good one stays" in card.start()
    assert "device.txt is gone" in card.problems
    assert "device.txt is gone" in (card.run / "problems.txt").read_text(), "the daemon is to show it"
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=DE\n")
    assert "start whimbrel-security@daily.timer" in (card.run / "systemctl").read_text()
    (card.modprobe / "whimbrel-country.conf").unlink()
    (card.run / "systemctl").unlink()
    device.write_text("...\n")
    assert card.start() == ""
    assert not card.problems
    assert not (card.modprobe / "whimbrel-country.conf").exists(), "it says that nothing is wanted"
    assert not (card.run / "systemctl").exists()


def test_settings_that_are_gone_stay_as_they_were_last_taken(card: Card) -> None:
    given = card.boot / "whimbrel.yaml"
    given.write_text("modules: {second: }\n...\n")
    card.start()
    taken = card.settings.read_text()
    given.unlink()
    assert "<4>whimbrel.yaml is gone, the last good one stays" in card.start()
    assert card.settings.read_text() == taken
    assert "whimbrel.yaml is gone" in card.problems
    given.write_text("modules:\n...\n")
    assert card.start() == "<5>whimbrel.yaml of the boot partition is taken\n"
    assert not card.problems
    (card.state / "whimbrel.yaml").unlink()
    given.unlink()
    assert "<4>whimbrel.yaml is gone" in card.start(), "the image's own have never been replaced"


def test_every_default_is_a_file_that_says_so(card: Card) -> None:
    program = f'#!/bin/sh\nexec {sys.executable} -m whimbrel "$@"\n'
    (card.programs / "whimbrel").write_text(program)
    (card.boot / "whimbrel.yaml").write_text("modules:\n...\n")
    assert card.start() == "<5>whimbrel.yaml of the boot partition is taken\n"


def every_cut(text: str) -> list[str]:
    """Return what is left of a file whose writing ended early, at each of its lines and in the middle of each."""
    ends = [i + 1 for i, letter in enumerate(text) if letter == "\n"]
    return [text[:end] for begin, last in zip([0, *ends], ends, strict=False) for end in (begin, (begin + last) // 2)]


def test_the_settings_of_the_image_are_refused_wherever_they_were_cut(card: Card) -> None:
    whole = (PROJECT / "deploy/image/boot/whimbrel.yaml").read_text()
    program = f'#!/bin/sh\nexec {sys.executable} -m whimbrel "$@"\n'
    (card.programs / "whimbrel").write_text(program)
    (card.boot / "whimbrel.yaml").write_text(whole)
    card.start()
    taken = card.settings.read_text()
    assert taken.endswith(f"\n{whole}")
    cuts = every_cut(whole)
    for cut in (*cuts[:3], *cuts[3:-1:11], cuts[-1], whole.replace("\n...", "")):
        (card.boot / "whimbrel.yaml").write_text(cut)
        assert "<4>whimbrel.yaml is refused, the last good one stays" in card.start(), cut[-80:]
        assert card.settings.read_text() == taken
        assert "whimbrel.yaml is refused" in (card.run / "problems.txt").read_text()


@pytest.mark.parametrize(
    "line",
    ["hostname=a b;reboot", "hostname=-a", "hostname=" + "a" * 64, "hostname=$(reboot)", "country=GBR", "country=0",
     "time=yesterday", "time=2026-13-01 10:00", "time=2026-01-01", "time=$(reboot)", "time=2026-01-01 10:00:00",
     "colour=blue", "curlew", "=", "hostname=ä"],
)  # fmt: skip
def test_what_is_wrong_in_device_txt_is_said_and_the_rest_taken(card: Card, line: str) -> None:
    (card.boot / "device.txt").write_text(f"{line}\ncountry=DE\nhostname=curlew\n...\n")
    told = card.start()
    assert told.startswith("<4>device.txt: ")
    assert card.problems.count("device.txt: ") == 1
    assert (card.etc / "hostname").read_text() == "curlew\n"
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=DE\n")


def test_the_cable_has_addresses_of_its_own_that_stay(card: Card) -> None:
    (card.tree / "serial-number").write_bytes(b"00000000deadbeef\0")
    card.start()
    first = (card.modprobe / "whimbrel-cable.conf").read_text()
    options = dict(word.split("=") for word in first.split()[2:])
    assert set(options) == {"dev_addr", "host_addr"}
    for address in options.values():
        octets = [int(octet, 16) for octet in address.split(":")]
        assert len(octets) == 6
        assert octets[0] & 3 == 2, "not a locally administered unicast address"
    assert options["dev_addr"] != options["host_addr"]
    card.start()
    assert (card.modprobe / "whimbrel-cable.conf").read_text() == first
    (card.tree / "serial-number").write_bytes(b"00000000deadbeee\0")
    card.start()
    assert (card.modprobe / "whimbrel-cable.conf").read_text() != first


def test_the_united_kingdom_is_gb(card: Card) -> None:
    (card.boot / "device.txt").write_text("country=uk\n...\n")
    assert "is GB, not UK; GB is taken" in card.start()
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=GB\n")


NOON = 1_801_828_800
"""2027-02-05 12:00 UTC."""


def test_the_time_is_set_once_and_again_only_for_a_clock_that_is_behind(card: Card) -> None:
    now = card.run / "now"
    now.write_text(f"{NOON + 3600}\n")
    card.clock.touch()
    (card.boot / "device.txt").write_text("time = 2027-02-05 12:00\n...\n")
    assert card.start() == "<5>the clock is set by device.txt\n", "also back: the clock was wrong"
    assert card.clock_set == [str(NOON)]
    assert card.clock.stat().st_mtime == NOON, "the next start begins there"
    assert card.times_told == 1, "from now on the time is known"
    assert card.start() == ""
    now.write_text(f"{NOON - 3600}\n")
    card.start()
    assert card.clock_set == [str(NOON)] * 2
    assert card.times_told == 1, "what was written for an earlier start is an estimate by now"
    now.write_text(f"{NOON + 3600}\n")
    (card.boot / "device.txt").write_text("time=2027-02-05T11:00\n...\n")
    card.start()
    assert card.clock_set[2:] == [str(NOON - 3600)]
    assert card.times_told == 2
    assert not card.problems


def test_a_clock_with_a_battery_that_is_being_found_is_waited_for(card: Card) -> None:
    (card.boot / "device.txt").write_text("time = 2027-02-05 12:00\n...\n")
    card.start()
    assert not (card.run / "udevadm").exists(), "there is none"
    (card.tree / "soc/i2c@7e804000/rtc@68").mkdir(parents=True)
    (card.boot / "device.txt").write_text("time = 2027-02-05 12:01\n...\n")
    card.start()
    assert "settle" in (card.run / "udevadm").read_text()


def test_the_time_is_kept_at_the_end_and_never_taken_back(card: Card) -> None:
    keep = SCRIPT.with_name("keep-time")
    card.start(script=keep)
    assert not card.clock.exists()
    card.clock.touch()
    os.utime(card.clock, (NOON, NOON))
    (card.run / "now").write_text(f"{NOON - 60}\n")
    card.start(script=keep)
    assert card.clock.stat().st_mtime == NOON
    (card.run / "now").write_text(f"{NOON + 60}\n")
    card.start(script=keep)
    assert card.clock.stat().st_mtime != NOON


def test_what_the_owner_allows_is_told_to_updates(card: Card) -> None:
    card.start()
    assert not (card.run / "updates").exists()
    (card.boot / "device.txt").write_text("allow_unsigned=yes\nallow_downgrade=no\nsecurity_updates=no\n...\n")
    assert card.start() == ""
    assert (card.run / "updates").read_text() == "allow_unsigned=yes\n"
    (card.boot / "device.txt").write_text("allow_unsigned=maybe\nallow_downgrade=yes\n...\n")
    assert "allow_unsigned: yes or no; it is taken for no" in card.start()
    assert (card.run / "updates").read_text() == "allow_downgrade=yes\n"
    (card.boot / "device.txt").write_text("allow_unsigned=yes\n")
    card.start()
    assert (card.run / "updates").read_text() == "allow_downgrade=yes\n", (
        "of a file that was cut the last good one stays"
    )


def test_the_timer_of_security_updates_is_started_only_if_wanted(card: Card) -> None:
    log = card.run / "systemctl"
    card.program("systemctl", f'echo "$@" >> {log}')
    (card.boot / "device.txt").write_text("security_updates=no\n...\n")
    card.start()
    assert not log.exists()
    (card.boot / "device.txt").write_text("security_updates=weekly\n...\n")
    card.start()
    assert log.read_text() == "--no-block start whimbrel-security@weekly.timer\n"
    (card.boot / "device.txt").write_text("security_updates=hourly\n...\n")
    assert "security_updates: daily, weekly or no" in card.start()


def test_scans_that_send_are_allowed_for_as_long_as_its_owner_says_so(card: Card) -> None:
    name, log = "whimbrel-radio.service.d/50-active-scans.conf", card.run / "systemctl"
    shutil.copytree(PROJECT / "systemd/examples-radio", card.share / "examples/whimbrel-radio.service.d")
    card.program("systemctl", f'echo "$@" >> {log}')
    card.start()
    assert not card.units.exists()
    (card.boot / "device.txt").write_text("allow_active_scans=yes\n...\n")
    assert card.start() == ""
    assert "--active-scans" in (card.units / name).read_text()
    taken = "daemon-reload\n--no-block try-restart whimbrel-radio.service\n"
    assert log.read_text() == taken
    card.start()
    assert log.read_text() == taken, "nothing has changed"
    (card.boot / "device.txt").write_text("allow_active_scans=perhaps\n...\n")
    assert "allow_active_scans: yes or no; it is taken for no" in card.start()
    assert not (card.units / name).exists()
    assert log.read_text() == taken * 2
    (card.boot / "device.txt").write_text("allow_active_scans=yes\n...\n")
    card.start()
    (card.boot / "device.txt").unlink()
    card.start()
    assert not (card.units / name).exists(), "without the file nothing is allowed"

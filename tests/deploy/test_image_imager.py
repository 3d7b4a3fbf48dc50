"""What Raspberry Pi Imager writes for cloud-init, taken by the image: once, without running any of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.deploy.test_image_boot_settings import PROJECT, Card, every_cut

IMAGE = PROJECT / "deploy/image"
pytestmark = [
    pytest.mark.skipif(
        not all(map(shutil.which, ("bash", "ssh-keygen", "mountpoint", "useradd"))), reason="a program is missing"
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make an account"),
]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINYD1cl1Y3vvCp0Ft2lZyFcLgL1aGAZeIcmUtFA01y0V wader@shore"
HASH = "$5$MnZ8rDq2aT$1cW2mPxzPpXbeMOrRdDYMIXgmBKNS1aJ0Em0N2r4bA1"
PSK = "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"
GROUPS = "users,adm,dialout,audio,netdev,video,plugdev,cdrom,games,input,gpio,spi,i2c,render,sudo"
HOSTNAME = """\
hostname: curlew
manage_etc_hosts: true
packages:
- avahi-daemon
apt:
  conf: |
    Acquire {
      Check-Date "false";
    };
"""
WALL = 'timezone: Europe/London\nkeyboard:\n  model: pc105\n  layout: "gb"\n'
BY_KEY = f"""\
users:
- name: wader
  groups: {GROUPS}
  shell: /bin/bash
  lock_passwd: true
  ssh_authorized_keys:
    - {KEY}
  sudo: ALL=(ALL) NOPASSWD:ALL
"""
BY_PASSWORD = f"""\
users:
- name: wader
  groups: {GROUPS}
  shell: /bin/bash
  lock_passwd: false
  passwd: {HASH}

ssh_pwauth: true
"""
# Of Imager 1, and of Imager 2.
NETWORKS = {
    "1": f"""\
version: 2
wifis:
  renderer: networkd
  wlan0:
    dhcp4: true
    optional: true
    access-points:
      "IEEE":
        password: "{PSK}"
        hidden: true
""",
    "2": f"""\
network:
  version: 2
  wifis:
    wlan0:
      dhcp4: true
      regulatory-domain: "GB"
      access-points:
        "IEEE":
          hidden: true
          password: "{PSK}"
      optional: true
""",
}


def ready(folder: Path) -> Card:
    """Return a card as the image has it, with a root that has no person's account yet."""
    card = Card(folder)
    (card.programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (card.programs / "wpa_supplicant").touch()
    for program in ("python3", "wpa_supplicant"):
        (card.programs / program).chmod(0o755)
    for name in ("device.txt", "wifi.txt"):
        shutil.copy(IMAGE / "boot" / name, card.boot)
    zone = card.etc.parent / "usr/share/zoneinfo/Europe/London"
    zone.parent.mkdir(parents=True)
    zone.touch()
    (card.etc.parent / "home").mkdir()
    (card.etc / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\nwhimbrel:x:990:990::/:/usr/sbin/nologin\n")
    (card.etc / "group").write_text("root:x:0:\nadm:x:4:\nsudo:x:27:\nusers:x:100:\nnetdev:x:101:\nwhimbrel:x:990:\n")
    (card.etc / "shadow").write_text("root:*:20000:0:99999:7:::\nwhimbrel:!:20000::::::\n")
    (card.etc / "gshadow").write_text("root:*::\nadm:*::\nsudo:*::\nusers:*::\nnetdev:!::\nwhimbrel:!::\n")
    return card


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return ready(tmp_path)


def put(card: Card, user_data: str, network: str = "", header: str = "#cloud-config\n") -> None:
    (card.boot / "meta-data").write_text("instance-id: rpi-imager-1796000000000\n")
    (card.boot / "user-data").write_text(header + user_data)
    if network:
        (card.boot / "network-config").write_text(network)


def entry(card: Card, file: str, name: str) -> list[str]:
    lines = [line.split(":") for line in (card.etc / file).read_text().splitlines()]
    return next((line for line in lines if line[0] == name), [])


def line(card: Card, key: str) -> str:
    told = (card.boot / "device.txt").read_text().splitlines()
    (found,) = [row.partition("=")[2] for row in told if row.startswith(f"{key}=")]
    return found


@pytest.mark.parametrize("version", NETWORKS)
def test_all_of_it_is_taken_and_its_files_go(card: Card, version: str) -> None:
    (card.boot / "cmdline.txt").write_text("quiet cfg80211.ieee80211_regdom=GB ds=nocloud;i=rpi-imager-1\n")
    put(card, HOSTNAME + "timezone: Europe/London\nenable_ssh: true\n" + BY_KEY, NETWORKS[version])
    assert card.start() == "<5>Raspberry Pi Imager's customisation is taken\n"
    assert (card.etc / "hostname").read_text() == "curlew\n"
    assert str((card.etc / "localtime").readlink()) == "/usr/share/zoneinfo/Europe/London"
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=GB\n")
    assert (card.run / "authorized_keys").read_text() == f"{KEY}\n"
    network = (card.state / "wifi.conf").read_text()
    assert f"\tssid={b'IEEE'.hex()}\n" in network
    assert f"\tpsk={PSK}\n" in network
    assert "\tscan_ssid=1\n" in network
    assert not [name for name in ("user-data", "network-config", "meta-data") if (card.boot / name).exists()]
    assert not [path for path in card.boot.iterdir() if PSK in path.read_text()]
    assert not card.problems
    assert card.start() == "", "the next start finds it in the card's own files"
    assert (card.etc / "hostname").read_text() == "curlew\n"
    assert f"\tpsk={PSK}\n" in (card.state / "wifi.conf").read_text()


def test_the_card_s_own_files_say_what_was_taken(card: Card) -> None:
    put(card, HOSTNAME + WALL + BY_KEY, NETWORKS["2"])
    card.start()
    assert [line(card, key) for key in ("hostname", "country", "timezone")] == ["curlew", "GB", "Europe/London"]
    shipped = (IMAGE / "boot/device.txt").read_text()
    assert (card.boot / "device.txt").read_text().endswith("\n...\n")
    assert [row for row in shipped.splitlines() if row.startswith("#")] == [
        row for row in (card.boot / "device.txt").read_text().splitlines() if row.startswith("#")
    ]
    wifi = (card.boot / "wifi.txt").read_text()
    assert wifi.endswith('ssid="IEEE"\npsk=*\nhidden=yes\n...\n')
    assert (card.boot / "authorized_keys").read_text() == f"{KEY}\n"


def test_an_account_that_a_key_opens(card: Card) -> None:
    put(card, BY_KEY)
    card.start()
    account = entry(card, "passwd", "wader")
    assert account[5:] == ["/home/wader", "/bin/bash"]
    assert int(account[2]) >= 1000
    assert entry(card, "shadow", "wader")[1] == "*", "no password opens it"
    member = {row.split(":")[0] for row in (card.etc / "group").read_text().splitlines() if row.endswith(":wader")}
    assert member == {"adm", "netdev", "sudo", "whimbrel"}, "of the groups that there are"
    assert (card.etc.parent / "home/wader").is_dir()
    assert (card.etc / "sudoers.d/whimbrel-owner").read_text() == "wader ALL=(ALL) NOPASSWD:ALL\n"
    assert (card.etc / "sudoers.d/whimbrel-owner").stat().st_mode & 0o777 == 0o440
    assert (card.run / "owner_keys").read_text() == f"{KEY}\n"
    assert (card.run / "owner_keys").stat().st_mode & 0o777 == 0o644, "sshd reads them as the account"
    server = (card.etc / "ssh/sshd_config.d/whimbrel-owner.conf").read_text()
    assert "AllowUsers wader\n" in server
    assert "AuthorizedKeysFile /run/whimbrel-image/owner_keys\n" in server
    assert "PasswordAuthentication" not in server
    assert not (card.run / "password-login").exists()
    (card.boot / "authorized_keys").unlink()
    card.start()
    assert not (card.run / "owner_keys").exists(), "a key taken off the card opens nothing any more"


def test_an_account_that_a_password_opens(card: Card) -> None:
    put(card, BY_PASSWORD)
    (card.boot / "device.txt").write_text("serial_login=yes\n...\n")
    card.start()
    assert entry(card, "shadow", "wader")[1] == HASH
    server = (card.etc / "ssh/sshd_config.d/whimbrel-owner.conf").read_text()
    assert "PasswordAuthentication yes\n" in server.partition("Match User wader\n")[2], "for this account alone"
    assert (card.run / "password-login").exists(), "sshd starts without a key"
    assert not (card.etc / "sudoers.d/whimbrel-owner").exists(), "sudo asks for it"
    assert (card.run / "serial-login").exists()
    assert not [path for path in card.boot.iterdir() if HASH in path.read_text()]


@pytest.mark.skipif(not shutil.which("sshd"), reason="openssh-server is not installed")
def test_sshd_takes_its_settings(card: Card, tmp_path: Path) -> None:
    put(card, BY_PASSWORD)
    card.start()
    folder = card.etc / "ssh/sshd_config.d"
    shutil.copy(IMAGE / "root/etc/ssh/sshd_config.d/whimbrel-image.conf", folder)
    key = tmp_path / "host"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "sshd_config").write_text(f"Include {folder}/*.conf\nHostKey {key}\nUsePAM no\n")
    (folder / "whimbrel-image.conf").write_text(
        (folder / "whimbrel-image.conf").read_text().replace("/etc/ssh/ssh_host_ed25519_key", str(key))
    )
    sshd = str(shutil.which("sshd"))
    for name, opens in (("wader", "yes"), ("root", "no")):
        told = subprocess.run(
            [sshd, "-T", "-f", tmp_path / "sshd_config", "-C", f"user={name},host=h,addr=10.66.0.2"],
            capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        assert f"passwordauthentication {opens}" in told
        assert {"allowusers root", "allowusers wader"} <= set(told)


def test_another_account_closes_the_one_before(card: Card) -> None:
    put(card, BY_PASSWORD)
    card.start()
    put(card, BY_KEY.replace("wader", "plover"))
    card.start()
    assert entry(card, "shadow", "wader")[1] == "*"
    server = (card.etc / "ssh/sshd_config.d/whimbrel-owner.conf").read_text()
    assert "AllowUsers plover\n" in server
    assert "wader" not in server
    put(card, BY_PASSWORD.replace("wader", "plover"))
    card.start()
    assert entry(card, "shadow", "plover")[1] == HASH
    assert not (card.etc / "sudoers.d/whimbrel-owner").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WALL, "keyboard (no console asks for one)"),
        ("locale: en_GB.UTF-8\n", "locale (the image has English only)"),
        ("runcmd:\n- [ sh, -c, reboot ]\n", "runcmd (nothing of the card is run)"),
        ("write_files:\n- path: /etc/passwd\n  content: x\n", "write_files ("),
        ("packages:\n- cowsay\n", "packages"),
        ("users:\n- name: root\n  lock_passwd: false\n  passwd: " + HASH + "\n", "user root (no name for an account"),
        ("users:\n- name: whimbrel\n  passwd: " + HASH + "\n", "user whimbrel (no name for an account"),
        ("users:\n- name: 'a:b'\n", "user a:b (no name for an account of a person)"),
        ("users:\n- name: wader\n  lock_passwd: false\n  passwd: 'x:0:0'\n", "passwd of the user (no hash"),
        ("users:\n- name: wader\n  plain_text_passwd: secret\n", "plain_text_passwd of the user"),
        ("users:\n- name: wader\n  ssh_authorized_keys:\n    - 'command=\"x\" ssh-rsa AAAA'\n", "1 of the keys ("),
        ("users:\n- name: wader\n- name: plover\n", "user plover"),
        ("hostname: $(reboot)\n", "hostname"),
    ],
)  # fmt: skip
def test_what_is_not_honoured_is_told_and_the_rest_taken(card: Card, text: str, said: str) -> None:
    put(card, text if "hostname" in text else text + HOSTNAME.replace("packages:\n- avahi-daemon\n", ""))
    told = card.start()
    assert "<4>Raspberry Pi Imager's customisation: not honoured: " in told
    assert said in card.problems
    assert "secret" not in told.replace("plain_text_passwd", "")
    assert (card.etc / "hostname").read_text() == ("whimbrel\n" if text.startswith("hostname") else "curlew\n")
    assert entry(card, "shadow", "root")[1] == "*"
    assert not entry(card, "passwd", "plover")
    assert not (card.boot / "user-data").exists()
    assert card.start() == ""


def test_what_imager_adds_where_there_is_a_country_and_no_network_needs_nothing(card: Card) -> None:
    (card.boot / "cmdline.txt").write_text("quiet cfg80211.ieee80211_regdom=de\n")
    unblock = "runcmd:\n  - [ rfkill, unblock, wifi ]\n"
    loop = '  - [ sh, -c, "for f in /var/lib/systemd/rfkill/*:wlan; do echo 0 > \\"$f\\"; done" ]\n'
    put(card, HOSTNAME + unblock + loop)
    assert card.start() == "<5>Raspberry Pi Imager's customisation is taken\n"
    assert line(card, "country") == "DE"


def test_what_its_owner_wrote_on_the_card_later_stays(card: Card) -> None:
    device = card.boot / "device.txt"
    device.write_bytes(b"# B\xe4r\r\nhostname = dunlin\r\n...\r\n")
    (card.boot / "authorized_keys.txt").write_text("# mine\n")
    put(card, HOSTNAME + "timezone: Europe/London\n" + BY_KEY)
    assert "device.txt: hostname: dunlin stays, Raspberry Pi Imager says curlew" in card.start()
    assert device.read_bytes() == b"# B\xe4r\r\nhostname = dunlin\r\ntimezone=Europe/London\r\n...\r\n"
    assert (card.boot / "authorized_keys.txt").read_text() == f"# mine\n{KEY}\n"
    assert not (card.boot / "authorized_keys").exists()
    assert (card.etc / "hostname").read_text() == "dunlin\n"


@pytest.mark.parametrize(
    "text", ["a: [", "#!/bin/sh\nreboot\n", "- a\n", "\0", "a: &a [*a]", "!!python/object/apply:os.system [reboot]"]
)
def test_files_that_are_no_settings_are_left_alone(card: Card, text: str) -> None:
    before = (card.boot / "device.txt").read_bytes()
    put(card, text, NETWORKS["2"], header="")
    told = card.start()
    assert "<4>user-data: nothing of it is honoured: " in told or "customisation: not honoured: a" in told
    assert "not honoured" in card.problems or "nothing of it is honoured" in card.problems
    if (card.boot / "user-data").exists():
        assert (card.boot / "device.txt").read_bytes() == before


def test_wherever_a_file_was_cut_a_start_goes_on(card: Card) -> None:
    for cut in every_cut(HOSTNAME + BY_PASSWORD)[::3]:
        put(card, cut, every_cut(NETWORKS["2"])[len(cut) % 20])
        card.start()
        assert entry(card, "shadow", "root")[1] == "*"


FIRSTRUN = f"""\
#!/bin/bash

set +e

CURRENT_HOSTNAME=`cat /etc/hostname | tr -d " \\t\\n\\r"`
if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
   /usr/lib/raspberrypi-sys-mods/imager_custom set_hostname curlew
else
   echo curlew >/etc/hostname
fi
FIRSTUSER=`getent passwd 1000 | cut -d: -f1`
if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
   /usr/lib/raspberrypi-sys-mods/imager_custom enable_ssh -k '{KEY}'
fi
if [ -f /usr/lib/userconf-pi/userconf ]; then
   /usr/lib/userconf-pi/userconf 'wader' '{HASH}'
else
   echo "$FIRSTUSER:"'{HASH}' | chpasswd -e
fi
if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
   /usr/lib/raspberrypi-sys-mods/imager_custom set_wlan  -h 'IEEE' '{PSK}' 'GB'
fi
if [ -f /usr/lib/raspberrypi-sys-mods/imager_custom ]; then
   /usr/lib/raspberrypi-sys-mods/imager_custom set_keymap 'gb'
   /usr/lib/raspberrypi-sys-mods/imager_custom set_timezone 'Europe/London'
fi
rm -f /boot/firstrun.sh
sed -i 's| systemd.run.*||g' /boot/cmdline.txt
exit 0
"""


def test_the_script_of_an_imager_that_does_not_know_the_image_is_read_and_not_run(card: Card) -> None:
    (card.boot / "firstrun.sh").write_text(FIRSTRUN)
    told = card.start()
    assert "not honoured: keyboard (no console asks for one); the rest is taken" in told
    assert (card.etc / "hostname").read_text() == "curlew\n"
    assert [line(card, key) for key in ("hostname", "country", "timezone")] == ["curlew", "GB", "Europe/London"]
    assert entry(card, "shadow", "wader")[1] == HASH
    assert (card.run / "authorized_keys").read_text() == f"{KEY}\n"
    assert not (card.run / "password-login").exists(), "by key only"
    network = (card.state / "wifi.conf").read_text()
    assert f"\tpsk={PSK}\n" in network
    assert "\tscan_ssid=1\n" in network
    assert not (card.boot / "firstrun.sh").exists()


def test_a_password_for_sshd_in_such_a_script(card: Card) -> None:
    enabled = "imager_custom enable_ssh\n"
    script = FIRSTRUN.replace(f"imager_custom enable_ssh -k '{KEY}'\n", enabled)
    (card.boot / "firstrun.sh").write_text(script)
    card.start()
    assert (card.run / "password-login").exists()
    assert not (card.etc / "sudoers.d/whimbrel-owner").exists()


@pytest.mark.parametrize("script", ["#!/bin/sh\nreboot\n", "", "\0", "/usr/lib/userconf-pi/userconf 'open\n"])
def test_another_script_is_left_alone(card: Card, script: str) -> None:
    (card.boot / "firstrun.sh").write_text(script)
    assert "firstrun.sh: nothing of it is honoured: it is not Raspberry Pi Imager's" in card.start()
    assert (card.boot / "firstrun.sh").exists()


def test_words_of_such_a_script_are_not_expanded(card: Card, tmp_path: Path) -> None:
    made = tmp_path / "expanded"
    words = f"set_hostname $(touch {made})", f"set_hostname '`touch {made}`'", "format_disk '/dev/mmcblk0'"
    script = "".join(f"/usr/lib/raspberrypi-sys-mods/imager_custom {each}\n" for each in words)
    (card.boot / "firstrun.sh").write_text(script)
    assert "not honoured: set_hostname of firstrun.sh, format_disk of firstrun.sh, hostname; the" in card.start()
    assert not made.exists()
    assert (card.etc / "hostname").read_text() == "whimbrel\n"


def test_words_for_such_a_script_on_the_kernel_s_command_line_start_the_image_all_the_same() -> None:
    """systemd makes the target that they name only for that script."""
    fill = (IMAGE / "fill.sh").read_text()
    assert 'ln -s /dev/null "$root/etc/systemd/system-generators/systemd-run-generator"' in fill
    assert 'multi-user.target "$root/etc/systemd/system/kernel-command-line.target"' in fill


def test_the_image_has_what_it_needs() -> None:
    listed = (IMAGE / "packages").read_text().split()
    assert {"sudo", "python3-yaml", "login"} <= set(listed)

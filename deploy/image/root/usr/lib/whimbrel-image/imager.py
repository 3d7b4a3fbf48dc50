"""Takes what Raspberry Pi Imager wrote onto the boot partition, once: ``user-data`` and ``network-config``.

These are files for cloud-init, which this image does not have. (An Imager that does not know the image writes
``firstrun.sh``.) Values are read out of them, and nothing of them is run.
They go to where their owner can change them later: device.txt, wifi.txt and authorized_keys of the card; an account's
password, of which Imager writes a hash, goes to the root. Then the files are removed, since they hold secrets. What is
wrong, or not honoured, is said on standard output, a line each.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import accounts
import card
import firstrun
import yaml

USER_DATA, NETWORK = card.BOOT / "user-data", card.BOOT / "network-config"
SCRIPT = card.BOOT / "firstrun.sh"
FILES = (USER_DATA, NETWORK, SCRIPT, card.BOOT / "meta-data")
DEVICE, WIFI = card.BOOT / "device.txt", card.BOOT / "wifi.txt"
DEFAULTS = {"hostname": ("", "whimbrel"), "country": ("",), "timezone": ("",)}
"""Values of device.txt that give way: others are its owner's, who wrote them later."""
_HONOURED = ("hostname", "timezone", "users", "ssh_pwauth", "enable_ssh")
_HAS_ANYHOW: dict[str, tuple[Any, ...]] = {
    "manage_etc_hosts": ("true",),
    "packages": (["avahi-daemon"],),  # systemd-resolved tells the device's name
    "apt": ({"conf": 'Acquire {\n  Check-Date "false";\n};\n'},),  # nothing is installed
    "preserve_hostname": ("false",),
}
"""What needs no honouring, with these values."""
_REASONS = {
    "keyboard": "no console asks for one",
    "locale": "the image has English only",
    "runcmd": "nothing of the card is run",
    "bootcmd": "nothing of the card is run",
    "write_files": "the card's own files are those in README.txt",
    "rpi": "hardware.txt switches buses on",
}
_COUNTRY = re.compile(r"\bcfg80211\.ieee80211_regdom=([A-Za-z]{2})\b")
Document = dict[str, Any]


class Refused(Exception):
    """A file is not what Imager writes, or cannot be added to; the message says why."""


def document(path: Path) -> Document:
    """Return a file's YAML, all its values as texts. Raises `Refused` and `OSError`."""
    if not path.exists():
        return {}
    try:
        read = yaml.load(path.read_bytes()[: card.LARGEST].decode(), Loader=yaml.BaseLoader)  # noqa: S506  # texts only
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Refused(f"no YAML{f', see its line {mark.line + 1}' if mark else ''}") from error
    if read in (None, ""):
        return {}
    if not isinstance(read, dict):
        raise Refused("no settings for cloud-init")
    return read


def not_honoured(told: Document) -> Iterator[str]:
    """Yield what of user-data the image cannot do, with the reason where it is known."""
    for key, value in told.items():
        if key in _HONOURED or value in _HAS_ANYHOW.get(key, ()):
            continue
        # What Imager has a device do about its Wi-Fi that has a country and no network.
        if key == "runcmd" and isinstance(value, list) and all("rfkill" in str(command) for command in value):
            continue
        yield f"{key} ({_REASONS[key]})" if key in _REASONS else str(key)


class Text:
    """A file of the card with a last line of three dots, and what is to be changed in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        given = path.read_bytes().removeprefix(codecs.BOM_UTF8) if path.exists() else b"...\n"
        # Whatever its editor wrote in comments stays.
        self._text = given.decode(errors="surrogateescape")
        self._end = "\r\n" if "\r\n" in self._text else "\n"
        self._before = self._text

    def set(self, key: str, value: str) -> bool:
        """Give a line its value, unless it has one of its owner's. Return whether it has it now."""
        line = re.compile(rf"^{key}[ \t]*=([^\r\n#]*)", re.MULTILINE)
        if (found := line.search(self._text)) is None:
            self.add([f"{key}={value}"])
        elif (there := found[1].strip()) not in (*DEFAULTS[key], value):
            card.problem(f"device.txt: {key}: {there} stays, Raspberry Pi Imager says {value}")
            return False
        else:
            self._text = f"{self._text[: found.start()]}{key}={value}{self._text[found.end() :]}"
        return True

    def add(self, lines: list[str]) -> None:
        """Put lines before the last one."""
        added = "".join(f"{line}{self._end}" for line in lines)
        last = list(re.finditer(r"^\.\.\.[ \t\r]*$", self._text, re.MULTILINE))
        place = last[-1].start() if last else len(self._text)
        self._text = self._text[:place] + added + self._text[place:]

    def check(self) -> None:
        """Raise `Refused` for a change of a file that was cut short: it would be refused, with a password in it."""
        lines = [line.removesuffix("\r") for line in self._before.split("\n") if line.strip()]
        if self._text != self._before and lines[-1:] != ["..."]:
            raise Refused(f"{self.path.name} was cut short, or lacks the line ... at its end: put it right")

    def write(self) -> None:
        """Write it if something has changed. Raises `OSError`."""
        if self._text != self._before:
            card.replace(self.path, self._text.encode(errors="surrogateescape"))


def networks(told: Document) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield the Wi-Fi networks of network-config, without its outer level: name, what is said about it, country."""
    wifis = told.get("wifis")
    for interface in (wifis or {}).values() if isinstance(wifis, dict) else ():
        points = interface.get("access-points") if isinstance(interface, dict) else None
        for name, point in (points or {}).items() if isinstance(points, dict) else ():
            country = str(interface.get("regulatory-domain", ""))
            yield str(name), point if isinstance(point, dict) else {}, country


def wifi_lines(name: str, point: Mapping[str, Any]) -> list[str]:
    """Return the lines of wifi.txt for a network. Raises `Refused`."""
    secret = str(point.get("password", ""))
    if not (name + secret).isprintable() or not set(point) <= {"password", "hidden"}:
        raise Refused(f"network {name!r} is not one that wifi.txt can name")
    lines = [f'ssid="{name}"']
    key = f"psk={secret}" if card.PSK.fullmatch(secret) else f'password="{secret}"'
    lines.append(key if secret else "open=yes")
    return [*lines, "hidden=yes"] if card.truth(point.get("hidden")) else lines


def country_of(found: list[tuple[str, Mapping[str, Any], str]]) -> str:
    """Return the country: Imager puts it beside the network, or onto the kernel's command line."""
    given = [country for _, _, country in found if re.fullmatch("[A-Za-z]{2}", country)]
    line = card.BOOT / "cmdline.txt"
    on_line = _COUNTRY.findall(line.read_text(errors="replace")) if line.exists() else []
    return str([*given, *on_line, ""][0]).upper()


def add_keys(keys: list[str]) -> None:
    """Let these keys log in, beside those that are there. Raises `OSError`."""
    path = card.BOOT / "authorized_keys"
    if not path.exists() and (other := card.BOOT / "authorized_keys.txt").exists():
        path = other
    before = path.read_text("utf-8-sig", errors="replace") if path.exists() else ""
    known = before.split("\n") if before else []
    new = [key for key in keys if key not in (line.strip() for line in known)]
    if new:
        lines = [*before.rstrip("\n").split("\n"), *new] if before else new
        card.replace(path, "".join(f"{line}\n" for line in lines).encode())


def take(user_data: Document, network: Document) -> None:
    """Write the card's own files, then the account. Raises `Refused` before the first of them, and `OSError`."""
    owner, left = accounts.owner_of(user_data)
    inner = network.get("network", network)  # Imager 2 has this level, Imager 1 has not
    inner = inner if isinstance(inner, dict) else {}
    found = list(networks(inner))
    left += list(not_honoured(user_data))
    left += [str(key) for key in inner if key not in ("version", "renderer", "wifis")]
    device, wifi = Text(DEVICE), Text(WIFI)
    wanted = {key: str(user_data.get(key, "")) for key in ("hostname", "timezone")} | {"country": country_of(found)}
    for key, value in wanted.items():
        if value and re.fullmatch(r"[A-Za-z0-9_+/.-]+", value):
            device.set(key, value)
        elif value:
            left.append(key)
    for name, point, _ in found:
        try:
            wifi.add(wifi_lines(name, point))
        except Refused as error:
            card.problem(f"network-config: {error}")
    device.check()
    wifi.check()
    if owner:
        add_keys(owner.keys)
    device.write()
    wifi.write()
    if owner:
        try:
            accounts.make(owner)
        except (OSError, accounts.Failed) as error:
            left.append(f"user {owner.name} ({error})")
    if left:
        card.problem(f"Raspberry Pi Imager's customisation: not honoured: {', '.join(left)}; the rest is taken")


def main() -> None:
    """Do it all; where the card's files fail, it is told, and tried again at the next start."""
    documents: list[Document] = []
    for path in (USER_DATA, NETWORK):
        try:
            documents.append(document(path))
        except Refused as error:
            card.problem(f"{path.name}: nothing of it is honoured: {error}")
            return
    if SCRIPT.exists() and not any(documents):
        documents = [*firstrun.documents(SCRIPT.read_text(errors="replace")[: card.LARGEST])]
        if not any(documents):
            card.problem("firstrun.sh: nothing of it is honoured: it is not Raspberry Pi Imager's")
            return
    try:
        with card.opened():
            take(*documents)
            for path in FILES:
                if path.exists():
                    card.remove(path)
    except Refused as error:
        card.problem(f"Raspberry Pi Imager's customisation waits, nothing of it is taken: {error}")
        return
    except OSError as error:
        card.problem(f"Raspberry Pi Imager's customisation could not be taken as a whole: {error}")
        return
    print("<5>Raspberry Pi Imager's customisation is taken", file=sys.stderr)


if __name__ == "__main__":
    main()

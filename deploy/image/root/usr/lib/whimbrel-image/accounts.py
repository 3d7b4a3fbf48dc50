"""The account of the device's owner, as Raspberry Pi Imager describes it: name, hash of a password, keys."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import card

ROOT = Path(os.environ.get("WHIMBREL_ROOT", "/"))
NAME = card.STATE / "owner"
SSHD = ROOT / "etc/ssh/sshd_config.d/whimbrel-owner.conf"
SUDO = ROOT / "etc/sudoers.d/whimbrel-owner"
KEYS = "/run/whimbrel-image/owner_keys"
"""A copy of authorized_keys that its owner may read: sshd reads as the account that is logged into."""
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_HASH = re.compile(r"\$(?:5|6|7|y|gy|2[aby])\$[./A-Za-z0-9$,=-]{8,}")
_KEY = re.compile(r"(?:ssh-[a-z0-9-]+|ecdsa-[a-z0-9-]+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+=*(?: .*)?")
_GROUPS = ("adm", "dialout", "audio", "netdev", "video", "plugdev", "input", "gpio", "spi", "i2c", "render", "sudo")
ANYONE = "ALL=(ALL) NOPASSWD:ALL"
"""What sudo is told of an account that may do everything without its password."""
_KNOWN = {"name", "groups", "shell", "gecos", "lock_passwd", "passwd", "ssh_authorized_keys", "sudo"}
_FIRST = 1000
"""The first number of an account of a person."""


class Failed(Exception):
    """An account could not be made; the message says why."""


class Owner(NamedTuple):
    """The account that is wanted."""

    name: str
    hash: str
    """Of its password, as in /etc/shadow; nothing for none."""
    keys: list[str]
    sudo: bool
    """Whether it may do everything without its password."""
    password_login: bool
    """Whether its password opens sshd."""


def owner_of(told: dict[str, Any]) -> tuple[Owner | None, list[str]]:
    """Return the first account that user-data describes, and what of all of them is not honoured."""
    users = told.get("users")
    described = [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    if not described:
        return None, ["users"] if users and users != ["default"] else []
    user, *others = described
    left = [f"user {other.get('name', '')}" for other in others]
    left += [f"{key} of the user" for key in user if key not in _KNOWN]
    name, password = str(user.get("name", "")), str(user.get("passwd", ""))
    if not _NAME.fullmatch(name) or _number(name) not in range(_FIRST, 60000):
        return None, [*left, f"user {name} (no name for an account of a person)"]
    if password and not _HASH.fullmatch(password):
        left.append("passwd of the user (no hash of a password)")
        password = ""
    # As cloud-init: a password is locked unless it says otherwise.
    if card.truth(user.get("lock_passwd", "true")):
        password = ""
    given = user.get("ssh_authorized_keys")
    keys = [str(key).strip() for key in given] if isinstance(given, list) else []
    if bad := [key for key in keys if not _KEY.fullmatch(key) or not key.isprintable()]:
        left.append(f"{len(bad)} of the keys (no public key)")
    good = [key for key in keys if key not in bad]
    open_ = bool(password) and card.truth(told.get("ssh_pwauth"))
    return Owner(name, password, good, user.get("sudo") == ANYONE, open_), left


def _number(name: str) -> int:
    """Return the number of an account that there is; that of the first person for a new one."""
    for line in _lines("passwd"):
        if line[0] == name and len(line) > 2:
            return int(line[2])
    return _FIRST


def _lines(name: str) -> list[list[str]]:
    path = ROOT / "etc" / name
    return [line.split(":") for line in path.read_text().splitlines() if line] if path.exists() else []


def make(owner: Owner) -> None:
    """Make the account, or change the one of this name; another one of before is closed. Raises `Failed`, `OSError`."""
    groups = {line[0] for line in _lines("group")}
    member = ",".join(group for group in (*_GROUPS, "whimbrel") if group in groups)
    is_there = any(line[0] == owner.name for line in _lines("passwd"))
    options = ["--groups", member, "--shell", "/bin/bash", "--password", owner.hash or "*", owner.name]
    # Debian has groups such as operator and users, and no accounts of these names.
    group = ["--gid", owner.name] if owner.name in groups else ["--user-group"]
    _run("usermod" if is_there else "useradd", *([] if is_there else ["--create-home", *group]), *options)
    before = NAME.read_text().strip() if NAME.exists() else ""
    if before and before != owner.name:
        _run("usermod", "--password", "*", before)
    # Each of these counts for this name alone.
    _write(SSHD, _sshd(owner), 0o644)
    if owner.sudo:
        _write(SUDO, f"{owner.name} {ANYONE}\n", 0o440)
    else:
        SUDO.unlink(missing_ok=True)
    _write(NAME, f"{owner.name}\n", 0o644)


def _sshd(owner: Owner) -> str:
    text = f"# Of the account that Raspberry Pi Imager describes.\nAllowUsers {owner.name}\nMatch User {owner.name}\n"
    text += f"    AuthorizedKeysFile {KEYS}\n"
    if owner.password_login:
        text += "    PasswordAuthentication yes\n    AuthenticationMethods publickey password\n"
    return text


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    card.replace(path, text.encode(), mode)


def _run(program: str, *arguments: str) -> None:
    elsewhere = [] if Path("/") == ROOT else ["--prefix", str(ROOT)]
    done = subprocess.run([program, *elsewhere, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"<4>{program}: {done.stderr.strip()}", file=sys.stderr)
        raise Failed(f"{program}: {done.stderr.strip()[-200:] or done.returncode}")

"""Reads the values out of ``firstrun.sh``, which Raspberry Pi Imager 1 writes for images that it does not know.

It takes them for Raspberry Pi OS. Its script calls two programs of that system, each with plain words in quotes; these
lines alone are read, and none is run. The others do the same in another way.
"""

from __future__ import annotations

import shlex
from typing import Any

import accounts

_CUSTOM, _ACCOUNT = "/usr/lib/raspberrypi-sys-mods/imager_custom", "/usr/lib/userconf-pi/userconf"
Document = dict[str, Any]


def documents(text: str) -> tuple[Document, Document]:
    """Return what the script says as user-data and network-config; nothing if it is not Imager's."""
    user_data: Document = {}
    network: Document = {}
    user: Document = {}
    for line in text.splitlines():
        try:
            program, *words = shlex.split(line) if line.strip().startswith((_CUSTOM, _ACCOUNT)) else [""]
        except ValueError:
            continue
        if program == _ACCOUNT and len(words) == 2:
            user |= {"name": words[0], "passwd": words[1], "lock_passwd": str(not words[1])}
        elif program == _CUSTOM and words:
            _read(words[0], words[1:], user_data, user, network)
    if user:
        user_data["users"] = [{"name": "pi"} | user]
    return user_data, network


def _read(verb: str, words: list[str], user_data: Document, user: Document, network: Document) -> None:
    if verb in ("set_hostname", "set_timezone", "set_keymap") and len(words) == 1:
        user_data[{"set_hostname": "hostname", "set_timezone": "timezone"}.get(verb, "keyboard")] = words[0]
    elif verb == "enable_ssh" and words[:1] == ["-k"]:
        user |= {"ssh_authorized_keys": words[1:], "sudo": accounts.ANYONE}
    elif verb == "enable_ssh":
        user_data["ssh_pwauth"] = "true"
    elif verb == "set_wlan":
        hidden = words[:1] == ["-h"]
        name, secret, country = [*words[hidden:], "", "", ""][:3]
        point = {"password": secret, "hidden": str(hidden)}
        network["wifis"] = {"wlan0": {"regulatory-domain": country, "access-points": {name: point}}}
    else:
        user_data[f"{verb} of firstrun.sh"] = ""

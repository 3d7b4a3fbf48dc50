"""Secrets of the settings: named there, kept elsewhere, and never part of a message."""

from __future__ import annotations

import os
from pathlib import Path

from whimbrel.files import read_regular
from whimbrel.module import NotReady

CREDENTIAL, FILE = "credential:", "file:"
HELP = "`file:PATH` and `credential:NAME` (systemd's LoadCredential=) stand for what is in a file."
SHORTEST_TOKEN = 12
"""Characters of a token that somebody has chosen."""
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of a made token: none looks like another, and a QR code holds them as letters and digits."""
_LENGTH = 26  # 130 bits
_LARGEST = 65536
"""Octets."""


def new_token() -> str:
    """Return a new token."""
    import secrets  # with OpenSSL's hashes, which few need

    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def is_made(token: str) -> bool:
    """Return whether a token has the form, and so the length, of a made one: it needs no limit against guessing."""
    return len(token) >= _LENGTH and not set(token) - set(_LETTERS)


def reveal(setting: str) -> str:
    """Return the secret of a setting: the contents of a file, or the setting itself.

    Raises `NotReady` with the name of the file, and nothing of what is in it.
    """
    if setting.startswith(CREDENTIAL):
        return _read(credential_file(setting), _advice(setting))
    if setting.startswith(FILE):
        return _read(Path(setting.removeprefix(FILE)), "write it, readable for this user alone")
    return setting


def credential_file(setting: str) -> Path:
    """Return the file of `credential:NAME`, which systemd gives to the service. Raises `NotReady`."""
    name, folder = setting.removeprefix(CREDENTIAL), os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder or "/" in name:
        raise NotReady(f"the credential {name} is not there: {_advice(setting)}")
    return Path(folder, name)


def _advice(setting: str) -> str:
    return f"add LoadCredential={setting.removeprefix(CREDENTIAL)}:FILE to the service"


def is_named(setting: str) -> bool:
    """Return whether a setting names a file instead of holding the secret."""
    return setting.startswith((CREDENTIAL, FILE))


def _read(path: Path, advice: str) -> str:
    try:
        octets = read_regular(path, _LARGEST)
        if len(octets) > _LARGEST:
            raise NotReady(f"the secret in {path} is longer than {_LARGEST} octets; {advice}")
        return octets.decode("utf-8").strip()
    except OSError as error:
        raise NotReady(f"the secret in {path} cannot be read: {error.strerror}; {advice}") from None
    except UnicodeDecodeError:
        raise NotReady(f"the secret in {path} is no text; {advice}") from None

"""The server's certificate: one that is made at the first start, by the program openssl, or the user's own."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel.command import run
from whimbrel.module import NotReady
from whimbrel.secret import credential_file
from whimbrel.tls import is_credential
from whimbrel.watching import state_file
from whimbrel.web.settings import WebSettings

if TYPE_CHECKING:
    import ssl

CERTIFICATE, KEY = "web-certificate.pem", "web-key.pem"
_DAYS = 7300
"""A browser has to be told once that it may trust it; it does not have to be told again."""
_PATIENCE = 60.0


async def context(settings: WebSettings) -> ssl.SSLContext | None:
    """Return what the server encrypts with, None without TLS. Raises `NotReady`."""
    if settings.tls == "off":
        return None
    import ssl  # 5 MB, which a page without TLS does not need

    certificate, key = paths(settings)
    if settings.tls == "made" and not (certificate.exists() and key.exists()):
        await make(certificate, key, settings.addresses)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise NotReady(f"{certificate} and {key} cannot be used: {error.strerror or error}") from error
    return made


def paths(settings: WebSettings) -> tuple[Path, Path]:
    """Return the files of certificate and key. Raises `NotReady` for a credential that is not there."""
    if settings.certificate is not None and settings.key is not None:
        return _file(settings.certificate), _file(settings.key)
    return state_file.default_path(CERTIFICATE), state_file.default_path(KEY)


def _file(path: Path) -> Path:
    return credential_file(str(path)) if is_credential(path) else path


async def make(certificate: Path, key: Path, addresses: Sequence[str]) -> None:
    """Make both files, for these addresses and the names of this device. Raises `NotReady`."""
    names = [f"DNS:{name}" for name in _names()] + [f"IP:{address}" for address in addresses if _is_one(address)]
    beside = certificate.with_name(f".{certificate.name}"), key.with_name(f".{key.name}")
    try:
        key.parent.mkdir(parents=True, exist_ok=True)
        for path in beside:
            path.unlink(missing_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        problem = await run(
            (
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", str(_DAYS), "-subj", f"/CN={_names()[0]}", "-addext", f"subjectAltName={','.join(names)}",
                "-out", str(beside[0]), "-keyout", str(beside[1]),
            ),
            _PATIENCE,
        )  # fmt: skip
        if problem:
            raise NotReady(f"no certificate can be made: {problem}; apt install openssl, or set modules.web.tls")
        beside[1].replace(key)
        beside[0].replace(certificate)
    except OSError as error:
        raise NotReady(f"no certificate can be written: {error.filename}: {error.strerror}") from error
    finally:
        for path in beside:
            with contextlib.suppress(OSError):
                path.unlink()


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of the certificate as browsers show it. Raises OSError, and ValueError for no certificate."""
    import ssl

    octets = ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii").strip())
    return hashlib.sha256(octets).hexdigest().upper()


def _names() -> list[str]:
    own = "".join(c for c in socket.gethostname().lower() if c.isascii() and (c.isalnum() or c in "-.")) or "whimbrel"
    return list(dict.fromkeys([own, f"{own.partition('.')[0]}.local", "localhost"]))


def _is_one(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return False

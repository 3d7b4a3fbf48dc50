"""TLS to a server that the settings name: `ca`, `certificate` and `key`, as the broker and the log server have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from whimbrel.errors import WhimbrelError
from whimbrel.module import NotReady
from whimbrel.secret import CREDENTIAL, credential_file

if TYPE_CHECKING:
    import ssl


class TlsFiles(Protocol):
    """Settings with the files of a connection; null: the system's authorities, and no certificate of this device.

    `credential:NAME` is a file that systemd's LoadCredential= gives to the service.
    """

    @property
    def ca(self) -> Path | None:
        """Certificates to trust."""

    @property
    def certificate(self) -> Path | None:
        """Certificate of this device."""

    @property
    def key(self) -> Path | None:
        """Its key."""


class UnusableTlsFile(WhimbrelError):
    """A file of certificates or a key cannot be read; the message names it, and never contains it."""


def check_pair(settings: TlsFiles) -> None:
    """Refuse half a certificate; raises ValueError."""
    if (settings.certificate is None) != (settings.key is None):
        raise ValueError("certificate: expected both certificate and key, or none of them")


def missing_files(settings: TlsFiles) -> Iterator[tuple[str, str]]:
    """Yield each file that is not there: the setting, and the problem."""
    yield from missing(ca=settings.ca, certificate=settings.certificate, key=settings.key)


def missing(**paths: Path | None) -> Iterator[tuple[str, str]]:
    """Yield each of the files that is not there: its name, and the problem."""
    for name, path in paths.items():
        # Credentials are there for the service alone.
        if path is not None and not is_credential(path) and not path.exists():
            yield name, f"there is no file {path}"


def is_credential(path: Path) -> bool:
    """Return whether a setting names a credential of the service."""
    return str(path).startswith(CREDENTIAL)


def located(path: Path) -> Path:
    """Return the file that a setting names, which may be a credential of the service. Raises `UnusableTlsFile`."""
    if not is_credential(path):
        return path
    try:
        return credential_file(str(path))
    except NotReady as error:
        raise UnusableTlsFile(str(error)) from None


def context(settings: TlsFiles) -> ssl.SSLContext:
    """Return a client's context, which checks the server's certificate and name. Raises `UnusableTlsFile`."""
    import ssl  # dear, and not wanted without TLS

    named = [str(settings.ca)]
    try:
        made = ssl.create_default_context(cafile=settings.ca and located(settings.ca))
        if settings.certificate is not None:
            named = [str(settings.certificate), str(settings.key)]
            certificate, key = located(settings.certificate), settings.key and located(settings.key)
            # An encrypted key would be asked for on the terminal.
            made.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        problem = f"{error.reason or 'no certificate or key in PEM form'}; expected PEM, a key without a password"
    except (OSError, ValueError) as error:
        problem = f"{getattr(error, 'strerror', None) or error}; it has to be readable for this user"
    else:
        return made
    raise UnusableTlsFile(f"{' with '.join(named)} cannot be used: {problem}")

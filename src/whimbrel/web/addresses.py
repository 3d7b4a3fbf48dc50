"""Where the page is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whimbrel.system.addresses import addresses
from whimbrel.web.settings import WebSettings

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # is told apart, not bound
_IF_INET6 = Path("/proc/net/if_inet6")
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


def urls(settings: WebSettings, ours: Sequence[str] | None = None) -> list[str]:
    """Return the addresses of the page, those for others first, and last those that the machine does not have, such as
    that of a cable that is not plugged in. `ours`: all that the machine has; None if that is not known.
    """
    scheme = "http" if settings.tls == "off" else "https"
    found: list[str] = []
    for address in settings.addresses:
        found += ours or ("localhost",) if address in _ANY else (address,)
    there = None if ours is None else {*ours, *_LOCAL}
    found.sort(key=lambda address: (there is not None and address not in there, address in _LOCAL))
    return [f"{scheme}://{_host(address)}:{settings.port}/" for address in dict.fromkeys(found)]


def own() -> list[str] | None:
    """Return the addresses of this machine in its networks; None where they cannot be read."""
    try:
        inet6 = _IF_INET6.read_text(encoding="ascii") if _IF_INET6.exists() else ""  # a kernel may have no IPv6
        return [address for _, address in addresses(inet6)]
    except (OSError, ValueError):
        return None


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address

"""Where the page is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whimbrel.system.addresses import addresses
from whimbrel.web.settings import WebSettings

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # is told apart, not bound
_IF_INET6 = Path("/proc/net/if_inet6")
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


def urls(settings: WebSettings, ours: Sequence[str] = (), *, now: bool = False) -> list[str]:
    """Return the addresses of the page, those for others first; `ours` stand for all that the machine has.

    `now`: those that the machine does not have come last, such as that of a cable that is not plugged in.
    """
    scheme = "http" if settings.tls == "off" else "https"
    found: list[str] = []
    for address in settings.addresses:
        found += ours or ("localhost",) if address in _ANY else (address,)
    found.sort(key=lambda address: (now and address not in (*_LOCAL, *ours), address in _LOCAL))
    return [f"{scheme}://{_host(address)}:{settings.port}/" for address in dict.fromkeys(found)]


def own() -> list[str]:
    """Return the addresses of this machine in its networks; none where they cannot be read."""
    try:
        return [address for _, address in addresses(_IF_INET6.read_text(encoding="ascii"))]
    except (OSError, ValueError):
        return []


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address

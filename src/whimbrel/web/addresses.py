"""Where the page is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from whimbrel.web.settings import WebSettings

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # is told apart, not bound
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


def urls(settings: WebSettings, own: Sequence[str] = ()) -> list[str]:
    """Return the addresses of the page, those for others first; `own` stand for all that the machine has."""
    scheme = "http" if settings.tls == "off" else "https"
    found: list[str] = []
    for address in settings.addresses:
        found += own or ("localhost",) if address in _ANY else (address,)
    found.sort(key=lambda address: address in _LOCAL)
    return [f"{scheme}://{_host(address)}:{settings.port}/" for address in dict.fromkeys(found)]


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address

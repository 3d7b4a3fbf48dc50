"""What the daemon knows of reach: from the files that it leaves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from whimbrel import reach_files
from whimbrel.events.device import ReachReport
from whimbrel.text import printable

NOBODY = ReachReport(there=False)
_MOST = 1 << 31
_URL = re.compile(r"https?://(\[[0-9a-f:]{2,39}\]|[a-z0-9.-]{1,100}):[0-9]{1,5}/")
_TOKEN = re.compile(r"[!-~]{1,200}")


def report(where: Path | None = None) -> ReachReport:
    """Return the state of reach as its file has it; what is not of the form of one is left out."""
    values = reach_files.read(reach_files.STATE, where)
    if values is None:
        return NOBODY
    return ReachReport(
        there=True,
        page=_text(values, "page"),
        broker=_text(values, "broker"),
        log_server=_text(values, "log_server"),
        sent=_text(values, "sent"),
        sent_by=_text(values, "sent_by"),
        sent_at=_number(values, "sent_at"),
        waiting=sum(int(_number(values, key)) for key in ("broker_waiting", "log_server_waiting", "messages_waiting")),
    )


def page(where: Path | None = None) -> tuple[str, str]:
    """Return the address of the web page, and the same with the token; empty texts where there is none."""
    values = reach_files.read(reach_files.PAGE, where) or {}
    url, token = values.get("url"), values.get("token")
    if not (isinstance(url, str) and isinstance(token, str) and _URL.fullmatch(url) and _TOKEN.fullmatch(token)):
        return "", ""
    return url, f"{url}#token={token}"


def code(url: str) -> tuple[tuple[int, ...], ...] | None:
    """Return an address with its fragment as the modules of a QR code; None without segno, or for what fits none.

    Host and token are written as letters and digits of the alphanumeric mode, which takes 5.5 bits for each
    (ISO/IEC 18004, 7.4.4), so that the code stays small enough for a panel of 64 rows; schemes and hosts have no case.
    """
    try:
        import segno
    except ImportError:
        return None
    address, mark, token = url.partition("#token=")
    parts: Any = [part for part in (address.upper(), mark, token) if part]
    for content in (parts, url):
        try:
            made = segno.make(content, error="l", micro=False)
        except (ValueError, TypeError):  # too long; or a version that takes only a text
            continue
        return tuple(tuple(map(int, row)) for row in made.matrix)
    return None


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    return printable(value) if isinstance(value, str) else ""


def _number(values: dict[str, Any], key: str) -> float:
    value = values.get(key)
    return float(value) if isinstance(value, (int, float)) and 0 <= value < _MOST else 0.0

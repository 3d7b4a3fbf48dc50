"""A program that sends one message by Apprise.

The order is JSON on its standard input, so that no secret is in a command line. It writes why a message was not sent,
without the address.
"""

from __future__ import annotations

import json
import logging
import sys

_TYPES = {"weakness": "info", "notice": "info", "warning": "warning", "critical": "failure"}


def main() -> int:
    """Send; return 0 where the service has taken it."""
    order = json.load(sys.stdin)
    try:
        import apprise
    except ImportError:
        sys.stderr.write("Apprise is not installed: apt install apprise")
        return 1
    heard = _Listener()
    logging.getLogger("apprise").addHandler(heard)
    logging.getLogger("apprise").setLevel(logging.WARNING)
    sender = apprise.Apprise()
    if not sender.add(order["url"]):
        sys.stderr.write("Apprise does not understand the address")
        return 1
    if sender.notify(body=order["text"], title=order["title"], notify_type=_TYPES[order["severity"]]):
        return 0
    sys.stderr.write(heard.last(order["url"]) or "the service did not take it")
    return 1


class _Listener(logging.Handler):
    """Collects Apprise's error messages."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    def last(self, url: str) -> str:
        """Return the last complaint, unless it has a part of the address in it."""
        secrets = [part for part in url.replace("@", "/").replace(":", "/").split("/")[1:] if len(part) > 3]
        return next((line for line in reversed(self._lines) if not any(secret in line for secret in secrets)), "")


if __name__ == "__main__":
    raise SystemExit(main())

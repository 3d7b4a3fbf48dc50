"""What can be set of the web page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from whimbrel.settings import Duration, frozen, setting, validates

MAY = Literal["acknowledge", "lock", "camp", "press", "record", "learn", "forget", "ignore", "set-time"]
_NAME = re.compile(r"[a-z0-9.-]{1,253}")


@frozen
class WebSettings:
    """A page for a browser, and its interface for programs (docs/web.md)."""

    addresses: tuple[str, ...] = setting(
        ("127.0.0.1", "10.66.0.1"),
        help="Addresses to serve on: of this machine, and of the image's USB cable. One that comes later is served"
        " then.",
    )
    port: int = setting(8080, low=1, high=65535, help="Port to serve on.")
    hosts: tuple[str, ...] = setting(
        (),
        help="Further names under which browsers may open it; the name of this device, with .local, and addresses "
        "need none.",
    )
    tls: Literal["off", "made", "files"] = setting(
        "off",
        help="Encryption: off, made (by a certificate that is made at the first start), or files (`certificate` and "
        "`key`).",
    )
    certificate: Path | None = setting(None, help="File of the certificate, with `tls: files`.")
    key: Path | None = setting(None, help="File of its key.")
    token: str = setting(
        "",
        help="What one logs in with: `credential:web` or `file:PATH`; empty: one that is made at the first start, and "
        "`whimbrel web-token` shows.",
    )
    session: Duration = setting(Duration(30 * 86400.0), low=1.0, help="How long a login lasts.")
    may: tuple[MAY, ...] = setting(
        (),
        help="What may be done from the page: acknowledge, lock (and unlock), camp, press, record, learn, forget, "
        "ignore, set-time.",
    )

    @validates("hosts")
    def _check_hosts(self, value: tuple[str, ...]) -> None:
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(f"expected names in small letters, without a port, found {name!r}")

    @validates("token")
    def _check_token(self, value: str) -> None:
        if value and not value.startswith(("credential:", "file:")):
            raise ValueError("expected credential:NAME or file:PATH: a token does not belong into this file")

    def check(self) -> None:
        """Refuse no address, and half of TLS; raises ValueError."""
        if not self.addresses:
            raise ValueError("addresses: expected one at least, found none")
        if (self.certificate is None, self.key is None) != ((self.tls != "files",) * 2):
            raise ValueError("tls: expected both certificate and key with files, and none of them otherwise")

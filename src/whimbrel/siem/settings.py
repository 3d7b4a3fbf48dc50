"""What can be set of messages to a SIEM."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from whimbrel import tls
from whimbrel.settings import Duration, frozen, setting

_PORTS = {"udp": 514, "tcp": 601, "tls": 6514}


@frozen
class SyslogSettings:
    """Alerts to a SIEM or a log server (docs/syslog.md)."""

    host: str = setting("localhost", help="Name or address of the server.")
    port: int | None = setting(None, low=1, high=65535, help="Its port; null: 6514 (tls), 601 (tcp) or 514 (udp).")
    transport: Literal["udp", "tcp", "tls"] = setting("tcp", help="tls: encrypted, and its certificate is checked.")
    form: Literal["rfc5424", "ecs"] = setting(
        "rfc5424", help="rfc5424: syslog with structured data. ecs: lines of JSON of the Elastic Common Schema."
    )
    ca: Path | None = setting(None, help="File with the certificates to trust; null: those of the system.")
    certificate: Path | None = setting(None, help="Certificate of this device, where the server wants one; with `key`.")
    key: Path | None = setting(None, help="Key of that certificate.")
    severity: Literal["weakness", "notice", "warning", "critical"] = setting("weakness", help="The least severity.")
    name: str = setting("", help="Name of this device in messages; empty: its host name.")
    facility: int = setting(16, low=0, high=23, help="Facility of syslog; 16 is local0.")
    queue: int = setting(
        10_000, low=10, high=1_000_000, help="Messages that may wait; of more, the least important are lost."
    )
    file: Path | None = setting(
        None, help="File of what waits; null: syslog.db in the service's state directory, or ~/.local/state/whimbrel."
    )
    settle: Duration = setting(
        Duration(2.0), low=0.0, help="A message is sent again if the connection breaks within this time after it."
    )
    patience: Duration = setting(Duration(20.0), low=0.05, help="How long connecting and writing may take.")
    retry: Duration = setting(
        Duration(1.0), low=0.01, help="The pause before a server that is away is tried again; doubles up to a minute."
    )

    def check(self) -> None:
        """Refuse half a certificate, and certificates without TLS; raises ValueError."""
        tls.check_pair(self)
        if (self.certificate or self.ca) and self.transport != "tls":
            raise ValueError("transport: expected tls, since certificates are named")

    @property
    def port_in_use(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.transport]

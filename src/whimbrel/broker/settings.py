"""What can be set of the connection to a broker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from whimbrel import tls
from whimbrel.settings import Duration, frozen, setting, validates

_LEVEL = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@frozen
class MqttSettings:
    """A broker of MQTT 5, and with it Home Assistant (docs/mqtt.md)."""

    host: str = setting("localhost", help="Name or address of the broker.")
    port: int | None = setting(None, low=1, high=65535, help="Its port; null: 8883 with TLS, 1883 without.")
    tls: bool = setting(False, help="Whether the connection is encrypted, and the broker's certificate checked.")
    ca: Path | None = setting(None, help="File with the certificates to trust; null: those of the system.")
    certificate: Path | None = setting(None, help="Certificate of this device, where the broker wants one; with `key`.")
    key: Path | None = setting(None, help="Key of that certificate.")
    user: str = setting("", help="Name to log in with; empty for none.")
    password: str = setting("", help="Its password; better a file with it: `credential:mqtt` or `file:PATH`.")
    name: str = setting("", help="Name of this device in topics: letters, digits, -, _ and .; empty: its host name.")
    prefix: str = setting("whimbrel", help="First level of every topic.")
    discovery: str = setting(
        "homeassistant", help="Prefix of Home Assistant's discovery; empty: this device is not announced to it."
    )
    may: tuple[Literal["acknowledge", "lock"], ...] = setting(
        (), help="What may be asked of this device through the broker: acknowledge, lock (and unlock)."
    )
    interval: Duration = setting(Duration(30.0), low=0.05, help="How often the state is published, if it has changed.")
    queue: int = setting(
        10_000,
        low=10,
        high=1_000_000,
        help="Alerts that may wait for it; of more, the least important are lost.",
    )
    file: Path | None = setting(
        None, help="File of those alerts; null: mqtt.db in the service's state directory, or ~/.local/state/whimbrel."
    )
    patience: Duration = setting(
        Duration(20.0), low=0.05, help="A broker that confirms nothing for this long is connected to anew."
    )
    settle: Duration = setting(
        Duration(5.0),
        low=0.0,
        help="An alert is published again if the connection breaks within this time after the broker has confirmed it: "
        "one that is killed loses what it has not stored yet.",
    )
    retry: Duration = setting(
        Duration(1.0),
        low=0.01,
        help="The pause before a broker that is away is tried again; doubles up to a minute.",
    )

    @validates("name", "prefix")
    def _check_level(self, value: str) -> None:
        if value and not _LEVEL.fullmatch(value):
            raise ValueError(f"expected letters, digits, -, _ and . only, found {value!r}")

    def check(self) -> None:
        """Refuse half a certificate, and secrets without encryption; raises ValueError."""
        tls.check_pair(self)
        if (self.certificate or self.ca) and not self.tls:
            raise ValueError("tls: expected true, since certificates are named")
        if not self.prefix:
            raise ValueError("prefix: expected a name, found nothing")

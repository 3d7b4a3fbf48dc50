"""The settings of messages to people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from whimbrel.settings import Duration, frozen, setting, validates

WHEN = ("now", "digest", "never")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
SEVERITIES = ("weakness", "notice", "warning", "critical")


@frozen
class NotifySettings:
    """Messages to people: to the phone, by mail, by a program of yours (docs/notify.md)."""

    to: tuple[str, ...] = setting(
        (),
        help="Where messages go, as URLs of Apprise: ntfys://ntfy.sh/MY-TOPIC, mailtos://…, tgram://… "
        "`file:PATH` and `credential:NAME` (systemd's LoadCredential=) stand for the lines of a file: what is secret "
        "belongs there.",
    )
    command: tuple[str, ...] = setting(
        (), help="A program and its arguments, run for every message with it as JSON on its standard input."
    )
    severity: Literal["weakness", "notice", "warning", "critical"] = setting(
        "warning", help="The least severity that is sent at once; the rest comes with the digest."
    )
    rules: Mapping[str, str] = setting(
        factory=dict, help="Otherwise for some rules: now, digest or never, as in {beacon-flood: never}."
    )
    ends: bool = setting(True, help="Whether the end of an incident is sent.")
    pause: Duration = setting(
        Duration(900.0),
        low=0.0,
        help="For this long after a message about an incident, more of it comes together later.",
    )
    quiet: str = setting("", help='Quiet hours, in local time, such as "22:00-07:00": messages wait until their end.')
    quiet_severity: Literal["weakness", "notice", "warning", "critical"] = setting(
        "critical", help="The least severity that is sent at once even in quiet hours."
    )
    digest: Duration = setting(Duration(86400.0), low=60.0, help="How often the rest is sent, in one message.")
    name: str = setting("", help="Name of this device in messages; empty: its host name.")
    queue: int = setting(
        2000, low=10, high=100_000, help="News and messages that may wait; of more, the least important are lost."
    )
    file: Path | None = setting(
        None,
        help="The file of waiting messages; null: notify.db in the state directory, or ~/.local/state/whimbrel.",
    )
    patience: Duration = setting(Duration(30.0), low=0.1, high=600.0, help="How long one message may take.")
    retry: Duration = setting(
        Duration(10.0), low=0.05, help="The pause before a message that failed is sent again; doubles up to 10 minutes."
    )

    @validates("rules")
    def _check_rules(self, rules: Mapping[str, str]) -> None:
        for rule, when in rules.items():
            if when not in WHEN:
                raise ValueError(f"rules.{rule}: expected one of {', '.join(WHEN)}, found {when!r}")

    @validates("quiet")
    def _check_quiet(self, quiet: str) -> None:
        if quiet and not _HOURS.fullmatch(quiet):
            raise ValueError(f'quiet: expected hours such as "22:00-07:00", found {quiet!r}')

    @property
    def quiet_minutes(self) -> tuple[int, int] | None:
        """Beginning and end of the quiet hours in minutes of the day; None without any."""
        found = _HOURS.fullmatch(self.quiet)
        if found is None:
            return None
        begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
        return begin_hour * 60 + begin_minute, end_hour * 60 + end_minute

"""Writes docs/detections.md from the detections: ``python -m whimbrel.detections.document > docs/detections.md``."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from whimbrel.detections import others
from whimbrel.detections.base import Detection
from whimbrel.detections.causes import CAUSES, COMMON, LINKS
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.registry import all_detections
from whimbrel.settings.classes import SettingsCodec

FAMILIES = {
    "disruption": "Disruption: attacks that keep others from working",
    "impersonation": "Impersonation: attacks in the name of others",
    "protocol": "Protocol: attacks on handshakes and encryption",
    "weakness": "Weakness: openings for attacks, without any attack",
    "presence": "Presence: devices that arrive, leave or follow",
}

_HEAD = """\
# Detections

All detections of Whimbrel; this page is generated from the code (`make docs`). Each detection has its own section in
the settings (`modules.watcher.detections`), with `enabled`, `severity`, `mute` and `mute_ssids` in addition to the
settings listed here. `whimbrel rules` shows the settings in force, `whimbrel alerts` the alerts.

- **Severity**: *critical* (an attack: the display interrupts), *warning* (may be an attack), *notice* (worth knowing),
  *weakness* (an opening for an attack). **Confidence**: *high* (no other explanation known), *medium*, *low* (may well
  be something else).
- Rates refer to the time spent listening on the channel: a hopping radio hears a fraction of the frames, and needs only
  a fraction.
- Frames that the receiver marks as damaged, and management frames with a wrong check sequence, are not evidence.
  Retransmissions are. A frame that a second radio on the channel delivers once more counts once.
- An alert is raised once, updated while it lasts (after 10 s, then less and less often), and closed after a quiet time.
  More than twelve of one rule and severity in a minute (48 of a weakness) are folded into one alert that counts them
  and names the newest.
- Alerts with one cause form one [incident](#incidents); weaknesses form none.
- Without monitor mode ([hardware.md](hardware.md#without-an-adapter)) only the rules marked *by scanning* can be met.
- Whimbrel hears one radio at one place. It misses devices that are out of range, on another channel, or silent.
"""


def render(classes: Iterable[type[Detection[Any]]] | None = None) -> str:
    """Return the page."""
    known = list(all_detections() if classes is None else classes)
    parts = [_HEAD, *_overview(known)]
    for family, title in FAMILIES.items():
        members = [cls for cls in known if cls.family == family]
        if members:
            parts += [f"## {title}", ""]
            for cls in members:
                parts += _section(cls)
    parts += _incidents()
    parts += _comparison(known)
    return "\n".join(parts).rstrip() + "\n"


def _overview(known: list[type[Detection[Any]]]) -> Iterator[str]:
    yield "| rule | alert | severity | by scanning |"
    yield "|---|---|---|---|"
    for cls in known:
        scan = "" if cls.needs_monitor_mode() else "yes"
        yield f"| [{cls.rule}](#{cls.rule}) | {cls.title} | {cls.severity} | {scan} |"
    yield ""


def _section(cls: type[Detection[Any]]) -> Iterator[str]:
    yield from (f"### {cls.rule}", "", f"**{cls.title}**, {cls.severity}. {cls.meaning}", "")
    yield from (f"*Rule.* {_unwrapped(inspect.getdoc(cls) or '')}", "")
    yield from (f"*What to do.* {cls.advice}", "")
    yield from (f"*What may fool it.* {cls.fooled_by}", "")
    yield from (f"*Reference.* {cls.reference}", "")
    yield from _settings(cls.Settings)


def _incidents() -> Iterator[str]:
    yield from ("## Incidents", "")
    yield (
        "Alerts that overlap in time and have something in common form one incident. So do the disconnections of a "
        "network and a copy of it, if neither belongs to another pair. Two attackers on two networks stay two "
        "incidents, and so do two pairs under one name."
    )
    yield from ("", "| in common | rules |", "|---|---|")
    for link in LINKS:
        rules = ", ".join(sorted(link.rules))
        beside = f", with one of {', '.join(sorted(link.beside))}" if link.beside else ""
        yield f"| {COMMON[link.by]} | {rules}{beside} |"
    yield from (
        "",
        "The most likely cause is the first one in this table whose rules have raised alerts. If there is none, or",
    )
    yield from ("if all alerts are notices, the incident has the title of its worst alert.", "")
    yield from ("| cause | title | needs an alert of each group |", "|---|---|---|")
    for cause in CAUSES:
        needs = "; ".join(", ".join(sorted(need)) for need in cause.needs)
        least = f" (of {cause.rules} rules)" if len(cause.needs) < cause.rules else ""
        yield f"| {cause.name} | {cause.title} | {needs}{least} |"
    yield ""


def _unwrapped(text: str) -> str:
    """Return a docstring with each paragraph and each item of a list on one line."""
    paragraphs = [re.split(r"\n(?=- )", paragraph) for paragraph in text.split("\n\n")]
    return "\n\n".join("\n".join(" ".join(item.split()) for item in items) for items in paragraphs)


def _settings(cls: type[RuleSettings]) -> Iterator[str]:
    codec = SettingsCodec(cls)
    own = [declared for name, declared in cls.__settings__.items() if name not in RuleSettings.__settings__]
    if not own:
        return
    yield "| setting | default | meaning |"
    yield "|---|---|---|"
    for declared in own:
        default = codec.codec(declared.name).write(declared.default)
        yield f"| `{declared.name}` | `{default}` | {declared.metadata['help']} |"
    yield ""


def _comparison(known: list[type[Detection[Any]]]) -> Iterator[str]:
    yield from ("## Comparison with other detectors", "", others.INTRODUCTION, "")
    for title, alerts, attribute in (
        ("Kismet", others.KISMET, "kismet"),
        ("nzyme", others.NZYME, "nzyme"),
    ):
        yield from (f"### {title}", "", "| theirs | ours | |", "|---|---|---|")
        for name, note in alerts.items():
            ours = [f"[{cls.rule}](#{cls.rule})" for cls in known if name in getattr(cls, attribute)]
            yield f"| {name} | {', '.join(ours) or '-'} | {note} |"
        yield ""
    for title, table in (("sloth", others.SLOTH), ("Enterprise products", others.ENTERPRISE)):
        yield from (f"### {title}", "", "| theirs | ours | |", "|---|---|---|")
        for name, (rules, note) in table.items():
            yield f"| {name} | {', '.join(f'[{rule}](#{rule})' for rule in rules) or '-'} | {note} |"
        yield ""
    only = [cls for cls in known if not cls.kismet and not cls.nzyme and cls.rule not in others.of_more()]
    yield from ("### Only in Whimbrel", "", "None of them has a rule for these:", "")
    yield from (f"- [{cls.rule}](#{cls.rule}): {cls.title}" for cls in only)
    yield from ("", "### Left out on purpose", "")
    yield from (f"- **{what}**: {why}" for what, why in others.LEFT_OUT.items())


if __name__ == "__main__":
    sys.stdout.write(render())

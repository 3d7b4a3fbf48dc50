"""Writes docs/detections.md from the detections: ``python -m whimbrel.detections.document > docs/detections.md``."""

from __future__ import annotations

import inspect
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
    "disruption": "Disruption: somebody keeps others from working",
    "impersonation": "Impersonation: somebody claims to be somebody else",
    "protocol": "Protocol: somebody attacks how networks are joined and protected",
    "weakness": "Weakness: what could be attacked (nobody does)",
    "presence": "Presence: who comes, goes and follows",
}

_HEAD = """\
# Detections

What Whimbrel looks for in the air, made from the code (`make docs`). Each has a section of its own in the settings
(`modules.watcher.detections`), with `enabled`, `severity`, `mute` and `mute_ssids` beside what is listed here;
`whimbrel rules` shows what is in force, `whimbrel alerts` what was found.

- **Severity**: *critical* (somebody attacks: the screen breaks in), *warning* (may be an attack), *notice* (worth
  knowing), *weakness* (could be attacked). **Confidence**: *high* (no other explanation known), *medium*, *low* (may
  well be something else).
- Rates are per time spent listening on the channel: a radio that hops hears a part, and needs a part.
- Frames marked as damaged, and management frames whose check sequence does not fit, are no evidence; frames sent
  again are: nothing is left out as a duplicate.
- An alert is raised once, updated while it goes on (after 10 s, then ever more seldom), and closed when it is quiet.
  More than twelve of one rule and severity in a minute (48 of a weakness) become one that counts them and names the
  newest.
- Alerts of one cause make one [incident](#incidents); weaknesses make none.
- What one radio hears at one place is all there is: who is out of range, on another channel, or sends nothing, is not
  seen.
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
    yield "| rule | what it finds | severity |"
    yield "|---|---|---|"
    for cls in known:
        yield f"| [{cls.rule}](#{cls.rule}) | {cls.title} | {cls.severity} |"
    yield ""


def _section(cls: type[Detection[Any]]) -> Iterator[str]:
    yield from (f"### {cls.rule}", "", f"**{cls.title}**, {cls.severity}. {cls.meaning}", "")
    yield from (f"*Rule.* {_one_line(inspect.getdoc(cls) or '')}", "")
    yield from (f"*What to do.* {cls.advice}", "")
    yield from (f"*What may fool it.* {cls.fooled_by}", "")
    yield from (f"*Reference.* {cls.reference}", "")
    yield from _settings(cls.Settings)


def _incidents() -> Iterator[str]:
    yield from ("## Incidents", "")
    yield (
        "Alerts that overlap in time and have something in common are put together; so are the disconnections of a "
        "network and a copy of it, where neither has another partner. Two attackers on two networks stay two, and so "
        "do two pairs under one name."
    )
    yield from ("", "| in common | rules |", "|---|---|")
    for link in LINKS:
        rules = ", ".join(sorted(link.rules))
        beside = f", with one of {', '.join(sorted(link.beside))}" if link.beside else ""
        yield f"| {COMMON[link.by]} | {rules}{beside} |"
    yield from ("", "What is most likely going on is the first of these whose rules are met. Notices alone, and what")
    yield from ("is none of them, are called what the worst alert is called.", "")
    yield from ("| cause | what goes on | needs an alert of each |", "|---|---|---|")
    for cause in CAUSES:
        needs = "; ".join(", ".join(sorted(need)) for need in cause.needs)
        least = f" (of {cause.rules} rules)" if len(cause.needs) < cause.rules else ""
        yield f"| {cause.name} | {cause.title} | {needs}{least} |"
    yield ""


def _one_line(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


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
    yield from ("## Beside Kismet and nzyme", "", others.INTRODUCTION, "")
    for title, alerts, attribute in (
        ("Kismet", others.KISMET, "kismet"),
        ("nzyme", others.NZYME, "nzyme"),
    ):
        yield from (f"### {title}", "", "| theirs | ours | |", "|---|---|---|")
        for name, note in alerts.items():
            ours = [f"[{cls.rule}](#{cls.rule})" for cls in known if name in getattr(cls, attribute)]
            yield f"| {name} | {', '.join(ours) or '-'} | {note} |"
        yield ""
    only = [cls for cls in known if not cls.kismet and not cls.nzyme]
    yield from ("### Only here", "", "Neither has a rule for these:", "")
    yield from (f"- [{cls.rule}](#{cls.rule}): {cls.title}" for cls in only)
    yield from ("", "### Left out on purpose", "")
    yield from (f"- **{what}**: {why}" for what, why in others.LEFT_OUT.items())


if __name__ == "__main__":
    sys.stdout.write(render())

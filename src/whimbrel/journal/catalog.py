"""Generates the journal's catalog, with the meaning and the advice that ``journalctl -x`` shows below an entry.

``python -m whimbrel.journal.catalog > systemd/whimbrel.catalog``; see catalog(7) of systemd.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from whimbrel.detections.base import Detection
from whimbrel.detections.causes import CAUSES, Cause
from whimbrel.detections.registry import all_detections
from whimbrel.events.document import DocumentedKind, entries
from whimbrel.events.every import MODULES
from whimbrel.journal.fields import message_id

_WIDTH = 78

# Advice for events other than alerts.
_ADVICE = {
    "radio-blind": "Nothing was received for longer than a quiet air can explain, or scans fail. Whimbrel tries to "
    "recover the radio; if that does not help, unplug the radio and plug it in again, or give it more power.",
    "radio-recovered": "If this happens often, give the radio more power, or another USB port or cable.",
    "recovery-step": "Nothing, unless the last step has failed: then unplug the radio and plug it in again.",
    "tune-failed": "If the channel was removed from the plan, the regulatory domain or the radio does not allow it: "
    "see `iw reg get` and `iw phy`. If another interface holds the radio, set that interface down.",
    "frames-lost": "The board cannot keep up. Set modules.sniffer.linux.filter or .frames so that the kernel drops "
    "unimportant frames, or visit fewer channels.",
    "receiver-judged": "Driver or firmware of the radio describe frames wrongly. If they can be read nevertheless, "
    "nothing has to be done; if none can, use another driver, firmware or radio.",
    "events-lost": "A listener was too slow. Its losses are counted; if it happens often, make its queue longer.",
    "capture-odd": "The file was read to its end; the message has a remark about it.",
    "capture-damaged": "The file ends early or is broken; its whole frames were read.",
    "module-warning": "The module works, with restrictions that the entry names.",
    "module-failed": "It is restarted automatically. If it keeps failing, see `journalctl -u whimbrel` for details.",
    "settings-refused": "Nothing has changed. `whimbrel check` shows each mistake with its line.",
    "loop-stalled": "All others waited for that module. If it happens often, the board is too slow for the load.",
    "key-trouble": "Look at the wiring of that key, its pull and its debounce time in the settings.",
    "recording-repaired": "Nothing: a loss of power can cut a recording short.",
    "frames-not-kept": "The reason names the problem of the card. The device continues, and records again once it can.",
    "recorded-late": "A loss of power would have taken more than modules.recorder.lose_at_most. Use a faster card, "
    "record less, or promise less.",
    "freeze-refused": "If that is the limit of an hour, raise modules.recorder.alerts_an_hour if the card can bear "
    "it, or raise the least severity that is recorded, modules.recorder.freeze. If it is the card, use a faster one.",
    "panel-changed": "If the screen is gone, check its cable, and that I2C or SPI is enabled.",
}


def catalog() -> str:
    """Return the catalog: an entry for every kind of event, for incidents of every cause, and for the alerts of every
    detection."""
    parts = [_of_event(entry) for module in MODULES for entry in entries(module)]
    parts += [_of_cause(cause) for cause in CAUSES]
    parts += [_of_detection(cls) for cls in all_detections()]
    return "".join(parts)


def _of_event(entry: DocumentedKind) -> str:
    advice = _ADVICE.get(entry.kind, "")
    paragraphs = [entry.meaning, advice, f"Published by the module @WHIMBREL_MODULE@; kind {entry.kind}."]
    return _entry(entry.kind, entry.kind.replace("-", " ").capitalize(), paragraphs)


def _of_cause(cause: Cause) -> str:
    commands = (
        "`whimbrel alerts @WHIMBREL_INCIDENT@` explains its alerts, `whimbrel acknowledge @WHIMBREL_INCIDENT@` marks"
        " all of them as seen."
    )
    paragraphs = [cause.meaning, f"What to do: {cause.advice}", commands]
    return _entry(f"incident.{cause.name}", f"{cause.title} (@WHIMBREL_SEVERITY@)", paragraphs)


def _of_detection(cls: type[Detection[Any]]) -> str:
    commands = (
        "`whimbrel alerts @WHIMBREL_ALERT@` explains this one, `whimbrel evidence @WHIMBREL_ALERT@ FILE.pcapng` saves "
        f"its frames; the rule {cls.rule} and its settings are in docs/detections.md."
    )
    paragraphs = [
        cls.meaning,
        f"What to do: {cls.advice}",
        f"What may fool it: {cls.fooled_by}",
        f"Reference: {cls.reference}",
        commands,
    ]
    return _entry(f"alert.{cls.rule}", f"{cls.title} (@WHIMBREL_SEVERITY@)", paragraphs)


def _entry(topic: str, subject: str, paragraphs: list[str]) -> str:
    lines = [f"-- {message_id(topic)}", f"Subject: {subject}", "Defined-By: Whimbrel", "Documentation: man:whimbrel(1)"]
    return "\n".join([*lines, "", *_wrapped(paragraphs)]) + "\n"


def _wrapped(paragraphs: list[str]) -> Iterator[str]:
    for text in paragraphs:
        if plain := _plain(text):
            yield from textwrap.wrap(plain, _WIDTH, break_long_words=False, break_on_hyphens=False)
            yield ""


def _plain(text: str) -> str:
    """Return text of a docstring without its markup; no line begins like a new entry."""
    return re.sub(r"``?([^`]*)``?", r"\1", " ".join(text.split())).replace("-- ", "- ")


if __name__ == "__main__":
    sys.stdout.write(catalog())

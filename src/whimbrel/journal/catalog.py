"""Makes the journal's catalog, which ``journalctl -x`` shows below an entry: what it means, and what to do.

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
from whimbrel.events.document import MODULES, DocumentedKind, entries
from whimbrel.journal.fields import message_id

_WIDTH = 78

# What a person should do about events that are no alerts.
_ADVICE = {
    "radio-blind": "Nothing has been heard for longer than silence explains. Whimbrel tries to wake the radio up by "
    "itself; where that does not help, plug it out and in, or give it more power.",
    "radio-recovered": "Where this happens often, give the radio more power, or another USB port or cable.",
    "recovery-step": "Nothing, unless the last step has failed: then the radio needs a hand.",
    "tune-failed": "Where the channel was taken out of the plan, the regulatory domain or the radio does not allow it: "
    "see `iw reg get` and `iw phy`. Where another interface holds the radio, take that one down.",
    "frames-lost": "The board cannot keep up. Set modules.sniffer.linux.filter or .frames so that the kernel keeps "
    "what does not matter, or listen to fewer channels.",
    "receiver-judged": "Driver or firmware of the radio describe frames wrongly. Where they can be read nevertheless, "
    "nothing has to be done; where none can, use another driver, firmware or radio.",
    "events-lost": "A listener was too slow. What it missed is counted; where it happens often, make its queue longer.",
    "capture-odd": "The file was read to its end; the message says what to know of it.",
    "capture-damaged": "The file ends early or is broken; what was whole has been read.",
    "module-warning": "The module goes on, but not as well as it could; the entry says what it lacks.",
    "module-failed": "It is started again by itself. Where it keeps failing, `journalctl -u whimbrel` has the details.",
    "settings-refused": "Nothing has changed. `whimbrel check` shows each mistake with its line.",
    "loop-stalled": "Everything waited for that module. Where it happens often, the board is too slow for what is on.",
    "key-trouble": "Look at the wiring of that key, its pull and its debounce time in the settings.",
    "recording-repaired": "Nothing: this is what becomes of a recording when the power goes.",
    "frames-not-kept": "The reason says what is wrong with the card. The device goes on, and records again once it "
    "can.",
    "freeze-refused": "Raise modules.recorder.alerts_an_hour where the card can bear it, or have fewer alerts recorded "
    "by modules.recorder.freeze, the least severity.",
    "panel-changed": "Where the screen is gone, look at its cable and at I2C or SPI being switched on.",
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
    paragraphs = [entry.meaning, advice, f"Module @WHIMBREL_MODULE@ said so; kind {entry.kind}."]
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
        f"What may look the same: {cls.fooled_by}",
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
    """Return text of a docstring without its marks; a line must not begin with what begins an entry."""
    return re.sub(r"``?([^`]*)``?", r"\1", " ".join(text.split())).replace("-- ", "- ")


if __name__ == "__main__":
    sys.stdout.write(catalog())

"""A sentence of one line for every event body; text off the air cannot forge a second line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whimbrel.events.base import Body
from whimbrel.events.encode import dump, encode_body, kind_of
from whimbrel.text import harmless
from whimbrel.wording import (
    about_air,
    about_alerts,
    about_device,
    about_history,
    about_incidents,
    about_position,
    about_radio,
    about_reach,
    about_recording,
)

MAX_LENGTH = 2000
"""Limit of a sentence in characters: a traceback or a third-party body may have any length."""


def sentence(body: object) -> str:
    """Return `body` in words, in one printable line of at most `MAX_LENGTH` characters.

    A third-party body may define its own wording in a method ``sentence() -> str``; others are shown field by field.
    Never raises.
    """
    write = _SENTENCES.get(kind_of(body)) or _own_words
    try:
        text = write(body)
    except Exception:  # noqa: BLE001  # a body with values of the wrong type is shown as it is; the line must not be lost
        text = _fields(body)
    return _safe(text)


def known_kinds() -> frozenset[str]:
    """Return the kinds with their own wording."""
    return frozenset(_SENTENCES)


def _safe(text: str) -> str:
    return harmless(text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…")


def _own_words(body: object) -> str:
    own = getattr(body, "sentence", None)
    return str(own()) if callable(own) else _fields(body)


def _fields(body: object) -> str:
    encoded = encode_body(body) if isinstance(body, Body) else {"value": encode_body(body)}
    shown = (f"{name}={value if isinstance(value, str) else dump(value)}" for name, value in encoded.items())
    return f"{kind_of(body).replace('-', ' ')}: {', '.join(shown)}"


_SENTENCES: dict[str, Callable[[Any], str]] = {
    **about_air.SENTENCES,
    **about_alerts.SENTENCES,
    **about_device.SENTENCES,
    **about_history.SENTENCES,
    **about_incidents.SENTENCES,
    **about_position.SENTENCES,
    **about_radio.SENTENCES,
    **about_reach.SENTENCES,
    **about_recording.SENTENCES,
}

"""The requests and lines of streaming clients: kinds, level, a line for each event."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable

from whimbrel.bus import Lagged
from whimbrel.control.protocol import ProtocolError, Request, to_line
from whimbrel.events.base import KINDS, Event, Level
from whimbrel.events.encode import encode_event
from whimbrel.events.interest import is_bulky, kinds_where, level_of, level_of_body
from whimbrel.events.pieces import event_pieces
from whimbrel.wording.sentences import sentence
from whimbrel.wording.suggestions import no_such


async def written_slowly(event: Event) -> list[bytes]:
    """Return the line of a large event in pieces, yielding to other tasks after each."""
    parts = []
    more = {"level": level_of_body(event.body).name.lower(), "message": sentence(event.body)}
    for piece in event_pieces(event, **more):
        parts.append(piece.encode("ascii"))
        await asyncio.sleep(0)
    return [*parts, b"\n"]


def named_kinds(request: Request, key: str) -> tuple[str, ...]:
    """Return the kinds in a key of a request, each once, none without the key. Raises `ProtocolError`."""
    kinds = request.args.get(key)
    if kinds is None:
        return ()
    if not (isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)):
        raise ProtocolError(f'"{key}": expected a list of names such as ["disconnected"]', request.id)
    for kind in kinds:
        if kind not in KINDS:
            raise ProtocolError(no_such("event", kind, sorted(KINDS)), request.id)
    return tuple(dict.fromkeys(kinds))


@functools.lru_cache(maxsize=32)
def interest_of(kinds: tuple[str, ...], level: Level) -> type:
    """Return the interest to subscribe to; equal requests get the same one, so their clients share a ring of the
    bus."""
    classes = tuple(KINDS[kind] for kind in kinds)

    def rule(kind: type) -> bool:
        if level_of(kind) > level:
            return False
        return issubclass(kind, classes) if classes else not is_bulky(kind)

    return kinds_where(", ".join(kinds) or "everything", rule)


def unanswered(verb: str, answered: Iterable[str]) -> str:
    """Return the reason for a missing answer to a verb."""
    from whimbrel.verbs.registry import VERBS

    if verb in VERBS:
        return f"{verb}: the module that answers it is not on, or not ready; `whimbrel modules` shows those that are"
    return no_such("verb", verb, answered)


def stream_line(item: Event | Lagged) -> bytes:
    """Return the line of an event, or of a loss."""
    if isinstance(item, Lagged):
        return to_line({"lagged": item.lost})
    line = encode_event(item)
    line["level"] = level_of_body(item.body).name.lower()
    line["message"] = sentence(item.body)
    return to_line(line)

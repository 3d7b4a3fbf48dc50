"""The control socket's protocol: one JSON object a line, in both directions. Pure; docs/control.md describes it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from whimbrel.errors import WhimbrelError

MAX_DEPTH = 16
"""Limit of values within values in a request: what is nested deeper cannot be written back as its `id`."""
MAX_LINE = 65536
"""Limit of a request in octets, including its newline. Requests are short; a longer one is a mistake or an attack."""


class ProtocolError(WhimbrelError, ValueError):
    """The line is not a request; the message goes to the client. `id` is the request's id, if it has one."""

    def __init__(self, message: str, id: Any = None) -> None:  # noqa: A002  # its name on the wire
        super().__init__(message)
        self.id = id


class Request(NamedTuple):
    """One question."""

    verb: str
    """A request."""
    args: dict[str, Any]
    """All other keys of the object."""
    id: Any = None
    """Any JSON value; it is returned with the answer."""


def parse_request(line: bytes) -> Request:
    """Read one line. Raises `ProtocolError`."""
    try:
        value = json.loads(line.decode(), parse_float=_finite, parse_constant=_finite)
    except UnicodeDecodeError:
        raise ProtocolError(
            'expected a JSON object such as {"verb": "status"}, found octets that are not text'
        ) from None
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f'expected a JSON object such as {{"verb": "status"}}: {_reason(error)}') from None
    if _deeper(value, MAX_DEPTH):
        raise ProtocolError(f"a request is nested at most {MAX_DEPTH} deep")
    if not isinstance(value, dict):
        raise ProtocolError(f'expected a JSON object such as {{"verb": "status"}}, found {_json_type(value)}')
    args = dict(value)
    id_ = args.pop("id", None)
    verb = args.pop("verb", None)
    if not isinstance(verb, str) or not verb:
        raise ProtocolError('expected "verb" with the name of a verb; the verb "help" lists them', id_)
    return Request(verb, args, id_)


def answer_ends(id: Any = None) -> tuple[bytes, bytes]:  # noqa: A002
    """Return what stands before and behind the result in the line that answers a request."""
    return b'{"ok":true,"result":', to_line(_identity(id)).replace(b"{", b"," if id is not None else b"", 1)


def answer(result: Any, id: Any = None) -> bytes:  # noqa: A002
    """Return the line that answers a request."""
    return to_line({"ok": True, "result": result} | _identity(id))


def refusal(error: str, id: Any = None) -> bytes:  # noqa: A002
    """Return the line that refuses a request or ends a stream."""
    return to_line({"ok": False, "error": error} | _identity(id))


def to_line(value: Any) -> bytes:
    """Return a JSON value as one line of ASCII. Raises ValueError or TypeError for other values."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def _identity(id_: Any) -> dict[str, Any]:
    return {} if id_ is None else {"id": id_}


def _deeper(value: Any, most: int) -> bool:
    """Return whether a JSON value is nested deeper than `most`; without recursion."""
    level = [value]
    for _ in range(most):
        level = [inner for each in level if isinstance(each, (list, dict)) for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _finite(number: str) -> float:
    """Parse a number. Raises ValueError for infinity and NaN, which JSON does not have."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number[:20]} is no number in JSON, or too large")
    return value


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _json_type(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")

"""Reads the arguments of a request by the forms that its route declares. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from whimbrel.errors import WhimbrelError
from whimbrel.text import harmless
from whimbrel.web.routes import Route, Schema

_LONGEST_ECHO = 60
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "array": (list,),
}


class BadArgument(WhimbrelError, ValueError):
    """An argument is missing, not known, or of another form; the message goes to the client."""


def of_query(route: Route, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the arguments in a query. Raises `BadArgument`."""
    found: dict[str, Any] = {}
    for name, text in pairs:
        if name in found:
            raise BadArgument(f"{_short(name)} is there twice")
        schema = _schema(route, name)
        found[name] = text if "enum" in schema else _READ[schema["type"]](name, text)
    return _checked(route, found)


def of_body(route: Route, body: bytes) -> dict[str, Any]:
    """Return the arguments in the object of a body; nothing stands for an empty one. Raises `BadArgument`."""
    try:
        value = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise BadArgument("expected a JSON object in the body") from None
    if not isinstance(value, dict):
        raise BadArgument("expected a JSON object in the body")
    for name in value:
        _schema(route, name)
    return _checked(route, value)


def _schema(route: Route, name: str) -> Schema:
    schema = route.keys.get(name)
    if schema is None:
        known = ", ".join(route.keys) or "no argument"
        raise BadArgument(f"{_short(name)} is not known here; there is {known}")
    return schema


def _checked(route: Route, found: dict[str, Any]) -> dict[str, Any]:
    if missing := [name for name in route.required if name not in found]:
        raise BadArgument(f"{', '.join(missing)} is missing")
    for name, value in found.items():
        if not fits(value, route.keys[name]):
            raise BadArgument(f"{name}: expected {words(route.keys[name])}, found {_short(value)}")
    return found


def fits(value: Any, schema: Schema) -> bool:
    """Return whether a JSON value has the form of a schema, of those that `whimbrel.web.routes` uses."""
    if "enum" in schema:
        return isinstance(value, str) and value in schema["enum"]
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if isinstance(value, str):
        return schema.get("minLength", 0) <= len(value) <= schema["maxLength"] and _is_text(value)
    if isinstance(value, list):
        return len(value) <= schema["maxItems"] and all(fits(each, schema["items"]) for each in value)
    if isinstance(value, bool):
        return True
    return (
        isinstance(value, (int, float))
        and math.isfinite(value)
        and schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf)
        and value > schema.get("exclusiveMinimum", -math.inf)
    )


def words(schema: Schema) -> str:
    """Return what a schema asks for."""
    if "enum" in schema:
        return ", ".join(schema["enum"][:-1]) + f" or {schema['enum'][-1]}"
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS.items() if key in schema]
    return " ".join([_WORDS[schema["type"]], *bounds])


_BOUNDS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "maxLength": "of at most"}
_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
    "array": "a list of texts",
}


def _is_text(value: str) -> bool:
    """Return whether a text has an encoding: a half of a surrogate pair in JSON has none."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flag(name: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadArgument(f"{name}: expected true or false, found {_short(text)}")
    return text == "true"


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadArgument(f"{name}: expected a number, found {_short(text)}")
    return value


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadArgument(f"{name}: expected a whole number, found {_short(text)}")
    return int(text)


def _text(_name: str, text: str) -> str:
    return text


_READ: Mapping[str, Any] = {"string": _text, "boolean": _flag, "number": _number, "integer": _whole}


def _short(value: object) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, default=str)
    return harmless(shown[:_LONGEST_ECHO].encode("utf-8", "replace").decode())

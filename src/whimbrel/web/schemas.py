"""The form of records as JSON Schema: what `whimbrel.events.encode` writes, by the annotations of a class. Pure."""

from __future__ import annotations

import enum
import types
import typing
from collections import abc
from typing import Any

from whimbrel.events.base import Body
from whimbrel.events.forms import form_of, is_name
from whimbrel.record import Record

Schema = dict[str, Any]
PLACE = "#/components/schemas/"
_OCTETS = "^(([0-9a-f]{2}:){5}[0-9a-f]{2}|([0-9a-f]{2})*)$"
_SCALARS: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},  # null: infinite, or no number, which JSON does not have
    str: {"type": "string"},
    object: {},
    Any: {},
    type(None): {"type": "null"},
}


class Schemas:
    """Collects the schemas of records by their names, so that each is written once."""

    def __init__(self) -> None:
        self.found: dict[str, Schema] = {}

    def of(self, hint: Any, field: str = "") -> Schema:
        """Return the schema of a type, in a field of that name. Raises TypeError for one that JSON has no form of."""
        if hint is bytes:
            return {"type": "string"} if is_name(field) else {"type": "string", "pattern": _OCTETS}
        if hint in _SCALARS:
            return _SCALARS[hint]
        origin = typing.get_origin(hint)
        if origin is not None:
            return self._generic(origin, typing.get_args(hint), field)
        if isinstance(hint, type):
            if issubclass(hint, Record) or (issubclass(hint, tuple) and hasattr(hint, "_fields")):
                return self._object(hint)
            if issubclass(hint, enum.Enum):
                return _enum(hint)
        raise TypeError(f"{hint!r} has no form in JSON")

    def _generic(self, origin: Any, args: tuple[Any, ...], field: str) -> Schema:
        if origin in (typing.Union, types.UnionType):
            arms = [self.of(arg, field) for arg in args]
            return {"anyOf": arms}
        if origin is typing.Literal:
            return {"enum": list(args)}
        if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
            items = [self.of(arg, field) for arg in args]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if origin in (tuple, list, frozenset, abc.Sequence):
            return {"type": "array", "items": self.of(args[0], field)}
        if origin in (dict, abc.Mapping):
            return {"type": "object", "additionalProperties": self.of(args[1])}
        raise TypeError(f"{origin!r} has no form in JSON")

    def _object(self, cls: Any) -> Schema:
        name = cls.__name__
        if name not in self.found:
            self.found[name] = {}  # before its fields: a type may hold itself
            hints = typing.get_type_hints(cls)
            fields: tuple[str, ...] = cls.fields if issubclass(cls, Record) else cls._fields
            if hasattr(cls, "value_type"):  # of a change: its values are of the type of the field that it names
                hints |= {"old": object, "new": object}
            properties: Schema = {}
            for field in fields:
                properties[field] = self.of(hints[field], field)
                if is_name(field):
                    properties[f"{field}_hex"] = {"type": ["string", "array"], "items": {"type": "string"}}
            about = (cls.__doc__ or "").split("\n")[0]
            self.found[name] = {
                "type": "object", "description": about, "properties": properties, "required": list(fields),
            }  # fmt: skip
        return {"$ref": f"{PLACE}{name}"}

    def message(self, kind: type[Body]) -> Schema:
        """Return the schema of an event's message."""
        return {
            "type": "object",
            "properties": {
                "seq": {"type": "integer"},
                "time": {"type": "number"},
                "source": {"type": "string"},
                "kind": {"const": kind.kind},
                "body": self.of(kind),
                "level": {"type": "string"},
                "message": {"type": "string"},
            },
            "required": ["seq", "time", "source", "kind", "body", "level", "message"],
        }


def _enum(cls: type[enum.Enum]) -> Schema:
    if issubclass(cls, enum.Flag):
        return {"type": "string"} if hasattr(cls, "parse") else {"type": "integer"}
    return {"enum": [form_of(member) for member in cls]}

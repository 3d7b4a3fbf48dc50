"""The interface's description for programs: OpenAPI 3.1, from the table of routes and the types of answers. Pure."""

from __future__ import annotations

import json
from typing import Any

from whimbrel.events.base import KINDS
from whimbrel.events.system import ModulesState
from whimbrel.web.kinds import leaves
from whimbrel.web.routes import PREFIX, ROUTES, Route
from whimbrel.web.schemas import PLACE, Schemas

_SESSION = {
    "type": "object",
    "properties": {
        "may": {"type": "array", "items": {"type": "string"}},
        "version": {"type": "string"},
        "device": {"type": "string"},
    },
    "required": ["may", "version", "device"],
}
_ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
_TELLS = {
    "anyOf": [
        {"type": "object", "properties": {"lagged": {"type": "integer"}}, "required": ["lagged"]},
        {"type": "object", "properties": {"alive": {"const": True}}, "required": ["alive"]},
        {
            "type": "object",
            "properties": {
                "daemon": {"enum": ["reached", "unreachable"]},
                "version": {"type": "string"},
                "reason": {"type": "string"},
            },
            "required": ["daemon"],
        },
    ]
}
_NAMES: dict[str, str] = {"id": "^[0-9]{1,15}$", "name": "^[A-Za-z0-9._-]{1,200}$"}


def text() -> str:
    """Return the description as JSON."""
    return json.dumps(description(), separators=(",", ":"))


def description() -> dict[str, Any]:
    """Return the description."""
    schemas = Schemas()
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    messages = {f"event-{name}": schemas.message(kind) for name, kind in sorted(KINDS.items()) if leaves(kind)}
    schemas.found |= messages | {"Error": _ERROR, "Session": _SESSION}
    schemas.found["Message"] = {"anyOf": [*({"$ref": PLACE + name} for name in messages), _TELLS]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Whimbrel",
            "version": PREFIX.rpartition("/")[2],
            "description": "The control socket of a Whimbrel over HTTP. Each message of the WebSocket is a Message.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.found,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "whimbrel"}},
        },
        "security": [{"session": []}],
    }


def _operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{route.path.translate(_PLAIN)}",
        "summary": route.summary,
        "responses": {**_answer(route, schemas), "default": _content("an error", PLACE + "Error")},
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": _NAMES[name]}}
        for name in in_path(route.path)
    ]
    if route.method == "GET":
        parameters += [
            {"name": name, "in": "query", "required": name in route.required, "schema": dict(schema)}
            for name, schema in route.keys.items()
        ]
    if parameters:
        operation["parameters"] = parameters
    if route.keys and route.method == "POST":
        form = {
            "type": "object",
            "properties": {name: dict(schema) for name, schema in route.keys.items()},
            "additionalProperties": False,
            "required": list(route.required),
        }
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": form}}}
    if route.open:
        operation["security"] = []
    return operation


_PLAIN = {ord(char): "_" for char in "/{}.-"}


def in_path(path: str) -> list[str]:
    """Return the names of the parameters in a path."""
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _answer(route: Route, schemas: Schemas) -> dict[str, Any]:
    if route.name == "events":
        return {"101": {"description": "messages follow, each a Message"}}
    if not route.media:
        return {"204": {"description": "done"}}
    if route.verb is not None:
        return {
            "200": {"description": route.summary, "content": {route.media: {"schema": schemas.of(route.verb.answer)}}}
        }
    if route.name == "session":
        return {"200": _content(route.summary, PLACE + "Session")}
    if route.name == "reach":
        return {"200": {"description": route.summary, "content": {route.media: {"schema": schemas.of(ModulesState)}}}}
    if route.media == "application/json":
        return {"200": {"description": route.summary, "content": {route.media: {"schema": {"type": "object"}}}}}
    return {"200": {"description": route.summary, "content": {route.media: {}}}}


def _content(summary: str, place: str) -> dict[str, Any]:
    return {"description": summary, "content": {"application/json": {"schema": {"$ref": place}}}}


if __name__ == "__main__":
    import sys

    sys.stdout.write(text())

"""The interface's description for programs: OpenAPI 3.1, from the table of routes. Pure."""

from __future__ import annotations

import functools
import json
from typing import Any

from whimbrel.web.routes import PREFIX, ROUTES, Route, Schema

_ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


@functools.lru_cache(maxsize=1)
def text() -> str:
    """Return the description as JSON."""
    return json.dumps(description(), separators=(",", ":"))


def description() -> dict[str, Any]:
    """Return the description."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Whimbrel", "version": PREFIX.rpartition("/")[2]},
        "paths": paths,
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": route.summary, "responses": {"default": _answer("an error", _ERROR)}}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _in_path(route.path)
    ]
    if route.method == "GET":
        parameters += [_parameter(route, name, schema) for name, schema in route.keys.items()]
    if parameters:
        operation["parameters"] = parameters
    return operation


def _in_path(path: str) -> list[str]:
    return [part[1:-1] for part in path.replace(".", "/").split("/") if part.startswith("{")]


def _parameter(route: Route, name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": name in route.required, "schema": schema}


def _answer(summary: str, schema: Schema) -> dict[str, Any]:
    return {"description": summary, "content": {"application/json": {"schema": schema}}}

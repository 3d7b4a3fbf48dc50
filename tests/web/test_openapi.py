"""The description: of every route, and a sound OpenAPI 3.1."""

from __future__ import annotations

import json

from whimbrel.web import openapi
from whimbrel.web.routes import ROUTES


def test_every_route_is_described() -> None:
    paths = json.loads(openapi.text())["paths"]
    for route in ROUTES:
        operation = paths[route.path][route.method.lower()]
        assert operation["summary"] == route.summary
        given = [parameter["name"] for parameter in operation.get("parameters", ())]
        assert given == [*openapi._in_path(route.path), *(route.keys if route.method == "GET" else ())]

"""The description: of every route, and without a loose end."""

from __future__ import annotations

import json
import re

from whimbrel.web import openapi
from whimbrel.web.routes import ROUTES


def test_every_route_is_described() -> None:
    paths = json.loads(openapi.text())["paths"]
    for route in ROUTES:
        operation = paths[route.path][route.method.lower()]
        assert operation["summary"] == route.summary
        given = [parameter["name"] for parameter in operation.get("parameters", ())]
        assert given == [*openapi.in_path(route.path), *(route.keys if route.method == "GET" else ())]
        if route.method == "POST" and route.keys:
            form = operation["requestBody"]["content"]["application/json"]["schema"]
            assert (list(form["properties"]), form["required"]) == (list(route.keys), list(route.required))
        assert ("security" in operation) is route.open


def test_every_reference_leads_somewhere_and_every_name_is_one_operation() -> None:
    text = openapi.text()
    description = json.loads(text)
    wanted = set(re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', text))
    assert wanted <= set(description["components"]["schemas"])
    names = [operation["operationId"] for path in description["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names)) == len(ROUTES)

"""The table of routes: complete for each verb, and nothing that changes something is open or a GET."""

from __future__ import annotations

from typing import get_args

import pytest

from whimbrel.verbs.declare import Query
from whimbrel.verbs.registry import VERBS
from whimbrel.web.routes import KEYS, PREFIX, ROUTES, Route
from whimbrel.web.settings import MAY

OF_VERBS = [route for route in ROUTES if route.verb is not None and "{" not in route.path]


@pytest.mark.parametrize("route", OF_VERBS, ids=lambda route: route.path)
def test_a_verb_is_offered_with_all_of_its_keys(route: Route) -> None:
    assert route.verb is not None
    assert route.path == f"{PREFIX}/{route.verb.name}"
    assert set(route.keys) == set(route.verb.arguments)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.verb is not None], ids=lambda route: route.path)
def test_what_changes_something_is_a_post_and_nothing_else_is(route: Route) -> None:
    assert (route.method == "GET") is isinstance(route.verb, Query)


def test_every_form_is_one_of_a_verb() -> None:
    assert set(KEYS) <= set(VERBS)


def test_nothing_but_the_login_is_open() -> None:
    assert [route.path for route in ROUTES if route.open] == ["/", "/assets/{name}", f"{PREFIX}/login"]


def test_what_the_settings_may_allow_is_what_is_offered() -> None:
    offered = {route.verb.name for route in ROUTES if route.method == "POST" and route.verb is not None} - {"unlock"}
    assert offered == set(get_args(MAY))

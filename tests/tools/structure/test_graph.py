from __future__ import annotations

from itertools import pairwise

import pytest
from tools.structure import graph

TEXTS = {
    "whimbrel": "",
    "whimbrel.wifi": "",
    "whimbrel.wifi.frames": "import struct",
    "whimbrel.wifi.header": "from whimbrel.wifi import frames, unknown",
    "whimbrel.survey.survey": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from whimbrel.wifi.frames import Frame\n"
        "def late():\n    import whimbrel.wifi.header"
    ),
    "whimbrel.cli": "from whimbrel import __version__",
}


def test_imports_within_functions_and_for_types_count() -> None:
    files = graph.files(TEXTS)
    assert files["whimbrel.survey.survey"] == {"whimbrel.wifi.frames", "whimbrel.wifi.header"}
    assert files["whimbrel.wifi.header"] == {"whimbrel.wifi.frames", "whimbrel.wifi"}
    assert files["whimbrel.wifi.frames"] == set()
    assert graph.packages(files) == {"cli": {"whimbrel"}, "survey": {"wifi"}, "wifi": set(), "whimbrel": set()}


@pytest.mark.parametrize(
    ("imports", "circle"),
    [
        ({"a": "b", "b": "c", "c": ""}, []),
        ({"a": "b", "b": "c", "c": "b"}, ["b", "c", "b"]),
        ({"a": "b", "b": "c", "c": "a"}, ["a", "b", "c", "a"]),
    ],
)
def test_a_circle_is_told_in_the_order_of_its_imports(imports: dict[str, str], circle: list[str]) -> None:
    found = graph.circle({name: frozenset(wanted) for name, wanted in imports.items()})
    assert sorted(found) == sorted(circle)
    assert all(wanted in imports[name] for name, wanted in pairwise(found))


def test_each_layer_lies_above_what_it_imports() -> None:
    imports = {"top": "ab", "a": "c", "b": "", "c": "d", "d": "c"}
    assert graph.layers({name: frozenset(wanted) for name, wanted in imports.items()} | {"top": frozenset("ab")}) == [
        ["top"], ["a"], ["b", "c", "d"],
    ]  # fmt: skip


def test_what_is_reached_over_others() -> None:
    imports = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("b"), "d": frozenset[str]()}
    assert graph.reachable(imports) == {"a": set("bc"), "b": set("bc"), "c": set("bc"), "d": set()}

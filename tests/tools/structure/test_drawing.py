from __future__ import annotations

from tools.structure import drawing


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    imports = {"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset[str]()}
    assert drawing.arrows(imports) == [("a", "b", False), ("b", "c", False)]


def test_every_arrow_of_a_circle_is_drawn_and_one_leads_there() -> None:
    imports = {"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset({"b"})}
    assert drawing.arrows(imports) == [("a", "b", False), ("b", "c", True), ("c", "b", True)]


def test_the_table_has_every_import_from_the_top() -> None:
    table = drawing.table({"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset[str]()})
    assert table.splitlines()[2:] == [
        "| 3 | `a` | `b`, `c` |",
        "| 2 | `b` | `c` |",
        "| 1 | `c` | nothing of the project |",
    ]


def test_a_rank_for_each_layer_and_pure_packages_in_green() -> None:
    lines = drawing.dot({"wifi": frozenset[str](), "daemon": frozenset({"wifi"})}).splitlines()
    assert '  { rank=same; "daemon"; }' in lines
    assert any(line.startswith('  { rank=same; "wifi" [fillcolor=') for line in lines)
    assert '  "daemon" -> "wifi";' in lines

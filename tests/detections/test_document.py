"""The page about detections, and the required texts of every detection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from whimbrel.detections import others
from whimbrel.detections.base import Detection
from whimbrel.detections.document import FAMILIES, render
from whimbrel.detections.registry import FILES, all_detections

PAGE = Path(__file__).parents[2] / "docs" / "detections.md"
PACKAGE = Path(__file__).parents[2] / "src" / "whimbrel" / "detections"


def test_the_page_in_the_repository_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run `make docs`"


def test_every_file_with_detections_is_registered() -> None:
    there = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in PACKAGE.glob("*/*.py")
        if re.search(r"^DETECTIONS\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert there == set(FILES)
    assert len(FILES) == len(set(FILES))


@pytest.mark.parametrize("cls", all_detections(), ids=lambda cls: cls.rule)
def test_a_detection_says_what_it_is(cls: type[Detection[Any]]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cls.rule)
    assert cls.family in FAMILIES
    assert 0 < len(cls.title) <= 28
    for text in (cls.meaning, cls.advice, cls.fooled_by):
        assert 20 < len(text) < 700
        assert text.endswith((".", "?", ")", "`"))
        assert "\n" not in text
    assert cls.reference
    assert cls.__doc__
    assert len(cls.__doc__) > 40
    assert (
        cls.kinds
        or cls.findings
        or any(
            getattr(cls, hook) is not getattr(Detection, hook)
            for hook in ("disconnected", "eapol", "announced", "sampled", "reserved", "turn")
        )
    )


def test_every_rule_has_a_name_of_its_own() -> None:
    rules = [cls.rule for cls in all_detections()]
    assert len(rules) == len(set(rules))


def test_what_is_said_to_cover_rules_of_others_names_rules_that_there_are() -> None:
    for cls in all_detections():
        assert set(cls.kismet) <= others.KISMET.keys(), cls.rule
        assert set(cls.nzyme) <= others.NZYME.keys(), cls.rule


def test_each_rule_of_others_is_covered_or_explained() -> None:
    covered = {name for cls in all_detections() for name in (*cls.kismet, *cls.nzyme)}
    silent = [name for name, note in (others.KISMET | others.NZYME).items() if name not in covered and not note]
    assert silent == []


def test_what_the_tables_of_more_name_are_rules_or_reasons() -> None:
    known = {cls.rule for cls in all_detections()}
    assert others.of_more() <= known
    assert [name for name, (rules, note) in (others.SLOTH | others.ENTERPRISE).items() if not rules and not note] == []

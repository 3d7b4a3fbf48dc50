from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.events.base import KINDS
from whimbrel.events.document import entries, render
from whimbrel.events.every import MODULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "events.md"


def test_every_field_of_every_event_is_explained() -> None:
    unexplained = [
        f"{entry.kind}.{field.name}"
        for m in MODULES
        for entry in entries(m)
        for field in entry.fields
        if not field.meaning
    ]
    assert unexplained == []


def test_fields_are_those_of_the_class() -> None:
    for module in MODULES:
        for entry in entries(module):
            assert tuple(field.name for field in entry.fields) == KINDS[entry.kind].fields


def test_defaults_and_levels_are_told() -> None:
    page = render()
    assert (
        "| `freq` | `int` | MHz of the radio's channel, for frames without a frequency; 0 if unknown. Default: `0`. |"
        in page
    )
    assert "`RadioBlind`, level alert." in page


def test_every_project_event_is_on_the_page() -> None:
    own = {kind for kind, body in KINDS.items() if body.__module__.startswith("whimbrel.")}
    assert own - {entry.kind for module in MODULES for entry in entries(module)} == set()


def test_the_page_in_the_repository_is_up_to_date() -> None:
    if not PAGE.is_file():
        pytest.fail("docs/events.md is missing: python -m whimbrel.events.document > docs/events.md")
    assert PAGE.read_text() == render(), "python -m whimbrel.events.document > docs/events.md"

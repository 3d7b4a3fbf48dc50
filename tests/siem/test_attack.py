"""Every rule is either one of a technique, or said to be none."""

from __future__ import annotations

import re

from whimbrel.detections.registry import all_detections
from whimbrel.siem.attack import NONE, TECHNIQUES, techniques
from whimbrel.siem.document import document

RULES = {detection.rule for detection in all_detections()}


def test_every_rule_is_decided_on() -> None:
    missing = RULES - NONE - TECHNIQUES.keys()
    assert not missing, (
        f"src/whimbrel/siem/attack.py: give {', '.join(sorted(missing))} a technique, or put it into _NONE"
    )
    assert not (NONE | TECHNIQUES.keys()) - RULES
    assert not NONE & TECHNIQUES.keys()


def test_techniques_have_the_form_of_their_ids_and_pages() -> None:
    for found in TECHNIQUES.values():
        for each in found:
            assert re.fullmatch(r"T\d{4}(\.\d{3})?", each.id)
    (first, *_) = techniques(("evil-twin", "karma"))
    assert first.url == "https://attack.mitre.org/techniques/T1557/004/"
    assert len(techniques(("evil-twin", "karma"))) == 1


def test_the_page_has_every_rule() -> None:
    page = document()
    assert all(f"| `{rule}` |" in page for rule in RULES)

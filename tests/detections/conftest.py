"""Checks the declarations of tests about rules, with ``@pytest.mark.raises_alert(RULE)`` and ``spares(RULE)``.

`tests/test_parts.py` demands one of each for every rule.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from tests.detections import hearing


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run a test, then compare the alerts of its `Hearing`s with its marks."""
    hearing.MADE.clear()
    result = yield
    for mark in pyfuncitem.iter_markers("raises_alert"):
        for rule in mark.args:
            assert any(rule in each.rules for each in hearing.MADE), f"declared to raise {rule}, and has not"
    for mark in pyfuncitem.iter_markers("spares"):
        for rule in mark.args:
            asked = [each for each in hearing.MADE if rule in each.asked and each.heard]
            assert asked, f"declared to spare what {rule} hears, and let it hear no frame"
            assert not any(rule in each.rules for each in asked), f"declared to raise no {rule}, and has"
    return result

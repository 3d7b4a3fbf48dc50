from __future__ import annotations

from whimbrel.events.alerts import Severity
from whimbrel.wording.verdicts import verdict


def test_each_severity_says_something_else() -> None:
    said = [verdict(worst) for worst in (None, *Severity)]
    assert len(set(said)) == len(said)
    assert said[0] == "nothing wrong was found"
    assert said[-1] == "there is an attack or an imitation"

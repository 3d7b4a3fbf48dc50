from __future__ import annotations

import pytest

from whimbrel.settings import Duration
from whimbrel.tuning.settings import PlanError, TunerSettings


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        TunerSettings(
            channels=("15", "36/80", "36", "60GHz:2"),
            weights={"199": 1.0, "1": 0.0},
            dwell_min=Duration(3.0),
            dwell_max=Duration(2.0),
        )
    text = str(caught.value)
    assert len(caught.value.problems) == 6
    for part in ("'15'", "'199'", "more than 0", "dwell_min", "60 GHz", "36/80 and 36"):
        assert part in text, (part, text)


def test_nothing_to_listen_on_is_an_error() -> None:
    with pytest.raises(PlanError, match="nothing to listen on"):
        TunerSettings(bands=())

"""The list of access points, with rows of a real survey."""

from __future__ import annotations

import pytest
from tests.detections.impersonation.passing import OWE_TRANSITION
from tests.survey.air import ESS, beacon

from whimbrel.screens.access_points import FILTERS
from whimbrel.screens.survey_rows import security_icon
from whimbrel.survey.survey import Survey


@pytest.mark.parametrize("element", [b"", OWE_TRANSITION])
def test_an_open_network_is_open_also_as_half_of_an_owe_transition_network(element: bytes) -> None:
    survey = Survey()
    survey.observe(beacon(security=element, capability=ESS))
    (row,) = survey.access_point_rows()
    assert security_icon(row.security) == "open"
    assert [each.title for each in FILTERS if each.keeps(row)] == ["access points", "open"]

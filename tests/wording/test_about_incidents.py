from __future__ import annotations

import pytest
from tests.display.alerts import incident

from whimbrel.events.base import Body
from whimbrel.events.incidents import AlertsStanding, IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.wording.sentences import sentence

HEARD = "It goes on (channel 6, -60 to -50 dBm); high confidence [some-rule]"


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        (IncidentOpened, {}, f"Incident 7, critical: Something goes on: {HEARD}"),
        (IncidentChanged, {"news": "cause"}, f"Incident 7, critical, is Something goes on: {HEARD}"),
        (IncidentChanged, {"news": "worse"}, f"Incident 7, critical: Something goes on is worse now: {HEARD}"),
        (
            IncidentChanged,
            {"news": "alert", "alerts": ("7", "8")},
            f"Incident 7, critical: Something goes on has 2 alerts now: {HEARD}",
        ),
        (
            IncidentChanged,
            {"news": "goes on", "last": 1080.0},
            f"Incident 7, critical: Something goes on goes on for 80 s: {HEARD}",
        ),
        (IncidentClosed, {"last": 1080.0}, f"Incident 7, critical: Something goes on has ended after 80 s: {HEARD}"),
    ],
)
def test_an_incident_in_a_sentence(kind: type[Body], more: dict[str, object], said: str) -> None:
    assert sentence(incident(kind, "7", **more).body) == said


def test_what_is_remembered() -> None:
    assert sentence(AlertsStanding(alerts=(), incidents=())) == "0 alerts of 0 incidents remembered"


def test_nothing_off_the_air_makes_a_second_line() -> None:
    assert "\n" not in sentence(incident(IncidentOpened, "7", text="a\nb").body)

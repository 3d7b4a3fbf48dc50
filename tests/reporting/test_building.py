from __future__ import annotations

import pytest
from tests.reporting.rows import BEGAN, access_point, alert, channel, heard, incident, station, weakness

from whimbrel.events.alerts import Severity
from whimbrel.reporting.building import report
from whimbrel.reporting.heard import Heard
from whimbrel.reporting.model import Part


def built(found: Heard) -> Part:
    (part,) = report([found], made=BEGAN, version="1.0").parts
    return part


def test_a_report_is_named_after_what_it_is_of() -> None:
    titles = [
        report(parts, made=BEGAN, version="1.0").title for parts in ([heard()], [heard(live=True)], [heard()] * 2)
    ]
    assert titles == ["harbour.pcapng", "Heard by harbour.pcapng", "2 captures"]


def test_what_is_there_in_numbers() -> None:
    part = built(
        heard(
            access_points=(access_point(), access_point(bssid=b"\x02" * 6), access_point(b"", bssid=b"\x04" * 6)),
            alerts=(alert("1", incident="1"), alert("2", incident="1"), weakness()),
            incidents=(incident("1", ("1", "2")),),
        )
    )
    assert [(tile.value, tile.label) for tile in part.tiles] == [
        ("2", "networks"), ("3", "access points"), ("1", "devices"), ("1", "incident"), ("1", "weaknesses"),
        ("60 s", "listened, 1.0k frames"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "severity", "verdict"),
    [
        (heard(), "critical", "There is an attack or an imitation"),
        (heard(alerts=(weakness(),)), "weakness", "No attack; some networks are vulnerable"),
        (heard(alerts=()), "", "Nothing wrong was found"),
        (heard(alerts=(), sessions=()), "", "Nothing was heard"),
    ],
)
def test_the_worst_makes_the_verdict(found: Heard, severity: str, verdict: str) -> None:
    part = built(found)
    assert (part.severity, part.verdict) == (severity, verdict)


def test_attacks_are_to_be_seen_to_before_weaknesses_and_notices_not_at_all() -> None:
    alerts = (
        weakness(),
        alert("2", Severity.WARNING, title="Two clocks"),
        alert("3", Severity.NOTICE, title="Drone"),
        alert("4"),
    )
    assert [title for title, _ in built(heard(alerts=alerts)).actions] == [
        "Disconnection attack", "Two clocks", "Open network",
    ]  # fmt: skip


def test_devices_are_counted_and_not_listed() -> None:
    part = built(heard(stations=(station(), station(randomised=False, bssid=None))))
    assert part.devices.startswith("2 devices besides the access points: 1 worked with a network that was heard, 1 had")
    assert "06:00:00:00:00:02" not in str(built(heard(alerts=())))


def test_losses_are_told_apart_from_what_was_looked_for_in_vain() -> None:
    part = built(heard())
    assert [(loss.what, loss.number) for loss in part.losses] == [("frames cut short", "3")]
    assert part.lossless == "records without a frame"


def test_a_channel_says_what_it_carried() -> None:
    found = heard(channels=(channel(), channel(5180, airtime_us=500_000), channel(0, frames=0, airtime_us=0)))
    rows = built(found).channels
    assert [(row.channel, row.share, row.retries, row.access_points) for row in rows] == [
        ("6 (2437 MHz)", 100.0, "5%", 1), ("36 (5180 MHz)", 25.0, "5%", 0), ("not told", 0.0, "-", 0),
    ]  # fmt: skip

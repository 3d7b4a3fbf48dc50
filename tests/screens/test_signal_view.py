from __future__ import annotations

import pytest
from tools.screenshots import scene
from tools.screenshots.transmissions import octets

from whimbrel.screens.signal_view import trend
from whimbrel.screens.survey_pages import access_point_page
from whimbrel.screens.survey_rows import bars, security_icon
from whimbrel.wifi.security import Protection

AP = "02:00:5e:10:00:01"


@pytest.mark.parametrize(
    ("early", "late", "way"), [(-70, -60, "closer"), (-60, -70, "farther"), (-60, -61, "steady"), (-61, -60, "steady")]
)
def test_the_trend_compares_now_with_just_before(early: int, late: int, way: str) -> None:
    samples = [(92.0 + 0.5 * i, early if i < 8 else late) for i in range(16)]
    assert trend(samples, 100.0) == way


def test_too_little_is_no_trend() -> None:
    assert trend([], 100.0) == ""
    assert trend([(99.0, -50)], 100.0) == ""
    assert trend([(10.0, -50), (11.0, -40)], 100.0) == ""


def test_the_picture_moves_with_time() -> None:
    state = scene.usual()
    screen = access_point_page(octets(AP))
    before = screen.draw(state, (128, 64)).tobytes()
    assert screen.awake
    state.now += 2.0
    assert screen.draw(state, (128, 64)).tobytes() != before


@pytest.mark.parametrize(("rssi", "full"), [(None, 0), (-128, 0), (-90, 1), (-78, 2), (-67, 3), (-55, 4), (10, 4)])
def test_bars(rssi: int | None, full: int) -> None:
    assert bars(rssi) == full


@pytest.mark.parametrize(
    ("security", "icon"),
    [
        ("open", "open"), ("OWE transition", "open"), ("WEP", "weak"), ("WPA-Personal", "weak"),
        ("WPA2-Personal", "locked"), ("WPA/WPA2-Personal", "locked"),
        ("WPA3-Enterprise 192-bit", "strong"), ("OWE", "strong"),
    ],
)  # fmt: skip
def test_a_security_has_its_lock(security: str, icon: str) -> None:
    assert security_icon(Protection.parse(security)) == icon

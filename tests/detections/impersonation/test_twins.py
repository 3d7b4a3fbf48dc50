from __future__ import annotations

import pytest
from tests.detections.impersonation.passing import OWN
from tests.survey.air import beacon

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.impersonation.twins import age_of, is_weaker
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.security import Protection


def test_the_age_is_that_of_the_timestamp() -> None:
    assert age_of(beacon(tsf=12_500_000)) == 12.5


@pytest.mark.parametrize(
    ("protection", "allowed", "weaker"),
    [
        (Protection.OPEN, (Protection.WPA2_PERSONAL,), True),
        (Protection.WEP, (Protection.WPA2_PERSONAL,), True),
        (Protection.OPEN, (Protection.WPA2_PERSONAL, Protection.OPEN), False),
        (Protection.WPA2_PERSONAL, (Protection.WPA3_PERSONAL,), False),
        (Protection.OPEN, (), False),
        (Protection.UNREAD, (Protection.WPA2_PERSONAL,), False),
    ],
)
def test_open_is_weaker_than_what_the_guarded_network_allows(
    protection: Protection, allowed: tuple[Protection, ...], weaker: bool
) -> None:
    assert is_weaker(protection, GuardedNetwork(Ssid(b"harbour"), (Mac(OWN),), security=allowed)) is weaker

"""The device's time on the page: an estimate is said, and set by one click where the session may."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.lab.browser import Visit
from tests.lab.watched_air import TOKEN, WatchedAir, end

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.slow
_BUTTON = "text=Set it to the time here"


class Clock:
    """Stands in for the clock of a device: the answers about it are changed on their way to the page."""

    def __init__(self, page: Page, behind: float) -> None:
        self.behind, self.by = behind, ""
        self.set_to = 0.0
        for path, answer in (("status", self._status), ("set-time", self._set), ("time-state", self._state)):
            page.route(f"**/api/v1/{path}", answer)

    def _status(self, route: Route) -> None:
        response = route.fetch()
        told = response.json() | {"time": time.time() - self.behind, "time_by": self.by}
        route.fulfill(response=response, json=told)

    def _set(self, route: Route) -> None:
        assert route.request.post_data is not None
        self.set_to = json.loads(route.request.post_data)["time"]
        route.fulfill(json={"going": True, "problem": ""})

    def _state(self, route: Route) -> None:
        self.behind, self.by = 0.0, "person"
        route.fulfill(json={"going": False, "problem": ""})


@pytest.fixture
def make_air(tmp_path: Path) -> Callable[[str], WatchedAir]:
    return lambda may: WatchedAir(tmp_path, may=may)


def _on_health(running: Browser, air: WatchedAir, look: Callable[[Visit, Clock], Any], behind: float = 3600.0) -> None:
    with air.daemon() as daemon, air.reach() as reach:
        daemon.wait_until_told("READY=1")
        air.wait_for_page()
        with Visit(running, air.origin, width=360) as visit:
            clock = Clock(visit.page, behind)
            visit.log_in(TOKEN)
            visit.show("health")
            look(visit, clock)
            visit.page.unroute_all(behavior="wait")
            assert visit.complaints == []
        end(reach)


def test_one_click_sets_an_estimate_to_the_time_of_the_phone(
    running: Browser, make_air: Callable[[str], WatchedAir]
) -> None:
    def look(visit: Visit, clock: Clock) -> None:
        page = visit.page
        page.wait_for_selector("text=An estimate: nobody has told the device the time")
        page.wait_for_selector("text=behind this phone or computer")
        page.click(_BUTTON)
        page.wait_for_selector("text=The clock is set.")
        assert abs(clock.set_to - page.evaluate("Date.now() / 1000")) < 600
        page.wait_for_selector("text=known by a person")
        page.locator(_BUTTON).wait_for(state="hidden")

    _on_health(running, make_air("[set-time]"), look)


def test_it_is_not_offered_to_those_who_may_not_nor_for_a_minute(
    running: Browser, make_air: Callable[[str], WatchedAir]
) -> None:
    def look(visit: Visit, _clock: Clock) -> None:
        visit.page.wait_for_selector("text=An estimate: nobody has told the device the time")
        assert not visit.page.is_visible(_BUTTON)

    _on_health(running, make_air("[lock]"), look)
    _on_health(running, make_air("[set-time]"), look, behind=0.0)

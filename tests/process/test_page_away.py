"""The page in a real browser where its connection leads nowhere, its phone sleeps, and its clock is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.lab.browser import Visit, asleep
from tests.lab.relay import Relay
from tests.lab.waiting import block_until
from tests.lab.watched_air import TOKEN, WatchedAir, end

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

ROWS = "document.querySelectorAll('main tbody tr').length"
AWAY = "!document.querySelector('.banner').hidden"


def test_a_connection_that_leads_nowhere_is_replaced(running: Browser, air: WatchedAir) -> None:
    """As after a power cut of the device: nobody tells the page that its connections are gone."""
    with air.daemon(), air.reach() as reach, Visit(running, air.origin) as visit:
        air.wait_for_page()
        with Relay(air.port) as relay:
            page = visit.page
            visit.origin = relay.origin
            sockets: list[str] = []
            page.on("websocket", lambda opened: sockets.append(opened.url))
            page.clock.install()
            visit.log_in(TOKEN)
            visit.until(f"{ROWS} > 3")
            block_until(lambda: visit.page.evaluate("1") and len(sockets) == 1, "the first connection")
            relay.lose_all()
            # Whoever looks at the page waits for a minute; here its clock runs ahead.
            block_until(lambda: _later(visit) and len(sockets) > 1, "another connection", every=0.2)
            block_until(lambda: _later(visit) and not page.evaluate(AWAY), "the page to be fed again", every=0.2)
            asked = _surveys(visit)
            block_until(lambda: _later(visit) and asked, "the survey to be asked for anew", every=0.2)
            assert page.evaluate(ROWS) > 3
        end(reach)


def _surveys(visit: Visit) -> list[str]:
    """Return a list that grows with each survey that the page gets from now on."""
    got: list[str] = []
    visit.page.on("response", lambda answer: got.append(answer.url) if "/survey" in answer.url and answer.ok else None)
    return got


def _later(visit: Visit) -> bool:
    """Let ten seconds of the page's clock pass."""
    visit.page.clock.fast_forward(10_000)
    return True


def test_a_phone_that_has_slept_over_a_restart_is_up_to_date(running: Browser, air: WatchedAir) -> None:
    with air.daemon(), Visit(running, air.origin, width=360) as visit:
        page = visit.page
        with air.reach() as reach:
            air.wait_for_page()
            visit.log_in(TOKEN)
            visit.until(f"{ROWS} > 3")
            asked: list[str] = []
            page.on(
                "response", lambda answer: asked.append(answer.url) if "/survey" in answer.url and answer.ok else None
            )
            with asleep():
                end(reach)
                another = air.reach()
                air.wait_for_page()
        with another:
            block_until(lambda: page.evaluate("1") and asked, "the survey to be asked for anew")
            visit.until(f"!({AWAY}) && {ROWS} > 3")
            visit.until("/access point/.test(document.querySelector('.activity').textContent)")
            assert not page.query_selector("#token")
            end(another)


def test_what_is_sent_again_with_a_connection_is_logged_once(running: Browser, air: WatchedAir) -> None:
    with air.daemon() as daemon, Visit(running, air.origin) as visit:
        daemon.wait_until_told("READY=1")
        told = _hopping(visit)
        for wanted in (1, 2):
            with air.reach() as reach:
                air.wait_for_page()
                if wanted == 1:
                    visit.log_in(TOKEN)
                block_until(lambda: visit.page.evaluate("1") and len(told) >= wanted, "the radio's state")  # noqa: B023
                visit.show("more")
                visit.show("log")
                end(reach)
        assert told[0]["time"] == told[1]["time"]
        lines = visit.page.locator(".log-text bdi").all_inner_texts()
        assert lines.count(told[0]["message"]) == len({each["time"] for each in told})


def _hopping(visit: Visit) -> list[dict[str, Any]]:
    """Return the list of the events about the radio's channels that the page will be told."""
    told: list[dict[str, Any]] = []

    def take(payload: str | bytes) -> None:
        line = json.loads(payload)
        if line.get("kind") == "hopping-changed":
            told.append(line)

    visit.page.on("websocket", lambda opened: opened.on("framereceived", take))
    return told


@pytest.mark.parametrize("year", [2009, 2041])
def test_ages_are_right_on_a_phone_whose_clock_is_wrong(running: Browser, air: WatchedAir, year: int) -> None:
    with air.daemon() as daemon, air.reach() as reach, Visit(running, air.origin) as visit:
        air.wait_for_page()
        daemon.wait_until_told("READY=1")
        visit.page.clock.install(time=datetime(year, 3, 1, 12, tzinfo=UTC))
        visit.log_in(TOKEN)
        visit.until(f"{ROWS} > 3")
        heard = "[...document.querySelectorAll('td.column-heard')].map(cell => cell.textContent)"
        visit.until(f"{heard}.every(text => /^(now|\\d+ s ago)$/.test(text))")
        bssid = daemon.ask("survey", what="access_points")["access_points"][0]["bssid"]
        visit.show(f"ap/{bssid}")
        # A time of today has no date, whatever day the phone thinks it is.
        visit.until("/\\d\\d:\\d\\d:\\d\\d \\((now|\\d+ s ago)\\)/.test(document.querySelector('main').textContent)")
        visit.page.wait_for_selector(".plot canvas")
        assert visit.complaints == []
        end(reach)

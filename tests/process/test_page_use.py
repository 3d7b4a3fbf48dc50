"""The page in a real browser: login, keyboard, what it may do, and its coming back after either process was away."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.lab.browser import Visit
from tests.lab.waiting import block_until
from tests.lab.watched_air import TOKEN, WatchedAir, end

from whimbrel.testing import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MS = PATIENCE * 1000

pytestmark = pytest.mark.slow


def test_by_hand_by_code_and_out_again(running: Browser, air: WatchedAir) -> None:
    with air.daemon() as daemon, air.reach() as reach:
        daemon.wait_until_told("READY=1")
        air.wait_for_page()
        with Visit(running, air.origin, width=360) as visit:
            page = visit.page
            page.goto(f"{air.origin}/#/health")
            page.fill("#token", "not the token")
            page.keyboard.press("Enter")
            page.wait_for_selector("text=This is not the token of this device.")
            assert page.evaluate("document.activeElement.id") == "token"
            assert page.get_attribute("#token", "type") == "password"
            page.fill("#token", TOKEN)
            page.keyboard.press("Enter")
            page.wait_for_selector(".view-health")

            visit.show("more")
            page.click("text=Log out")
            page.wait_for_selector("#token")
            page.goto("about:blank")
            page.goto(f"{air.origin}/#token={TOKEN}")
            page.wait_for_selector(".view-here")
            assert TOKEN not in page.url
            page.go_back()
            page.go_forward()
            assert TOKEN not in page.evaluate("location.href")

            page.goto("about:blank")
            visit.page.context.clear_cookies()
            page.goto(f"{air.origin}/#token=wrong")
            page.wait_for_selector("text=The code was too old, or of another device.")
            assert "wrong" not in page.url
            # The wrong tokens, and what was asked for when the session ended.
            unexpected = [line for line in visit.complaints if not re.search("status of 40[13]", line)]
            assert unexpected == []
        end(reach)


def test_after_some_wrong_tokens_the_page_says_how_long_to_wait(running: Browser, air: WatchedAir) -> None:
    with air.daemon(), air.reach() as reach:
        air.wait_for_page()
        with Visit(running, air.origin) as visit:
            page = visit.page
            page.goto(air.origin)
            for _ in range(5):
                page.fill("#token", "not the token")
                with page.expect_response("**/api/v1/login"):
                    page.keyboard.press("Enter")
                visit.until("document.activeElement.id === 'token'")
                visit.until("!document.querySelector('.login button').disabled")
            page.keyboard.press("Enter")
            page.wait_for_selector("text=Too many attempts.")
            assert page.is_disabled(".login button")
        end(reach)


def test_a_page_left_open_comes_back_by_itself(running: Browser, air: WatchedAir) -> None:
    with Visit(running, air.origin, width=360) as visit, air.daemon() as daemon:
        page = visit.page
        with air.reach() as reach:
            air.wait_for_page()
            visit.log_in(TOKEN)
            page.wait_for_selector("main tbody tr")
            end(reach)
            page.wait_for_selector(".banner >> text=The device does not answer", timeout=MS)
        with air.reach() as reach:
            page.wait_for_selector(".banner", state="hidden", timeout=MS)
            _shows_news(visit)
            daemon.signal(signal.SIGKILL)
            daemon.wait()
            page.wait_for_selector(".banner >> text=The daemon is away", timeout=MS)
            visit.until("document.querySelector('.banner-age').textContent")
            with air.daemon():
                page.wait_for_selector(".banner", state="hidden", timeout=MS)
                _shows_news(visit)
                assert page.inner_text("#polite")
            end(reach)
        assert not page.query_selector("#token"), "a login outlasts both"
        assert [line for line in visit.complaints if "exception" in line or "policy" in line.lower()] == []


def _shows_news(visit: Visit) -> None:
    """Wait until the list is fed again: two answers arrive, and the line about the daemon's activity is there."""
    for _ in range(2):
        with visit.page.expect_response(lambda answer: "/survey" in answer.url and answer.ok, timeout=MS):
            pass
    visit.page.wait_for_selector("main tbody tr", timeout=MS)
    visit.until("/access point/.test(document.querySelector('.activity').textContent)")


def test_an_incident_is_told_while_the_page_is_open(running: Browser, air: WatchedAir) -> None:
    with air.daemon(), air.reach() as reach:
        air.wait_for_page()
        with Visit(running, air.origin, width=360) as visit:
            visit.log_in(TOKEN)
            visit.page.wait_for_selector(".tabs .tally:not([hidden])", timeout=MS)
            visit.until("document.title.startsWith('(')")
            # Every 25 s of this air another attack begins.
            visit.page.wait_for_selector(".toast a[href^='#/incident/']", timeout=MS)
            visit.page.click(".toast a >> nth=0")
            visit.page.wait_for_selector(".view-incident .advice")
        end(reach)


def test_an_incident_that_is_drawn_again_asks_for_no_recordings(running: Browser, tmp_path: Path) -> None:
    air = WatchedAir(tmp_path, speed=1)  # one attack in 100 s: the recordings have time to come to rest
    with air.daemon() as daemon, air.reach() as reach, Visit(running, air.origin) as visit:
        daemon.wait_until_told("READY=1")
        incident = daemon.wait_until(lambda: daemon.ask("alerts")["incidents"], "an incident")[0]["id"]
        air.wait_for_page()
        page = visit.page
        asked: list[str] = []
        told: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/recordings") else None)
        page.on("websocket", lambda opened: opened.on("framereceived", lambda text: told.append(str(text))))
        visit.log_in(TOKEN)
        block_until(lambda: page.evaluate("1") and told, "the first event")
        visit.show(f"incident/{incident}")
        block_until(lambda: page.evaluate("1") and asked, "the list of the recordings")
        page.locator(".view-incident .lead").evaluate("node => node.dataset.drawn = 'before'")
        page.click("text=Mark as seen")
        visit.until("document.querySelector('.view-incident .seen')")
        visit.until("!document.querySelector('.view-incident .lead').dataset.drawn")
        assert len(asked) <= 1 + sum('"kind":"recording-' in text.replace(" ", "") for text in told)
        assert visit.complaints == []
        end(reach)


def test_what_the_settings_do_not_allow_is_not_shown(running: Browser, air: WatchedAir) -> None:
    air.allow("[]")
    with air.daemon() as daemon, air.reach() as reach:
        daemon.wait_until_told("READY=1")
        daemon.wait_until(lambda: daemon.ask("alerts")["incidents"], "an incident")
        air.wait_for_page()
        with Visit(running, air.origin) as visit:
            visit.log_in(TOKEN)
            incident = daemon.ask("alerts")["incidents"][0]["id"]
            bssid = daemon.ask("survey", what="access_points")["access_points"][0]["bssid"]
            for view in ("incidents", f"incident/{incident}", f"ap/{bssid}", "channels", "recordings", "panel"):
                visit.show(view)
                for word in ("seen", "Stay", "Guard", "Listen here", "Keep", "Visit all"):
                    assert visit.page.locator(f"main button:has-text('{word}')").count() == 0, (view, word)
                assert visit.page.locator(".panel-key").count() == 0
            assert visit.complaints == []
        end(reach)


def _focus(page: Page) -> str:
    text: str = page.evaluate(
        "(node => node.id || node.getAttribute('aria-label') || node.textContent)(document.activeElement)"
    )
    return text.strip()


def test_by_keyboard_alone(running: Browser, air: WatchedAir) -> None:
    with air.daemon() as daemon, air.reach() as reach:
        daemon.wait_until_told("READY=1")
        daemon.wait_until(lambda: len(daemon.ask("survey", what="access_points")["access_points"]) > 5, "a list")
        air.wait_for_page()
        with Visit(running, air.origin) as visit:
            page = visit.page
            page.goto(f"{air.origin}/")
            page.wait_for_selector("#token")
            assert _focus(page) == "token"
            page.keyboard.type(TOKEN)
            page.keyboard.press("Enter")
            page.wait_for_selector("main tbody tr")
            page.evaluate("document.activeElement.blur()")
            walked = []
            for _ in range(16):
                page.keyboard.press("Tab")
                walked.append(_focus(page))
                assert page.evaluate("document.activeElement.matches(':focus-visible')")
            assert walked[0] == "Skip to the content"
            places = [walked.index(name) for name in ("What is here", "Channels", "Stations", "Panel", "Health")]
            assert places == sorted(places)
            page.wait_for_selector("main tbody tr >> nth=3")
            page.evaluate("document.querySelector('.skip').focus()")
            page.keyboard.press("Enter")
            assert _focus(page) == "main"
            _tab_to(page, "document.activeElement.textContent === 'Network'")
            page.keyboard.press("Enter")
            assert page.get_attribute("th.column-name", "aria-sort") == "ascending"
            assert page.get_attribute("th.column-signal", "aria-sort") == "none"
            page.keyboard.press("Enter")
            assert page.get_attribute("th.column-name", "aria-sort") == "descending"
            _tab_to(page, "document.activeElement.classList.contains('row-link')")
            chosen = _focus(page)
            page.keyboard.press("Enter")
            page.wait_for_selector(".view-ap")
            visit.until("name => document.querySelector('h1').textContent === name", arg=chosen)
            assert _focus(page) == "main"
            assert visit.complaints == []
        end(reach)


def _tab_to(page: Page, condition: str) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    pytest.fail(f"twenty steps do not lead to {condition}")

"""The page's tables in a real browser: filters, files for a spreadsheet, stations, visitors, the log, the history."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.lab.browser import browser
from tests.lab.page_device import Device
from tests.lab.watched_air import HARMFUL, WatchedAir, end, raised

from whimbrel.testing import PATIENCE

MS = PATIENCE * 1000

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """A device in a fast air, where devices are visitors after some seconds."""
    air = WatchedAir(tmp_path_factory.mktemp("page"), speed=20)
    with browser() as running, air.daemon() as daemon, air.reach() as reach:
        daemon.wait_until_told("READY=1")
        daemon.wait_until(lambda: raised(daemon), "an incident")
        daemon.wait_until(lambda: daemon.ask("survey", what="stations")["stations"], "a station")
        air.wait_for_page()
        yield Device(running, air, daemon)
        end(reach)


ROWS = "document.querySelectorAll('main tbody tr').length"


def test_filters_by_band_and_strength(device: Device) -> None:
    with device.visit(360) as visit:
        page = visit.page
        visit.show("here")
        visit.until(f"{ROWS} > 3")
        assert not page.locator(".toggled").is_visible()
        page.click("button:has-text('Filter')")
        page.select_option(".selection:has-text('Band') select", "5")
        visit.until("document.querySelector('main .empty')")  # the radios of this air are on 2.4 GHz
        page.select_option(".selection:has-text('Band') select", "2.4")
        visit.until(f"{ROWS} > 3")
        page.select_option(".selection:has-text('Signal') select", "-50")
        numbers = "[...document.querySelectorAll('tbody .signal-number')]"
        strong = f"{numbers}.every(one => Number(one.textContent.slice(1)) <= 50)"
        visit.until(strong)
        assert "band=2.4" in page.url
        assert "from=-50" in page.url
        page.reload()
        page.locator("button.toggle.is-used").wait_for()
        assert page.locator(".toggled").is_visible()
        assert visit.complaints == []


def test_a_table_is_saved_for_a_spreadsheet_and_no_name_is_a_formula(device: Device, tmp_path: Path) -> None:
    with device.visit() as visit:
        saved = tmp_path / "table.csv"
        for view, columns in (("here", 24), ("stations", 12)):
            visit.show(view)
            visit.until(f"{ROWS} > 0")
            with visit.page.expect_download() as started:
                visit.page.click("text=Save this table (CSV)")
            started.value.save_as(saved)
            assert started.value.suggested_filename.endswith("Z.csv")
            content = saved.read_bytes()
            assert content.startswith(b"\xef\xbb\xbf")
            rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
            assert {len(row) for row in rows} == {columns}
            assert len(rows) > 1
        values = "['=1+1', '@x', '-2', -2, 'a\"b', '+', '\\t=']"
        made = visit.page.evaluate(f"import('/assets/csv.js').then(({{csv}}) => csv([['a', row => row]], {values}))")
        assert made.split("\r\n") == ['"a"', '"\'=1+1"', '"\'@x"', '"\'-2"', "-2", '"a""b"', '"\'+"', '"\'\t="', ""]
        assert visit.complaints == []


def test_a_station_has_a_view_and_leads_to_its_network(device: Device) -> None:
    def asking() -> str:
        rows = device.daemon.ask("survey", what="stations")["stations"]
        return next((row["station"] for row in rows if row["probed"]), "")

    with device.visit() as visit:
        page = visit.page
        visit.show(device.subject("station"))
        page.wait_for_selector(".plot canvas")
        address = page.inner_text(".badges code")
        assert page.url.endswith(address.replace(":", "%3A")) or page.url.endswith(address)
        page.wait_for_selector("dd a:has-text('Brambling')", timeout=MS)
        page.click("dd a:has-text('Brambling')")
        page.wait_for_selector(".view-ap .station-line")
        page.click(".station-line >> nth=0")
        page.wait_for_selector(".view-station .big-number")
        visit.show(f"station/{device.daemon.wait_until(asking, 'a station that looks for a network')}")
        page.wait_for_selector("h2:has-text('Looks for')")
        assert "<b>asked</b>" in page.inner_text("main")
        # Either view sends those on who have taken one for the other.
        bssid = device.subject("ap").partition("/")[2]
        page.goto(f"{visit.origin}/#/station/{bssid}")
        page.wait_for_selector(".view-ap .big-number")
        page.goto(f"{visit.origin}/#/station/nonsense")
        page.wait_for_selector("text=Not heard at present")
        assert [line for line in visit.complaints if "409" not in line] == []


def test_a_visitor_belongs_here_and_is_taken_out_again(device: Device) -> None:
    device.daemon.wait_until(lambda: device.daemon.ask("visitors")["visitors"], "a visitor")
    with device.visit() as visit:
        page = visit.page
        visit.show("visitors")
        page.wait_for_selector(".visitor")
        address = page.inner_text(".visitor code >> nth=0")
        page.click(f"button[aria-label='{address} belongs here']")
        page.wait_for_selector(f"button[aria-label='{address} does not belong here']")
        assert address in device.daemon.ask("ignored")["addresses"]
        page.wait_for_selector(f".visitor:has-text('{address}')", state="detached")
        page.click(f"button[aria-label='{address} does not belong here']")
        page.wait_for_selector(f".visitor:has-text('{address}')", timeout=MS)
        assert device.daemon.ask("ignored")["addresses"] == []
        page.click("text=All that are near now belong here")
        page.wait_for_selector(".toast-good >> text=added")
        assert device.daemon.ask("ignored")["addresses"]
        device.daemon.ask("ignore", forget=True)
        assert visit.complaints == []


def test_the_log_says_what_happens_and_holds(device: Device) -> None:
    with device.visit() as visit:
        page = visit.page
        visit.show("here")
        visit.show("log")
        page.wait_for_selector(".log-line", timeout=MS)
        page.click("button:has-text('Hold')")
        before = page.inner_text(".log")
        page.click("button[data-value=notice]")
        visit.until("[...document.querySelectorAll('.log-line')].every(line => !line.matches('.log-plain'))")
        page.click("button[data-value='']")
        assert before.splitlines()[-1] in page.inner_text(".log")
        page.click("button:has-text('Go on')")
        visit.until("before => document.querySelector('.log').innerText !== before", before)
        assert visit.complaints == []


def test_an_incident_leads_to_its_recording(device: Device, tmp_path: Path) -> None:
    def recorded() -> str:
        names = [row["recording"].rpartition("-a")[2] for row in device.daemon.ask("recordings")["recordings"]]
        return next((row["id"] for row in raised(device.daemon) if set(row["alerts"]) & set(names)), "")

    incident = device.daemon.wait_until(recorded, "a recording of an incident")
    with device.visit(360) as visit:
        visit.show(f"incident/{incident}")
        with visit.page.expect_download() as started:
            visit.page.click(".recorded a >> nth=0")
        saved = tmp_path / "recording.pcapng"
        started.value.save_as(saved)
        assert saved.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
        visit.show("recordings")
        visit.page.click(".recording-name a >> nth=0")
        visit.page.wait_for_selector(".advice")
        assert visit.complaints == []


def test_what_the_daemon_has_forgotten_is_in_the_history(device: Device) -> None:
    def kept() -> dict[str, Any] | None:
        rows = device.daemon.ask("history", what="incidents")["incidents"]
        return next((row for row in rows if not row["open"]), None)  # one that goes on may get another title

    row = device.daemon.wait_until(kept, "an incident in the history that is over")
    with device.visit() as visit:
        visit.show("history")
        visit.page.click(".past-incident >> nth=0")
        visit.page.wait_for_selector(".view-incident .advice")
        # An answer that knows nothing of it, as after 128 more alerts.
        visit.page.route(
            "**/api/v1/alerts/*", lambda route: route.fulfill(status=404, json={"error": "there is no such alert"})
        )
        visit.page.goto("about:blank")
        visit.show(f"incident/{row['id']}")
        visit.page.wait_for_selector("text=From the history")
        assert row["title"] in visit.page.inner_text("h1")
        assert not visit.page.locator("text=Mark as seen").count()
        # Of an access point too.
        bssid = device.subject("ap").partition("/")[2]
        device.daemon.wait_until(
            lambda: device.daemon.ask("history", what="access_points", device=bssid)["access_points"],
            "it in the history",
        )
        visit.show(f"ap/{bssid}")
        visit.page.wait_for_selector("section:has-text('First heard')")
        assert [line for line in visit.complaints if "404" not in line] == []


def test_names_made_to_do_harm_are_text_in_each_of_them(device: Device) -> None:
    with device.visit() as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(f"dialog: {dialog.message}"))
        for view in ("log", device.subject("station"), "visitors", "stations"):
            visit.show(view)
            visit.until("document.querySelector('main .view').textContent.length > 20")
            assert visit.page.locator("main b:text('asked'), main img[src=x], main script").count() == 0
        assert HARMFUL
        assert visit.complaints == []

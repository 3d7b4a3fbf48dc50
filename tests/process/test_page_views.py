"""The page in a real browser, served by both real processes: each view on a phone and on a laptop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from tests.lab.browser import WIDTHS, Visit, axe, browser
from tests.lab.page_device import Device
from tests.lab.seen import severities, unseen
from tests.lab.watched_air import HARMFUL, TOKEN, WatchedAir, end, raised

if TYPE_CHECKING:
    from tests.process.daemon import DaemonProcess

VIEWS = (
    "here", "ap", "stations", "station", "channels", "incidents", "incidents?part=weaknesses", "incident", "alert",
    "visitors", "recordings", "history", "panel", "health", "log", "rules", "more",
)  # fmt: skip
SERIOUS = {"serious", "critical"}
FIRST_LOAD = 150_000

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    air = WatchedAir(tmp_path_factory.mktemp("page"))
    with browser() as running, air.daemon() as daemon, air.reach() as reach:
        daemon.wait_until_told("READY=1")
        daemon.wait_until(lambda: raised(daemon), "an incident")
        daemon.wait_until(lambda: _names(daemon) >= set(HARMFUL[:5]), "the access points")
        air.wait_for_page()
        yield Device(running, air, daemon)
        end(reach)


def _names(daemon: DaemonProcess) -> set[str]:
    return {row["ssid"] for row in daemon.ask("survey", what="access_points")["access_points"]}


@pytest.mark.parametrize("width", WIDTHS)
def test_each_view_without_a_complaint_and_within_its_width(device: Device, width: int) -> None:
    with device.visit(width) as visit:
        for view in VIEWS:
            visit.show(device.subject(view))
            heading = visit.page.inner_text("h1")
            assert heading
            assert visit.page.title().endswith("– Whimbrel")
            assert not visit.page.query_selector("main .empty >> text=refused"), view
            beyond = visit.page.evaluate(
                "Math.max(document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll("
                "'.card, .table-place, .table, .tools')].map(node => node.getBoundingClientRect().right - "
                "document.querySelector('main .view').getBoundingClientRect().right))"
            )
            assert beyond < 1, f"{view} is {beyond} px wider than its place"
            assert visit.page.locator(".tabs").is_visible() == (width == 360)
            assert visit.page.locator(".side").is_visible() == (width == 1280)
        assert visit.complaints == []


SMALL = """() => [...document.querySelectorAll("a, button, select, input, summary, [role=button]")].filter(node => {
  const box = node.getBoundingClientRect();
  if (!box.width || node.closest(".visually-hidden, .skip, .table thead")) return false;
  // A link within a text may be as small as the text, and the link of a row is as large as the row.
  if (node.matches(".row-link, dd a, p:not(.crumb) a, td a, .recording-name a")) return false;
  return box.height < 43.5 || box.width < 43.5;
}).map(node => `${node.className || node.tagName}: ${node.textContent.trim().slice(0, 30)} `
  + `${Math.round(node.getBoundingClientRect().width)}x${Math.round(node.getBoundingClientRect().height)}`)"""


def test_a_thumb_finds_what_it_touches(device: Device) -> None:
    """WCAG 2.5.5: 44 by 44 pixels."""
    with device.visit(360) as visit:
        found = {}
        for view in VIEWS:
            visit.show(device.subject(view))
            found[view] = visit.page.evaluate(SMALL)
        assert {view: small for view, small in found.items() if small} == {}


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "light"), (1280, "dark")])
def test_nothing_keeps_people_out(device: Device, width: int, scheme: Literal["light", "dark"]) -> None:
    checker = axe()
    with Visit(device.browser, device.air.origin, width=width, scheme=scheme) as visit:
        visit.page.goto(f"{visit.origin}/")
        visit.page.wait_for_selector("#token")
        found = {"login": _faults(visit, checker)}
        visit.log_in(TOKEN)
        for view in VIEWS:
            visit.show(device.subject(view))
            if view in {"ap", "history"}:
                visit.page.wait_for_selector(".plot canvas, .view-history .card")
            found[view] = _faults(visit, checker)
        assert {view: faults for view, faults in found.items() if faults} == {}


def _faults(visit: Visit, checker: str) -> list[str]:
    visit.page.evaluate(checker)
    result: dict[str, Any] = visit.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for fault in result["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"][:3]
    ]


def test_names_made_to_do_harm_are_text(device: Device) -> None:
    with device.visit() as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(f"dialog: {dialog.message}"))
        listed = "[...document.querySelectorAll('main .column-name .ssid')].map(name => name.textContent)"
        visit.until(f"names => names.every(name => {listed}.includes(name))", list(HARMFUL[:5]))
        rows = visit.get("survey?what=access_points")["access_points"]
        dangerous = [row for row in rows if set("<>\"'&{") & set(row["ssid"])]
        assert dangerous
        for view in (
            "here",
            "stations",
            "channels",
            "incidents",
            "history",
            *(f"ap/{row['bssid']}" for row in dangerous),
        ):
            visit.show(view)
            visit.until("document.querySelector('main .view').textContent.length > 20")
            assert visit.page.locator("main :is(script, iframe, object, embed, b:not([class]) > b)").count() == 0
            assert visit.page.locator("main img:not(.screen-image)").count() == 0
            assert visit.page.locator("main [onerror], main [onmouseover], main a[href^='javascript']").count() == 0
        visit.show(f"ap/{dangerous[0]['bssid']}")
        assert visit.page.inner_text("h1") == dangerous[0]["ssid"]
        assert visit.complaints == []


def test_the_first_view_is_small(device: Device) -> None:
    with device.visit(360) as visit:
        visit.page.reload()
        visit.page.wait_for_selector("main tbody tr")
        sizes = visit.page.evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".map(entry => [entry.name, entry.encodedBodySize + 300])"
        )
        assert len(sizes) > 10
        assert sum(size for _, size in sizes) < FIRST_LOAD
        assert {re.sub(r"^http://127\.0\.0\.1:\d+/.*", "", name) for name, _ in sizes} == {""}


def test_an_incident_is_read_saved_and_seen(device: Device, tmp_path: Path) -> None:
    with device.visit(360) as visit:
        page = visit.page
        visit.show("incidents")
        page.click(".incidents .incident-link >> nth=0")
        page.wait_for_selector(".view-incident .advice")
        with page.expect_download() as started:
            page.click("text=Evidence >> nth=0")
        saved = tmp_path / "evidence.pcapng"
        started.value.save_as(saved)
        assert saved.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
        page.click("summary:has-text('frame') >> nth=0")
        page.wait_for_selector("table.frames tbody tr")
        parts = severities(device.daemon, page.url.rpartition("/")[2])
        assert unseen(device.daemon, parts)
        page.click("text=Mark as seen")
        page.wait_for_selector(".toast-good")
        assert unseen(device.daemon, parts) == []
        assert visit.complaints == []


def test_the_panel_shows_what_its_keys_do(device: Device) -> None:
    with device.visit(360) as visit:
        visit.show("panel")
        visit.page.wait_for_selector(".screen.is-lit")
        pressed = "fetch('/api/v1/panel.png').then(answer => answer.blob()).then(octets => octets.size)"
        assert visit.page.evaluate(pressed) > 100
        with visit.page.expect_response("**/api/v1/press") as answered:
            visit.page.click("button[aria-label=Menu]")
        assert answered.value.json()["gesture"] == "short"
        with visit.page.expect_response("**/api/v1/press") as answered:
            visit.page.keyboard.press("ArrowDown")
        assert answered.value.json()["key"] == "down"
        # A finger that stays down is a long press, and no short one after it.
        with visit.page.expect_response("**/api/v1/press") as answered:
            visit.page.hover("button[aria-label=Up]")
            visit.page.mouse.down()
            visit.page.wait_for_selector("button[aria-label=Up].is-down")
        visit.page.mouse.up()
        assert (answered.value.json()["key"], answered.value.json()["gesture"]) == ("up", "long")
        assert visit.complaints == []


def test_the_radio_is_kept_and_let_go(device: Device) -> None:
    with device.visit() as visit:
        visit.show(device.subject("ap"))
        visit.page.click("text=Stay on its channel")
        visit.page.wait_for_selector("text=The radio stays on channel 6.")
        visit.show("channels")
        visit.page.click("text=Visit all channels again")
        visit.page.wait_for_selector("text=It visits the channels in turn.")
        assert visit.complaints == []


def test_a_network_is_guarded_and_let_go(device: Device) -> None:
    with device.visit(360) as visit:
        visit.show(device.subject("ap"))
        visit.page.click("text=Guard this network")
        # It was heard for less than a minute, or is being attacked: there may be doubts.
        visit.page.locator(".toast-good, .doubts").first.wait_for()
        if visit.page.locator(".doubts").count():
            visit.page.click("button:has-text('Guard it in spite of them')")
        visit.page.locator("text=Stop guarding it").wait_for()
        assert [row["ssid"] for row in device.daemon.ask("guarded")["networks"]] == ["Brambling"]
        visit.show("here?only=guarded")
        visit.until("document.querySelectorAll('main tbody tr').length === 1")
        visit.show(device.subject("ap"))
        visit.page.click("text=Stop guarding it")
        visit.page.locator("text=Guard this network").wait_for()
        assert device.daemon.ask("guarded")["networks"] == []
        assert visit.complaints == []


def test_recordings_are_kept_and_downloaded(device: Device, tmp_path: Path) -> None:
    with device.visit() as visit:
        visit.show("recordings")
        visit.page.click("text=Keep the last frames")
        visit.page.locator(".recording a[download] >> nth=0").wait_for()
        with visit.page.expect_download() as started:
            visit.page.click(".recording a[download] >> nth=0")
        saved = tmp_path / "recording.pcapng"
        started.value.save_as(saved)
        assert saved.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
        assert visit.complaints == []


def test_the_list_is_searched_sorted_and_remembered(device: Device) -> None:
    with device.visit() as visit:
        page = visit.page
        visit.show("here")
        page.fill("input[type=search]", "brambling")
        visit.until("document.querySelectorAll('main tbody tr').length === 1")
        page.fill("input[type=search]", "")
        page.click("th.column-name button")
        names = "[...document.querySelectorAll('main .column-name .ssid:not(.nameless)')].map(name => name.textContent)"
        page.mouse.move(0, 0)
        ordered = "names => names.every((name, at) => at === 0 || names[at - 1].localeCompare(name, 'en', "
        ordered += "{sensitivity: 'base', numeric: true}) <= 0)"
        visit.until(f"({ordered})({names})")
        page.click("button[data-value=open]")
        page.reload()
        page.locator("main tbody tr >> nth=0").wait_for()
        assert page.get_attribute("th.column-name", "aria-sort") == "ascending"
        assert page.get_attribute("button[data-value=open]", "aria-pressed") == "true"
        assert visit.complaints == []

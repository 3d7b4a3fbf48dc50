"""What the daemon makes of the files of reach, whatever is in them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel import reach_files
from whimbrel.events.reach import BrokerLost, LogServerConnected, MessageSent, PageServed
from whimbrel.reach.panel import take
from whimbrel.system import reach

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
KEYS = st.sampled_from(
    ["page", "broker", "log_server", "sent", "sent_by", "sent_at", "broker_waiting", "messages_waiting", "url", "token"]
)


def test_what_reach_writes_is_what_the_panel_shows(tmp_path: Path) -> None:
    assert reach.report(tmp_path) == reach.NOBODY
    values: dict[str, object] = {}
    take(values, PageServed(url="http://10.66.0.1:8080/"), 1.0)
    take(values, BrokerLost(reason="refused \x1b[2J", waiting=2), 2.0)
    take(values, LogServerConnected(server="log:514", waiting=1), 3.0)
    take(values, MessageSent(by="ntfy", title="Disconnection attack", waiting=4), 1796031477.0)
    reach_files.write(reach_files.STATE, values, tmp_path)
    report = reach.report(tmp_path)
    assert report.there
    assert report.page == "http://10.66.0.1:8080/"
    assert report.broker == r"refused \x1b[2J"
    assert report.log_server == "connected"
    assert (report.sent, report.sent_by, report.sent_at) == ("Disconnection attack", "ntfy", 1796031477.0)
    assert report.waiting == 7


@given(st.dictionaries(KEYS, VALUES))
def test_nothing_in_the_files_raises(tmp_path_factory: pytest.TempPathFactory, values: dict[str, object]) -> None:
    folder = tmp_path_factory.getbasetemp() / "reach-files"
    for name in (reach_files.STATE, reach_files.PAGE):
        reach_files.write(name, values, folder)
    report = reach.report(folder)
    assert all(value.isprintable() for value in report.as_dict().values() if isinstance(value, str))
    _, whole = reach.page(folder)
    assert whole.isprintable()
    reach.code(whole)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc", "http://a b/", "http://\u202e/", "", 3, "http://[::1"]
)
def test_only_an_address_of_a_page_is_shown(tmp_path: Path, url: object) -> None:
    reach_files.write(reach_files.PAGE, {"url": url, "token": "a token\n"}, tmp_path)
    assert reach.page(tmp_path) == ("", "")


def test_a_file_that_is_old_or_of_another_form_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / reach_files.STATE
    for at in (time.monotonic() - reach_files.FRESH - 1, time.monotonic() + 100, "now", None):
        path.write_text(json.dumps({"page": "x", "monotonic": at}))
        assert not reach.report(tmp_path).there
    for content in (b"", b"[]", b"\xff", b"[" * 5000, b'{"monotonic": 1e999}'):
        path.write_bytes(content)
        assert not reach.report(tmp_path).there


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    reach_files.write("elsewhere", {"page": "x"}, tmp_path)
    (tmp_path / reach_files.STATE).symlink_to(tmp_path / "elsewhere")
    assert not reach.report(tmp_path).there


def test_what_fits_no_code_is_none() -> None:
    assert reach.code("http://a/#token=" + "X" * 5000) is None
    assert reach.code("http://a/") is not None

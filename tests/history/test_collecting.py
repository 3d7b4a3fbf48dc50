from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.history.rows import AP, DAY, NOW, STA, access_point, channel, opened, sample, station

from whimbrel.history import collecting
from whimbrel.history.collecting import STALE, Collector, Keeping
from whimbrel.history.entries import Entry
from whimbrel.history.queries import Reader
from whimbrel.history.store import Store, StoreError
from whimbrel.wifi.security import Pmf, Protection

PSK: dict[str, Any] = {"security": Protection.WPA2_PERSONAL, "akms": ("PSK",), "pmf": Pmf.NONE}


def collector(store: Store, session: int = 1, stations: str = "relevant") -> Collector:
    return Collector(session, store.known, Keeping(stations))


def tables(found: list[Entry]) -> list[Any]:
    slots: list[Any] = [entry.slot for entry in found]
    return [slot[0] for slot in slots]


def test_a_quiet_air_is_written_every_quarter_of_an_hour_and_at_the_end(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    made = collector(store)
    first = made.take(sample([access_point()], channels=[channel(5)]), NOW)
    assert tables(first) == ["access point", "channel", "crowd"]
    for minute in range(1, 14):
        air = sample([access_point(last=NOW + 60 * minute)], channels=[channel(5)])
        assert made.take(air, NOW) == []
    again = made.take(sample([access_point(last=NOW + STALE + 1)]), NOW)
    assert "access point" in tables(again)
    made.take(sample([access_point(last=NOW + STALE + 120)]), NOW)
    assert tables(made.finish())[0] == "access point"
    store.close()


def test_the_times_of_all_devices_are_written_together(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    made = collector(store)
    begin = NOW // STALE * STALE
    addresses = [bytes((2, 9, 9, 9, 9, n)) for n in range(8)]
    written = []
    for minute in range(32):
        there = [access_point(each, last=begin + minute * 60) for n, each in enumerate(addresses) if n <= minute]
        found = tables(made.take(sample(there), NOW))
        written.append((minute, found.count("access point")))
    assert [(minute, rows) for minute, rows in written if rows > 1] == [(15, 8), (30, 8)]
    store.close()


def test_what_is_held_in_memory_is_bounded_and_the_file_knows_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_KNOWN", 4)
    store = opened(tmp_path / "history.db")
    made = collector(store, stations="all")
    for n in range(8):
        there = [access_point(bytes((2, 9, 9, 9, 9, n)), last=NOW + n), access_point(last=NOW + n)]
        heard = [station(bytes((0, 9, 9, 9, 9, n)))]
        store.write(made.take(sample(there, heard), NOW))
    assert (len(made.known), made.new_count, len(made.new), len(made._stations)) == (4, 9, 4, 4)
    assert made.new[0] == AP, "it was heard in every sample"
    assert made.was_heard(bytes((2, 9, 9, 9, 9, 0)))
    assert not made.was_heard(bytes((2, 9, 9, 9, 9, 99)))
    store.write(made.take(sample([access_point(bytes((2, 9, 9, 9, 9, 0)), last=NOW + 60)]), NOW))
    assert made.new_count == 9, "an access point is new once"
    with Reader(store.path) as reader:
        assert len(reader.access_points()) == 9
    store.close()


def test_changes_are_kept_with_their_dates_also_those_between_two_sessions(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    first = collector(store)
    store.write(first.take(sample([access_point()]), NOW))
    store.write(first.take(sample([access_point(last=NOW + 60, wps=True)]), NOW))
    second = collector(store, 2)
    store.write(second.take(sample([access_point(last=NOW + DAY, wps=True, **PSK)]), NOW))
    assert (second.new, list(second.changed)) == ([], [AP])
    with Reader(store.path) as reader:
        changes = {(row.change.field, row.at.time): row.change for row in reader.changes()}
        (row,) = reader.access_points()
    assert changes["wps", NOW + 60].new is True
    assert changes["security", NOW + DAY].old is Protection.WPA3_PERSONAL
    assert changes["akms", NOW + DAY].new == ("PSK",)
    assert (row.first.time, row.last.time, row.changes) == (NOW - 60, NOW + DAY, 4)
    assert row.announced.pmf is Pmf.NONE
    store.close()


def test_what_was_heard_once_is_not_kept_and_a_flood_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_MOST_NEW", 20)
    store = opened(tmp_path / "history.db")
    made = collector(store)
    brief = access_point(first=NOW, last=NOW + 0.5, frames=2)
    once = access_point(b"\2\2\2\2\2\2", frames=1)
    assert made.take(sample([once, brief]), NOW) == []
    carried = access_point(b"\2\2\2\2\2\3", frames=0, carrier=AP)
    assert len(made.take(sample([carried]), NOW)) == 1
    flood = [access_point(bytes((2, 9, 9, 9, 9, n)), last=NOW) for n in range(50)]
    assert len(made.take(sample(flood), NOW)) == 19
    assert made.left_out == 31
    made.take(sample(flood), NOW)
    assert made.left_out == 31
    assert len(made.take(sample([access_point(b"\2\2\2\2\2\4", last=NOW + 7200)]), NOW)) >= 1
    store.close()


@pytest.mark.parametrize(
    ("setting", "kept"),
    [("none", set()), ("relevant", {"guarded", "alert"}), ("all", {"guarded", "alert", "settings"})],
)
def test_stations_are_kept_as_the_settings_say_random_ones_never(tmp_path: Path, setting: str, kept: set[str]) -> None:
    store = opened(tmp_path / "history.db")
    made = Collector(1, store.known, Keeping(setting, frozenset({AP})))
    guarded, alerted, other = (bytes((0, 1, 1, 1, 1, n)) for n in range(3))
    random = b"\2\1\1\1\1\1"
    made.alerted(alerted, random, None)
    stations = [station(guarded, bssid=AP), station(alerted), station(other), station(random, bssid=AP)]
    store.write(made.take(sample([access_point()], stations), NOW))
    store.write(made.finish())
    with Reader(store.path) as reader:
        assert {row.why for row in reader.stations()} == kept
        assert random not in {row.station for row in reader.stations()}
    store.close()


def test_channels_and_crowds_are_counted_by_the_hour(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    made = collector(store)
    hour = NOW // 3600 * 3600
    for minute, frames in ((0, 10), (30, 30), (59, 40), (61, 45), (62, 5)):
        at = hour + 60 * minute
        air = sample([access_point(last=at)], [station(last=at), station(b"\2" * 6, last=at)], [channel(frames)])
        store.write(made.take(air, NOW))
    store.write(made.finish())
    with Reader(store.path) as reader:
        assert [(row.hour, row.frames, row.octets) for row in reader.channels()] == [
            (hour, 40, 4000),
            (hour + 3600, 10, 1000),
        ]
        assert [(row.access_points, row.stations, row.random) for row in reader.crowds()] == [(1, 2, 1), (1, 2, 1)]
    assert made.frames == 50
    store.close()


def test_a_clock_that_is_set_moves_what_was_kept_of_this_session(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    earlier = collector(store)
    store.write(earlier.take(sample([access_point()]), NOW))
    made = collector(store, 2)
    other = bytes((0, 1, 1, 1, 1, 1))
    made.take(sample([access_point(last=100.0), access_point(other, last=100.0)]), 100.0)
    made.shift(NOW)
    assert made.known[other].first == NOW + 40.0
    assert made.known[AP].first == NOW - 60.0
    assert made.now == NOW + 100.0
    assert made.take(sample([access_point(last=NOW + 160.0), access_point(other, last=NOW + 160.0)]), NOW) == []
    store.close()


def test_a_card_that_fails_takes_nothing_from_the_next_sample(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write(collector(store).take(sample([access_point()]), NOW))

    def fail(_bssid: bytes) -> None:
        raise StoreError("gone")

    made = Collector(2, fail, Keeping("relevant"))
    with pytest.raises(StoreError):
        made.take(sample([access_point(wps=True)], channels=[channel(7)]), NOW)
    made._find = store.known
    assert "change" in tables(made.take(sample([access_point(wps=True)], channels=[channel(7)]), NOW))
    assert made.frames == 7
    store.close()


def test_what_is_forgotten_is_new_again(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    made = collector(store)
    made.take(sample([access_point()], [station()]), NOW)
    made.alerted(STA)
    made.forget(ssid=b"harbour")
    made.forget(device=STA)
    assert (made.known, made.new) == ({}, [])
    assert made.take(sample([access_point()], [station()]), NOW) != []
    made.forget()
    assert made.known == {}
    store.close()

from __future__ import annotations

from tests.reporting.rows import AP, alert, weakness

from whimbrel.reporting.weaknesses import SHOWN, weaknesses


def test_one_network_is_one_row_however_many_access_points_it_has() -> None:
    rows = [weakness(str(number), bssid=bytes([2, 0, 0, 0, 0, number])) for number in range(6)]
    (weak,) = weaknesses([*rows, alert()], frozenset())
    assert weak.number == 6
    (line,) = weak.rows
    assert (line.name, line.addresses[0], len(line.addresses), line.more) == ("home", "02:00:00:00:00:00", 4, 2)


def test_networks_of_ones_own_come_first_then_what_concerns_most() -> None:
    alerts = [
        weakness("1", rule="a", title="Rare", ssid=b"x"),
        *(weakness(str(number), rule="b", title="Usual", ssid=b"y%d" % number) for number in range(2, 5)),
        weakness("9", rule="c", title="Own", ssid=b"mine"),
        weakness("10", rule="b", title="Usual", ssid=b"mine"),
    ]
    found = weaknesses(alerts, frozenset({b"mine"}))
    assert [weak.title for weak in found] == ["Usual", "Own", "Rare"]
    assert found[0].rows[0].name == "mine"


def test_hidden_networks_are_told_apart_by_their_addresses() -> None:
    (weak,) = weaknesses([weakness("1", ssid=b""), weakness("2", ssid=b"", bssid=b"\x04" * 6)], frozenset())
    assert [line.addresses for line in weak.rows] == [("02:00:00:00:00:01",), ("04:04:04:04:04:04",)]
    assert weak.rows[0].name == ""


def test_very_many_are_counted() -> None:
    (weak,) = weaknesses([weakness(str(n), ssid=b"n%d" % n, bssid=AP) for n in range(SHOWN + 7)], frozenset())
    assert (len(weak.rows), weak.left_out) == (SHOWN, 7)

from __future__ import annotations

from whimbrel.radio.set_aside import FAILURES, SetAside

ADAPTER, BOARD = ("linux", "1-1#4"), ("scan", "phy0")


def test_openings_count_only_in_a_row() -> None:
    aside = SetAside()
    assert [aside.failed(ADAPTER, 10.0 * number) for number in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    aside = SetAside()
    assert not any(aside.failed(ADAPTER, 301.0 * number) for number in range(9))
    assert not any(aside.failed(use, 0.0) for use in (ADAPTER, BOARD) * 3)


def test_a_radio_is_left_alone_for_longer_each_time() -> None:
    aside = SetAside()
    now, terms = 0.0, []
    for _ in range(8):
        aside.put(ADAPTER, "it is deaf", now)
        began = now
        while aside.reasons(now):
            assert aside.reasons(now) == {ADAPTER: "it is deaf"}
            now += 60.0
        terms.append(now - began)
        now += 300.0  # of another try
    assert terms == [600.0, 1200.0, 2400.0, 4800.0, 9600.0, 19200.0, 21600.0, 21600.0]


def test_after_an_hour_of_use_it_begins_anew() -> None:
    aside = SetAside()
    aside.put(ADAPTER, "it is deaf", 0.0)
    aside.put(ADAPTER, "it is deaf again", 600.0 + 3601.0)
    assert aside.reasons(4201.0 + 599.0) == {ADAPTER: "it is deaf again"}
    assert aside.reasons(4201.0 + 600.0) == {}


def test_each_way_to_listen_is_judged_by_itself() -> None:
    aside = SetAside()
    aside.put(ADAPTER, "it is deaf", 0.0)
    aside.put(BOARD, "it does not scan", 300.0)
    assert aside.reasons(400.0) == {ADAPTER: "it is deaf", BOARD: "it does not scan"}
    assert aside.reasons(700.0) == {BOARD: "it does not scan"}

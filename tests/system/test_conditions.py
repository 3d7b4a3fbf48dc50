from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.system.board import Health
from whimbrel.system.conditions import BATTERY, DISK, HOT, KEYS, UNDER_VOLTAGE, BoardLimits, Conditions

FINE = Health(temperature=45.0, under_voltage=False, disk_used=0.3)


@pytest.fixture
def conditions() -> Conditions:
    return Conditions(BoardLimits(hot=80.0, full=0.95))


def test_nothing_is_wrong(conditions: Conditions) -> None:
    assert conditions.take(FINE, 0.0) == {}


def test_heat_is_told_once_and_ends_well_below_the_limit(conditions: Conditions) -> None:
    assert conditions.take(FINE._replace(temperature=80.0), 0.0) == {}
    told = conditions.take(FINE._replace(temperature=80.5), 5.0)
    assert set(told) == {HOT}
    assert "80 °C" in told[HOT]
    assert conditions.take(FINE._replace(temperature=91.0), 10.0) == told
    assert conditions.take(FINE._replace(temperature=75.1), 15.0) == told
    assert conditions.take(FINE._replace(temperature=None), 20.0) == told
    assert conditions.take(FINE._replace(temperature=75.0), 25.0) == {}


def test_disk(conditions: Conditions) -> None:
    told = conditions.take(FINE._replace(disk_used=0.951), 0.0)
    assert "95%" in told[DISK]
    assert conditions.take(FINE._replace(disk_used=0.94), 1.0) == told
    assert conditions.take(FINE._replace(disk_used=None), 2.0) == told
    assert conditions.take(FINE._replace(disk_used=0.929), 3.0) == {}


def test_a_dip_of_the_supply_is_remembered_for_a_minute(conditions: Conditions) -> None:
    told = conditions.take(FINE._replace(under_voltage=True), 100.0)
    assert set(told) == {UNDER_VOLTAGE}
    assert conditions.take(FINE, 159.0) == told
    assert conditions.take(FINE._replace(under_voltage=True), 159.5) == told
    assert conditions.take(FINE, 219.0) == told
    assert conditions.take(FINE, 219.5) == {}


def test_a_low_battery_is_told_until_it_is_charged(conditions: Conditions) -> None:
    assert conditions.take(FINE._replace(battery=0.16), 0.0) == {}
    told = conditions.take(FINE._replace(battery=0.14, charging=False), 1.0)
    assert set(told) == {BATTERY}
    assert conditions.take(FINE._replace(battery=0.16), 2.0) == told
    assert conditions.take(FINE._replace(battery=None), 3.0) == told
    assert conditions.take(FINE._replace(battery=0.14, charging=True), 4.0) == {}


def test_an_empty_battery_needs_three_looks_and_no_cable(conditions: Conditions) -> None:
    empty = FINE._replace(battery=0.04, charging=False)
    for at, (health, is_empty) in enumerate(
        (
            (empty, False), (empty, False), (FINE._replace(battery=0.5), False), (empty, False), (empty, False),
            (empty, True), (empty._replace(charging=True), False),
        )
    ):  # fmt: skip
        conditions.take(health, float(at))
        assert conditions.empty is is_empty, at
    never = Conditions(BoardLimits(80.0, 0.95, 0.15, 0.0))
    for at in range(5):
        never.take(FINE._replace(battery=0.0, charging=False), float(at))
    assert not never.empty


def test_where_charging_is_unknown_a_rising_charge_does_not_end_the_run(conditions: Conditions) -> None:
    for at in range(100):
        conditions.take(FINE._replace(battery=0.010 + at // 10 * 0.004), float(at))
        assert not conditions.empty, at
    conditions.take(FINE._replace(battery=0.5), 100.0)
    for at in range(11):
        conditions.take(FINE._replace(battery=0.045 - at // 10 * 0.004), float(at))
        assert not conditions.empty, at
    conditions.take(FINE._replace(battery=0.040), 200.0)
    assert conditions.empty


def test_low_lasts_as_long_as_its_warning() -> None:
    conditions = Conditions(BoardLimits(hot=80.0, full=0.95, low=0.4))
    for charge, low in ((0.5, False), (0.39, True), (0.41, True), (0.44, False)):
        assert (BATTERY in conditions.take(FINE._replace(battery=charge), 0.0)) is low
        assert conditions.low is low


@given(
    st.lists(
        st.builds(
            Health,
            st.none() | st.floats(allow_nan=False),
            under_voltage=st.booleans(),
            disk_used=st.none() | st.floats(0, 1),
        )
    )
)
def test_words_do_not_change_while_something_is_wrong(readings: list[Health]) -> None:
    conditions = Conditions(BoardLimits(hot=80.0, full=0.95))
    texts: dict[str, set[str]] = {key: set() for key in KEYS}
    for now, health in enumerate(readings):
        for key, text in conditions.take(health, float(now)).items():
            texts[key].add(text)
    assert all(len(each) <= 1 for each in texts.values())

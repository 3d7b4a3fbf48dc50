from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab.fresh import fresh

from whimbrel.settings import NOTHING, evolve, frozen, setting, settings_of, validates
from whimbrel.settings.fields import is_settings, unvalidated, validate, values_of


@frozen
class Mooring:
    """Where a boat lies."""

    limit: ClassVar[int] = 9
    berth: str = setting(help="The berth.")
    depth: float = setting(2.0, help="Metres.", low=0.5, high=30.0)
    lines: list[str] = setting(help="The lines.", factory=list)

    @validates("depth", "berth")
    def _sane(self, value: object) -> None:
        if not value:
            raise ValueError(f"expected more than {value!r}")

    def check(self) -> None:
        if self.berth == "quay" and self.depth > 20:
            raise ValueError("depth: expected at most 20 at the quay")


@frozen
class Anchorage(Mooring):
    """A mooring without a quay; its own settings come last."""

    depth: float = setting(8.0, help="Metres.")
    swing: int = 3


def test_declaring_settings_does_not_import_what_reads_them() -> None:
    code = "import sys, whimbrel.settings as s; s.setting; print(*({'yaml', 'difflib'} & {*sys.modules}))"
    assert fresh(code).stdout == "\n"


def test_settings_are_taken_in_order_or_by_name() -> None:
    assert Mooring("quay", 3.0) == Mooring(depth=3.0, berth="quay")
    assert values_of(Mooring("quay")) == {"berth": "quay", "depth": 2.0, "lines": []}
    assert Mooring("a").lines is not Mooring("a").lines, "a factory makes one for each"
    assert repr(Mooring("quay")) == "Mooring(berth='quay', depth=2.0, lines=[])"
    assert Mooring.limit == 9


@pytest.mark.parametrize(
    ("values", "named", "said"),
    [
        ((), {}, "Mooring: berth must be given"),
        (("a", 1.0, [], 4), {}, "Mooring takes 3 values, found 4"),
        (("a",), {"dept": 1.0}, "Mooring does not take dept"),
        (("a",), {"berth": "b"}, "Mooring does not take berth"),
    ],
)
def test_what_a_class_does_not_take(values: tuple[object, ...], named: dict[str, object], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        Mooring(*values, **named)  # type: ignore[arg-type]


def test_each_setting_is_validated_and_then_the_whole() -> None:
    with pytest.raises(ValueError, match=r"expected more than 0\.0"):
        Mooring("quay", 0.0)
    with pytest.raises(ValueError, match="at most 20 at the quay"):
        Mooring("quay", 21.0)
    made = unvalidated(Mooring, {"berth": "", "depth": 0.0})
    assert {name: str(error) for name, error in validate(made, ["depth", "berth", "lines"]).items()} == {
        "berth": "expected more than ''",
        "depth": "expected more than 0.0",
    }
    assert list(validate(made, ["depth"])) == ["depth"]
    with pytest.raises(ValueError, match="at the quay"):
        unvalidated(Mooring, {"berth": "quay", "depth": 21.0})


def test_settings_do_not_change_but_others_are_made_of_them() -> None:
    mooring = Mooring("quay")
    with pytest.raises(AttributeError, match="Mooring is immutable"):
        mooring.depth = 3.0  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Mooring is immutable"):
        del mooring.depth
    assert evolve(mooring, depth=3.0) == Mooring("quay", 3.0)
    assert mooring.depth == 2.0
    with pytest.raises(TypeError, match="does not take dept"):
        evolve(mooring, dept=3.0)
    with pytest.raises(ValueError, match="at the quay"):
        evolve(mooring, depth=25.0)


def test_the_settings_of_a_base_come_first_and_may_be_declared_anew() -> None:
    assert list(settings_of(Anchorage)) == ["berth", "depth", "lines", "swing"]
    assert values_of(Anchorage("bay")) == {"berth": "bay", "depth": 8.0, "lines": [], "swing": 3}
    assert Anchorage("bay", 2.0) != Mooring("bay", 2.0)
    assert settings_of(Mooring)["depth"].metadata == {"help": "Metres.", "low": 0.5, "high": 30.0, "choices": None}
    assert settings_of(Mooring)["berth"].default is NOTHING
    assert settings_of(Mooring)["depth"].default == 2.0


def test_a_class_is_declared_and_keeps_its_own_methods() -> None:
    @frozen
    class Lamp:
        unit: ClassVar[str] = "cd"
        bright: int
        period: float = setting(4.0, help="Seconds.")

        @validates("period")
        def _turns(self, value: float) -> None:
            if value <= 0:
                raise ValueError(f"expected a time, found {value}")

        def __repr__(self) -> str:
            return f"{self.bright} {self.unit}"

    @frozen
    class Beacon(Lamp):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Beacon) and other.bright == self.bright

    assert list(settings_of(Lamp)) == list(settings_of(Beacon)) == ["bright", "period"]
    assert repr(Lamp(7)) == "7 cd"
    assert Beacon(7, 1.0) == Beacon(7, 2.0)
    assert Lamp(7, 1.0) != Lamp(7, 2.0)
    assert hash(Beacon(7, 1.0)) == hash(Lamp(7, 1.0)), "an own __eq__ does not take the hash away"
    for cls in (Lamp, Beacon):
        with pytest.raises(ValueError, match="expected a time, found 0"):
            cls(7, 0)
        with pytest.raises(TypeError, match="bright must be given"):
            cls()  # type: ignore[call-arg]


def test_what_has_no_settings() -> None:
    assert is_settings(Mooring)
    assert not is_settings(Mooring("a"))
    assert not is_settings(Path)
    with pytest.raises(TypeError, match="is no class of settings"):
        settings_of(Path)


@frozen
class Buoy:
    name: str = setting(help="The name.")
    light: int = setting(0, help="Seconds.")


@given(st.tuples(st.text(max_size=2), st.integers(0, 2)), st.tuples(st.text(max_size=2), st.integers(0, 2)))
def test_equal_are_those_with_equal_values(one: tuple[str, int], other: tuple[str, int]) -> None:
    assert (Buoy(*one) == Buoy(*other)) is (one == other)
    assert hash(Buoy(*one)) == hash(Buoy(*one))
    assert len({Buoy(*one), Buoy(*other)}) == len({one, other})
    assert Buoy(*one) != one  # type: ignore[comparison-overlap]

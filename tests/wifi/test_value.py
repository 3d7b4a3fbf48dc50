from __future__ import annotations

import pytest

from whimbrel.wifi.value import Value, lazy


class Point(Value):
    x: int
    y: int = 5


class Other(Value):
    x: int
    y: int = 5


def test_fields_by_place_by_name_and_by_default() -> None:
    assert Point.fields == ("x", "y")
    point = Point(1)
    assert (point.x, point.y) == (1, 5)
    assert point == Point(x=1) == Point(1, 5) == Point(1, y=5)
    assert hash(point) == hash(Point(1, 5))
    assert repr(point) == "Point(x=1, y=5)"


def test_differs_by_field_and_by_class() -> None:
    assert Point(1) != Point(2)
    assert Point(1) != Other(1)


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"y": 1})]
)
def test_wrong_fields_are_refused(values: tuple[int, ...], named: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="Point takes x, y"):
        Point(*values, **named)


def test_values_do_not_change() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="immutable"):
        point.x = 2  # type: ignore[misc]


def test_lazy_attributes_are_decoded_once() -> None:
    class Reader:
        looks = 0

        @lazy
        def answer(self) -> int:
            """The answer."""
            self.looks += 1
            return 42

    reader = Reader()
    assert (reader.answer, reader.answer, reader.looks) == (42, 42, 1)

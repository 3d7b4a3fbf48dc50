"""What a record promises to each of the three that are built on it."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.detections.options import Options, option
from whimbrel.events.base import KINDS, Body
from whimbrel.record import Record
from whimbrel.wifi.value import Value, lazy


class Sighting(Record):
    where: str
    count: int = 1
    LIMIT: ClassVar[int] = 7


class Guarded(Sighting):
    owner: str | None
    count: int = 2


class Other(Record):
    where: str
    count: int = 1


class Seen(Body):
    where: str
    count: int = 1


class Decoded(Value):
    where: str
    count: int = 1


class Chosen(Options):
    where: str = option(default="here", help="Where.")
    count: int = option(default=1, help="How many.")


KINDS.pop(Seen.kind)  # the kinds are for the documentation of the real ones
RECORDS = (Sighting, Seen, Decoded, Chosen)


def test_fields_are_the_annotations_behind_those_of_the_base() -> None:
    assert Sighting.fields == ("where", "count")
    assert Guarded.fields == ("where", "count", "owner")
    assert Guarded(where="roof", owner=None).count == 2
    assert Sighting(where="roof").count == 1


@pytest.mark.parametrize("cls", RECORDS)
def test_each_kind_of_record_keeps_the_promise(cls: type[Record]) -> None:
    record = cls(where="roof", count=3)
    assert record.as_dict() == {"where": "roof", "count": 3}
    assert record == cls(count=3, where="roof")
    assert hash(record) == hash(cls(count=3, where="roof"))
    assert record != cls(where="roof", count=4)
    assert record != "roof"
    assert repr(record) == f"{cls.__name__}(where='roof', count=3)"
    assert cls(where="roof").as_dict()["count"] == 1
    changed = record.replace(count=5)
    assert (type(changed), changed.as_dict()) == (cls, {"where": "roof", "count": 5})
    assert record.as_dict()["count"] == 3
    for copied in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert copied == record


@pytest.mark.parametrize("cls", RECORDS)
def test_none_changes(cls: type[Record]) -> None:
    record = cls(where="roof")
    for name in ("count", "new"):
        with pytest.raises(AttributeError, match=f"{cls.__name__} is immutable"):
            setattr(record, name, 2)
    with pytest.raises(AttributeError, match=f"{cls.__name__} is immutable"):
        del record.count  # type: ignore[attr-defined]
    assert record == cls(where="roof")


@pytest.mark.parametrize("cls", RECORDS)
def test_what_is_unknown_is_named(cls: type[Record]) -> None:
    with pytest.raises(TypeError, match=rf"{cls.__name__} takes where, count; .*unknown: when"):
        cls(where="roof", when=1)
    with pytest.raises(TypeError, match="unknown: when"):
        cls(where="roof").replace(when=1)


@pytest.mark.parametrize("cls", [Sighting, Seen, Decoded])
def test_what_is_missing_is_named(cls: type[Record]) -> None:
    with pytest.raises(TypeError, match="missing: where, unknown: none"):
        cls()
    with pytest.raises(TypeError, match="missing: where, unknown: when"):
        cls(when="now")


def test_records_of_two_classes_differ() -> None:
    assert Sighting(where="roof") != Other(where="roof")
    assert Sighting(where="roof", count=2) != Guarded(where="roof", owner=None)


def test_a_field_that_cannot_be_hashed() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Sighting(where=[]))  # type: ignore[arg-type]


def test_a_field_does_not_hide_what_records_have() -> None:
    with pytest.raises(TypeError, match=r"Wrong: a field cannot be called (replace, fields|fields, replace)"):

        class Wrong(Record):
            where: str
            replace: str  # type: ignore[assignment]
            fields: int  # type: ignore[assignment,misc]


def test_attributes_decoded_later_are_no_fields() -> None:
    class Reading(Value):
        octets: bytes

        @lazy
        def text(self) -> str:
            """The octets as text."""
            return self.octets.decode()

    reading = Reading(b"ab")
    assert reading.text == "ab"
    assert reading == Reading(b"ab")
    assert hash(reading) == hash(Reading(b"ab"))
    assert repr(reading) == "Reading(octets=b'ab')"
    assert reading.replace(octets=b"cd").text == "cd"


@given(st.permutations(["where", "count", "owner"]))
def test_the_order_of_the_arguments_does_not_matter(order: list[str]) -> None:
    values = {"where": "roof", "count": 3, "owner": "me"}
    record = Guarded(**{name: values[name] for name in order})  # type: ignore[arg-type]
    expected = Guarded(where="roof", count=3, owner="me")
    assert record == expected
    assert hash(record) == hash(expected)
    assert list(record.as_dict()) == list(Guarded.fields)


def test_a_record_needs_no_library() -> None:
    asked = "import sys; import whimbrel.record; print(*{'attrs', 'dataclasses', 'inspect'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {_source()!r}); {asked}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not run.stdout.split()


def _source() -> str:
    module = sys.modules[Record.__module__]
    assert module.__file__ is not None
    return module.__file__.removesuffix("/whimbrel/record.py")


def test_a_record_of_another_kind_has_the_fields_that_both_have() -> None:
    guarded = Guarded(where="north", owner="me", count=5)
    assert Other.of(guarded) == Other(where="north", count=5)
    assert Guarded.of(Other(where="south"), owner=None) == Guarded(where="south", count=1, owner=None)
    with pytest.raises(TypeError, match="owner"):
        Guarded.of(Other(where="south"))

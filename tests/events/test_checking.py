"""Whether a body holds what its class says."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from whimbrel.bus import Bus
from whimbrel.events.base import KINDS, Body
from whimbrel.events.checking import MAX_ITEMS, NonsenseError, check_body
from whimbrel.events.radio import FrameBatch
from whimbrel.events.system import EventsLost, ModulesState, ModuleStatus
from whimbrel.wifi.frames import Frame


class Sulking:
    def __repr__(self) -> str:
        raise SystemExit


class Told(Body):
    """Anything."""

    value: object
    more: tuple[int, ...] = ()


class Point(NamedTuple):
    x: float
    y: float


class Marked(Body):
    """A place."""

    at: Point | None
    names: dict[str, bytes]


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    for kind in ("told", "marked"):
        KINDS.setdefault(kind, {"told": Told, "marked": Marked}[kind])


@pytest.mark.parametrize(
    "body",
    [
        EventsLost(reader="a", lost=3),
        Told(value={"a": [1, b"x", None, (2.5, frozenset({"y"}))]}, more=(1, 2)),
        Marked(at=Point(1, 2.5), names={"a": b""}),
        Marked(at=None, names={}),
        FrameBatch(frames=[Frame()], freq=2412),
        ModulesState(modules=(ModuleStatus("a", "ready", "", 1.0, True, 1, 0, ()),)),
        "a text",
        7,
    ],
)
def test_what_is_right_passes(body: object) -> None:
    check_body(body, 12.5)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (EventsLost(reader="a", lost="many"), "EventsLost.lost: expected int, found 'many'"),  # type: ignore[arg-type]
        (EventsLost(reader=None, lost=1), "EventsLost.reader: expected str, found None"),  # type: ignore[arg-type]
        (EventsLost(reader="a", lost=True), "EventsLost.lost: expected int, found True"),
        (Told(value=Sulking()), "Told: SystemExit where it is read"),
        (Told(value=1, more=[1]), "Told.more: expected tuple, found [1]"),  # type: ignore[arg-type]
        (Told(value=1, more=(1, Sulking())), "Told.more[1]: expected int, found a Sulking that cannot be shown"),  # type: ignore[arg-type]
        (Marked(at=(1, 2), names={}), "Marked.at: expected nothing, found (1, 2)"),  # type: ignore[arg-type]
        (Marked(at=Point("a", 1), names={}), "Marked.at: expected nothing, found Point"),  # type: ignore[arg-type]
        (Marked(at=None, names={"a": "b"}), "Marked.names['a']: expected bytes, found 'b'"),  # type: ignore[dict-item]
        (FrameBatch(frames=None), "FrameBatch.frames: expected tuple, found None"),  # type: ignore[arg-type]
        (FrameBatch(frames=[1]), "FrameBatch.frames[0]: expected Frame, found 1"),  # type: ignore[list-item]
        (Told(value=list(range(MAX_ITEMS + 1))), f"more than {MAX_ITEMS} values"),
        (Sulking(), "Sulking: SystemExit where it is read"),
    ],
)
def test_what_is_nonsense_is_named(body: object, said: str) -> None:
    with pytest.raises(NonsenseError) as caught:
        check_body(body)
    assert said in str(caught.value)


def test_a_frame_with_nonsense_in_it_is_no_frame() -> None:
    frame = Frame()
    frame.raw = "text"  # type: ignore[assignment]
    with pytest.raises(NonsenseError, match=r"frames\[0\]\.raw: expected bytes"):
        check_body(FrameBatch(frames=[frame]))


@pytest.mark.parametrize("at", ["yesterday", float("nan"), float("inf"), None, True])
def test_a_time_is_a_number(at: Any) -> None:
    body = EventsLost(reader="a", lost=1)
    if at is None:
        check_body(body, at)
        return
    with pytest.raises(NonsenseError, match="expected a time"):
        check_body(body, at)


def test_what_holds_itself_ends() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(NonsenseError, match="within each other"):
        check_body(Told(value=endless))


def test_only_the_sender_of_a_foreign_module_asks() -> None:
    bus = Bus()
    heard = bus.subscribe(EventsLost, reader="listener")
    wrong: Any = EventsLost(reader="a", lost="many")  # type: ignore[arg-type]
    with pytest.raises(NonsenseError):
        bus.sender("foreign", checked=True).publish(wrong)
    assert heard.read_waiting() == []
    bus.sender("own").publish(wrong)
    assert len(heard.read_waiting()) == 1


def test_every_event_of_the_project_can_be_checked() -> None:
    """An annotation that the check does not know would refuse what is right, or let through anything."""
    for kind in KINDS.values():
        with pytest.raises(NonsenseError):
            check_body(kind(**dict.fromkeys(kind.fields, Sulking())) if kind.fields else Told(value=Sulking()))

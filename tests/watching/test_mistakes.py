from __future__ import annotations

from tests.survey.air import beacon

from whimbrel.watching.mistakes import because


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as found:
        return found


def test_a_mistake_is_told_with_its_place_and_its_frame() -> None:
    told = because(raised(ZeroDivisionError("by nothing")), beacon())
    assert told.startswith("because of a mistake in Whimbrel, at a frame of kind 0x")
    assert f"ZeroDivisionError: by nothing at {__file__}:" in told
    assert ", at a frame" not in because(raised(ValueError("odd")), None)


def test_a_want_of_memory_is_no_mistake() -> None:
    assert because(raised(MemoryError()), beacon()) == "for want of memory or descriptors: MemoryError"

"""The filter as the kernel runs it, frame by frame (BPF_PROG_TEST_RUN), on a clock of the test's own."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

import pytest
from tests.lab.frames import control, data, quiet_beacon, received
from tests.lab.thinned import skip_without_filter

from whimbrel.drivers.linux.thinning.calls import FilterRun
from whimbrel.drivers.linux.thinning.kernel import FRESH, SAMPLE, WHOLE, ThinningFilter
from whimbrel.drivers.linux.thinning.order import (
    ACKNOWLEDGEMENTS,
    BEACONS,
    CLEARANCES,
    ThinningOrder,
)

AP = bytes.fromhex("002233445566")
ORDER = ThinningOrder(BEACONS | ACKNOWLEDGEMENTS | CLEARANCES, 10_000, 250_000, 64, 20)
ACK, CTS = 13, 12
STEP = 102_400


class Air:
    """A filter with an order, and an access point whose beacons go on as they should."""

    def __init__(self) -> None:
        self.filter = ThinningFilter()
        self._run = FilterRun(self.filter.descriptor)
        self.now = 1_000_000
        self.number = 0
        self.filter.clock = self.now
        self.filter.follow(ORDER)

    def passes(self, frame: bytes, after: int = 1000) -> bool:
        self.now += after
        self.filter.clock = self.now
        self.filter.write()
        passed, _ = self._run.run(frame)
        assert passed in {0, 262144}
        return passed > 0

    def beacon(self, *, ahead: int = 0, skip: int = 0, level: int = -40, freq: int = 2437, **parts: object) -> bool:
        """Let the next beacon come, a tenth of a second after the last; return whether it passes."""
        self.number += 1 + skip
        frame = quiet_beacon(AP, self.number, (1 << 40) + self.now + STEP + ahead, **parts)  # type: ignore[arg-type]
        # Something of another kind in between: the first frame after a silence passes.
        self.passes(received(data(0)), STEP - 1000)
        return self.passes(received(frame, level=level, freq=freq))

    def settle(self) -> None:
        """Let beacons come until one is only counted."""
        for _ in range(WHOLE + 2 * FRESH):
            if not self.beacon():
                return
        raise AssertionError("no beacon was counted")


@pytest.fixture
def air() -> Iterator[Air]:
    skip_without_filter()
    air = Air()
    yield air
    air.filter.close()


def test_new_beacons_pass_then_all_but_one_a_second_are_counted(air: Air) -> None:
    assert [air.beacon() for _ in range(FRESH)] == [True] * FRESH
    air.settle()
    air.filter.follow(ORDER)
    passed = [air.beacon() for _ in range(40)]
    assert 3 <= sum(passed) <= 5
    counts = air.filter.follow(ORDER)
    (sender,) = counts.senders
    assert sender.address == AP
    assert sender.frames == 40 - sum(passed)
    assert (sender.low, sender.high, sender.level, sender.total) == (-40, -40, -40, -40 * sender.frames)
    assert sender.freq == 2437
    assert sum(way.frames for way in counts.ways) == sender.frames
    assert {(way.freq, way.rate, way.kind) for way in counts.ways} == {(2437, 2, 0)}
    assert air.filter.follow(ORDER).senders == ()


def test_tim_and_load_may_change(air: Air) -> None:
    air.settle()
    assert not air.beacon(load=40)
    assert not air.beacon(tim=b"\0\1\0\xff")
    assert not air.beacon(tim=b"\0\1\0\xff\1\2")


@pytest.mark.parametrize(
    "parts",
    [
        {"name": b"quieT"},
        {"name": b"quieter"},
        {"ahead": 300_000},
        {"ahead": -300_000},
        {"skip": 100},
        {"skip": -3},
        {"level": -61},
        {"level": -19},
        {"freq": 2462},
    ],
)
def test_what_does_not_go_on_as_expected_passes(air: Air, parts: dict[str, object]) -> None:
    air.settle()
    assert air.beacon(**parts)  # type: ignore[arg-type]


def test_after_a_second_clock_every_beacon_passes_for_long(air: Air) -> None:
    air.settle()
    assert air.beacon(ahead=5_000_000)
    assert all(air.beacon() for _ in range(WHOLE // 2))
    air.settle()


def test_every_beacon_passes_of_whom_is_asked_for(air: Air) -> None:
    air.settle()
    air.filter.follow(ORDER._replace(asked=frozenset({AP})))
    assert all(air.beacon() for _ in range(20))
    air.filter.follow(ORDER)
    air.settle()


def test_all_pass_once_the_counts_cannot_be_taken(air: Air, monkeypatch: pytest.MonkeyPatch) -> None:
    air.settle()

    def fail() -> object:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    with monkeypatch.context() as patch:
        patch.setattr(air.filter, "_take", fail)
        with pytest.raises(OSError, match=os.strerror(errno.ENOMEM)):
            air.filter.follow(ORDER)
    assert all(air.beacon() for _ in range(30))
    air.filter.follow(ORDER)
    air.settle()


def test_without_an_order_everything_passes(air: Air) -> None:
    air.settle()
    air.filter.follow(ThinningOrder(0))
    assert all(air.beacon() for _ in range(30))
    assert air.passes(received(control(ACK)))


@pytest.mark.parametrize("subtype", [ACK, CTS])
def test_acknowledgements_and_clearances_are_counted(air: Air, subtype: int) -> None:
    air.passes(received(data(0)))
    assert not air.passes(received(control(subtype)))
    assert not air.passes(received(control(subtype) + b"\1\2\3\4", flags=0x10))
    (way,) = air.filter.follow(ORDER).ways
    assert (way.length, way.frames, way.kind) == (14, 2, 1)


def test_odd_acknowledgements_pass(air: Air) -> None:
    air.passes(received(data(0)))
    long = bytearray(control(CTS))
    long[2:4] = (10_001).to_bytes(2, "little")
    assert air.passes(received(bytes(long)))
    assert air.passes(received(control(ACK) + b"\0"))
    assert air.passes(received(control(ACK), flags=0x40))
    assert air.passes(received(control(ACK), rate=0))


def test_the_first_frame_after_a_silence_passes(air: Air) -> None:
    air.passes(received(data(0)))
    assert not air.passes(received(control(ACK)))
    assert air.passes(received(control(ACK)), after=SAMPLE)


def test_other_frames_pass(air: Air) -> None:
    for frame in (data(0), data(8, flags=0x41), bytes([0xC0, 0, 0, 0]) + bytes(22), control(11) + AP, b"", b"\x80"):
        assert all(air.passes(received(frame)) for _ in range(3))

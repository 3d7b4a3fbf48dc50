from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.events.air import AccessPointChanged, Change, Disconnected, EapolSeen, NetworkProbed
from whimbrel.events.base import Event
from whimbrel.events.system import EventsLost
from whimbrel.journal.folding import MAX_OPEN, Fold, StormFolder, key_of, phrase

AP = bytes.fromhex("021122334455")
_seq = iter(range(1, 10**9))


def at(time: float, body: object, source: str = "watcher") -> Event:
    return Event(next(_seq), time, source, body)


def deauth(reason: int = 7, station: bytes = b"\xff" * 6) -> Disconnected:
    return Disconnected(bssid=AP, sender=AP, receiver=station, how="deauthentication", reason=reason, protected=False)


def probe(number: int) -> NetworkProbed:
    return NetworkProbed(station=number.to_bytes(6, "big"), ssid=b"x")


def test_the_first_is_written_at_once_and_the_rest_is_summed_up() -> None:
    folder = StormFolder(10.0, 50)
    first = at(0.0, deauth())
    assert folder.take(first) == [Fold(first)]
    for i in range(1, 213):
        last = at(i / 100, deauth())
        assert folder.take(last) == []
    other = at(10.0, deauth(reason=1))
    summed, single = folder.take(other)
    assert summed == Fold(last, 212, 2.12, 0)
    assert single == Fold(other)
    assert phrase(summed) == " (repeated 212 times in 2 s)"


def test_what_happens_once_is_not_mentioned_again() -> None:
    folder = StormFolder(10.0, 50)
    folder.take(at(0.0, deauth()))
    assert [fold.event.body for fold in folder.take(at(20.0, deauth(reason=1)))] == [deauth(reason=1)]
    assert folder.flush() == []


def test_different_ones_are_not_alike() -> None:
    folder = StormFolder(10.0, 50)
    for body in (deauth(), deauth(reason=1), deauth(station=AP), EventsLost(reader="a", lost=1)):
        assert len(folder.take(at(1.0, body))) == 1


def test_only_fields_that_may_tell_are_looked_at() -> None:
    seen = EapolSeen(bssid=AP, station=AP, message="M1", replay=7, pmkid=False, retry=False)
    assert key_of(at(0.0, seen)) == (AP, AP, "M1")
    assert key_of(at(0.0, deauth())) == (AP, AP, b"\xff" * 6, "deauthentication", 7)
    assert key_of(at(0.0, "of a program")) == repr("of a program")


def test_numbers_do_not_tell_events_apart_and_losses_add_up() -> None:
    folder = StormFolder(10.0, 50)
    folder.take(at(0.0, EventsLost(reader="a", lost=5)))
    folder.take(at(1.0, EventsLost(reader="a", lost=7)))
    folder.take(at(2.0, EventsLost(reader="a", lost=8)))
    (summed,) = folder.flush()
    assert phrase(summed) == " (repeated 2 times in 2 s, 15 lost in all)"


def test_changes_are_alike_by_the_property() -> None:
    def change(field: str, new: int) -> Event:
        return at(0.0, AccessPointChanged(bssid=AP, ssid=b"", changes=(Change(field, 0, new),)))

    assert key_of(change("channel", 1)) == key_of(change("channel", 2))
    assert key_of(change("channel", 1)) != key_of(change("width", 1))


def test_a_flood_of_different_ones_is_folded_by_kind() -> None:
    folder = StormFolder(10.0, 3)
    written = [fold for i in range(100) for fold in folder.take(at(i / 100, probe(i)))]
    assert [fold.event.body for fold in written] == [probe(0), probe(1), probe(2)]
    (summed,) = folder.flush()
    assert (summed.repeats, summed.alike, summed.event.body) == (97, False, probe(99))
    assert phrase(summed).startswith(" (the last of 97 such events in")


def test_a_quiet_source_is_summed_up_by_the_second_sweep() -> None:
    folder = StormFolder(10.0, 50)
    folder.take(at(0.0, deauth()))
    folder.take(at(0.1, deauth()))
    assert folder.sweep() == []
    (summed,) = folder.sweep()
    assert summed.repeats == 1
    assert folder.take(at(0.2, deauth())) != []


def test_time_of_one_source_says_nothing_of_another() -> None:
    folder = StormFolder(10.0, 50)
    folder.take(at(100.0, deauth(), "replay"))
    folder.take(at(1e9, EventsLost(reader="a", lost=1), "daemon"))
    assert folder.take(at(100.1, deauth(), "replay")) == []


def test_a_clock_that_goes_back_closes_the_window() -> None:
    folder = StormFolder(10.0, 50)
    folder.take(at(1000.0, deauth()))
    folder.take(at(1001.0, deauth()))
    folds = folder.take(at(5.0, deauth()))
    assert [fold.repeats for fold in folds] == [1, 0]


def test_no_window_folds_nothing() -> None:
    folder = StormFolder(0.0, 1)
    assert all(folder.take(at(0.0, deauth())) for _ in range(5))
    assert folder.flush() == []


def test_open_groups_are_bounded() -> None:
    folder = StormFolder(10.0, 10**9)
    repeats = 0
    for i in range(2 * MAX_OPEN):
        for _ in range(2):
            repeats += sum(fold.repeats for fold in folder.take(at(0.0, probe(i))))
    assert repeats == MAX_OPEN
    assert sum(fold.repeats for fold in folder.flush()) == MAX_OPEN


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 5), st.sampled_from(["a", "b"]), st.booleans()), max_size=200),
    st.integers(1, 4),
)
def test_every_event_is_written_or_counted_once(steps: list[tuple[float, int, str, bool]], burst: int) -> None:
    folder = StormFolder(10.0, burst)
    folds: list[Fold] = []
    for time, number, source, sweep in steps:
        folds += folder.take(at(time, probe(number), source))
        if sweep:
            folds += folder.sweep()
    folds += folder.flush()
    assert sum(fold.repeats or 1 for fold in folds) == len(steps)

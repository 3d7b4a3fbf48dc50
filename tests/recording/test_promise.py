from __future__ import annotations

from whimbrel.recording.promise import Promise


def test_a_promise_that_is_kept_is_not_told() -> None:
    promise = Promise(5.0)
    assert promise.reached({10.0: 3, 12.0: 4}, 14.0, 15.0) == ""
    assert (promise.late, promise.worst, promise.report(20.0)) == (0, 0.0, None)


def test_frames_that_wait_for_too_long_are_told() -> None:
    promise = Promise(5.0)
    assert promise.overdue([], 100.0) == ""
    assert promise.overdue([96.0, 95.0], 100.0) == ""
    assert "5 s of modules.recorder.lose_at_most" in promise.overdue([99.0, 94.9], 100.0)


def test_late_frames_are_counted_each_and_the_others_not() -> None:
    promise = Promise(5.0)
    assert promise.reached({10.0: 3, 11.0: 2, 14.0: 4}, 12.0, 17.5) == "the card is slow: one write took 5.5 s"
    assert (promise.late, promise.worst) == (5, 7.5)
    told = promise.report(18.0)
    assert told is not None
    assert (told.frames, told.seconds, told.promised) == (5, 7.5, 5.0)


def test_frames_that_waited_elsewhere_are_no_fault_of_the_card() -> None:
    promise = Promise(5.0)
    assert promise.reached({10.0: 1}, 16.9, 17.0) == "the processor is too busy"


def test_reports_come_now_and_then_and_the_rest_at_the_end() -> None:
    promise = Promise(5.0)
    promise.reached({0.0: 1}, 8.0, 8.0)
    assert promise.report(8.0) is not None
    promise.reached({1.0: 2}, 7.0, 7.0)
    assert promise.report(9.0) is None
    told = promise.report(9.0, ending=True)
    assert told is not None
    assert (told.frames, told.seconds) == (2, 6.0)
    assert promise.report(99.0) is None


def test_the_write_that_went_before_is_the_cards_fault_too() -> None:
    promise = Promise(5.0)
    assert promise.reached({0.0: 1}, 1.0, 5.0) == ""
    assert promise.reached({1.1: 9}, 5.0, 8.0) == "the card is slow: one write took 4.0 s"


def test_of_two_recordings_in_one_write_the_time_counts_once() -> None:
    promise = Promise(5.0)
    promise.reached({0.0: 1}, 4.0, 5.0)
    promise.reached({0.0: 1}, 4.0, 5.5)
    assert promise.reached({0.0: 1}, 4.0, 6.5) == "the processor is too busy"


def test_a_card_that_has_refused_is_the_reason() -> None:
    promise = Promise(5.0)
    assert promise.reached({10.0: 1}, 50.0, 50.1, refused=True) == "the card took nothing for a while"
    told = promise.report(50.1)
    assert told is not None
    assert told.reason == "the card took nothing for a while"
    assert promise.reached({52.0: 1}, 59.0, 59.1) == "the processor is too busy"

from __future__ import annotations

import pytest
from tests.recording.frames import data_frame, held, numbered

from whimbrel.recording.inbox import Frames, Freeze, Inbox, Keep, LostFrames, Note, Wanted
from whimbrel.recording.selection import Mode


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(Mode.ALL, 1000)


def put(inbox: Inbox, octets: int, frames: int = 2) -> bool:
    return inbox.frames([numbered(0, frames)], octets, 7.0, hurry=False)


def test_jobs_come_in_their_order_each_with_what_was_wanted_then(inbox: Inbox) -> None:
    assert put(inbox, 10)
    assert inbox.freeze("stem", "why", held(numbered(0, 1)), kept=True, answers=3)
    assert inbox.note(numbered(0, 1), ["so"])
    inbox.want(inbox.wish._replace(frozen=0, mode=Mode.OFF))
    assert inbox.keep("stem", 4, None)
    jobs, wish, ending = inbox.take()
    assert [type(job) for job in jobs] == [Frames, Freeze, Note, Keep]
    assert [job.wish for job in jobs] == [
        Wanted(Mode.ALL),
        Wanted(Mode.ALL, frozen=1),
        Wanted(Mode.ALL, frozen=1),
        Wanted(Mode.OFF),
    ]
    assert (wish, ending) == (Wanted(Mode.OFF), False)
    inbox.close()
    assert inbox.take() == ([], Wanted(Mode.OFF), True) or not inbox.take()[0]


def test_frames_that_wait_are_bounded_until_they_are_done(inbox: Inbox) -> None:
    assert put(inbox, 2000), "the first ones, however many"
    assert not put(inbox, 10)
    (job, lost), *_ = inbox.take()
    assert isinstance(job, Frames)
    assert isinstance(lost, LostFrames)
    assert lost.frames == 2
    assert not put(inbox, 10), "taken, and not done"
    inbox.done(job)
    assert (inbox.octets, list(inbox.heard)) == (0, [])
    assert put(inbox, 10)


def test_losses_without_an_end_are_one_job(inbox: Inbox) -> None:
    put(inbox, 1000)
    for number in range(1000):
        put(inbox, 10)
        inbox.lose(3, f"reason {number}")
    _, lost = inbox.take()[0]
    assert lost == LostFrames(Wanted(Mode.ALL), 5000, 3000, "reason 999")


def test_of_what_is_refused_the_interesting_ones_are_counted_where_they_are_wanted() -> None:
    inbox = Inbox(Mode.INTERESTING, 10)
    put(inbox, 10)
    inbox.frames([[data_frame(b"1234", protected=False), *numbered(0, 2)]], 10, 0.0, hurry=False)
    (_, lost), *_ = inbox.take()
    assert isinstance(lost, LostFrames)
    assert (lost.frames, lost.interesting) == (3, 2)


def test_one_freeze_waits_at_a_time(inbox: Inbox) -> None:
    def freeze() -> bool:
        return inbox.freeze("stem", "why", held(numbered(0, 1)), kept=False, answers=0)

    assert [freeze(), freeze()] == [True, False]
    inbox.want(inbox.wish._replace(frozen=0))
    assert not freeze(), "its frames wait all the same"
    assert inbox.wish.frozen == 0
    inbox.take()
    assert freeze()
    assert inbox.wish.frozen == 2


def test_evidence_that_waits_is_bounded_and_what_is_recorded_as_such_is_counted() -> None:
    inbox = Inbox(Mode.INTERESTING, 10)
    evidence = [data_frame(b"1234", protected=False), *numbered(0, 47)]
    taken = [inbox.note(evidence, ["so"] * 48) for _ in range(100)]
    assert taken == [True] * 21 + [False] * 79
    lost = inbox.take()[0][-1]
    assert isinstance(lost, LostFrames)
    assert (lost.frames, lost.interesting) == (0, 79)
    assert inbox.note(evidence, ["so"] * 48)


def test_requests_that_wait_are_bounded(inbox: Inbox) -> None:
    assert [inbox.keep("stem", 0, None) for _ in range(66)] == [True] * 64 + [False] * 2
    inbox.take()
    assert inbox.keep("stem", 0, None)


def test_the_thread_wakes_for_what_is_to_be_done_at_once(inbox: Inbox) -> None:
    inbox.want(Wanted(Mode.OFF))
    inbox.wait(3600.0)
    inbox.take()
    inbox.lose(1, "so")
    inbox.wait(3600.0)
    inbox.take()
    inbox.wait(0.0)
    inbox.close()
    inbox.wait(3600.0)

from __future__ import annotations

from whimbrel.recording.track import TimedPositions


def test_a_position_counts_until_it_is_too_old_or_there_is_a_newer_one() -> None:
    track = TimedPositions()
    assert track.at(5.0) == b""
    track.add(10.0, 15.0, b"here")
    track.add(12.0, 17.0, b"there")
    track.add(13.0, 18.0, b"")  # at home
    track.add(30.0, 35.0, b"elsewhere")
    times = (9.0, 10.0, 11.9, 12.0, 13.0, 17.0, 29.0, 35.0, 35.1)
    assert [track.at(time) for time in times] == [
        b"", b"here", b"here", b"there", b"", b"", b"", b"elsewhere", b"",
    ]  # fmt: skip

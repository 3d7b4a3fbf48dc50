from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.capture.reading import read
from tests.recording.frames import numbered

from whimbrel.capture import pcapng_blocks
from whimbrel.recording.packing import packed
from whimbrel.recording.repair import whole_octets

HEAD = pcapng_blocks.section(application="a test", comments=["x"]) + pcapng_blocks.interface(name="wlan0")
BLOCKS = [packed(frame, comments=["so"]) for frame in numbered(0, 6)]
ENDS = [len(HEAD) + sum(map(len, BLOCKS[:count])) for count in range(len(BLOCKS) + 1)]
FILE = HEAD + b"".join(BLOCKS)


@settings(deadline=None)
@given(st.integers(0, len(FILE)), st.binary(max_size=64) | st.builds(bytes, st.integers(0, 5000)))
def test_a_file_that_was_cut_ends_behind_its_last_whole_block(cut: int, more: bytes) -> None:
    octets = FILE[:cut] + more
    whole = whole_octets(io.BytesIO(octets))
    reached = max((end for end in ENDS if end <= cut), default=0)
    assert whole == reached or octets[reached:whole]  # what follows may happen to be a block
    outcome = read(octets[:whole]) if whole else None
    assert outcome is None or outcome.error is None
    assert outcome is None or len(outcome.frames) >= sum(end <= reached for end in ENDS[1:])


def test_a_whole_file_stays_whole() -> None:
    end = pcapng_blocks.statistics(time=1.0, begun=0.0, ended=1.0, received=6, dropped=0, delivered=6)
    assert whole_octets(io.BytesIO(FILE + end)) == len(FILE + end)


@pytest.mark.parametrize("octets", [b"", bytes(4096), HEAD[:40], FILE[len(HEAD) :], b"\xd4\xc3\xb2\xa1" + bytes(60)])
def test_what_was_never_a_file_of_ours_has_nothing_whole(octets: bytes) -> None:
    assert whole_octets(io.BytesIO(octets)) == 0

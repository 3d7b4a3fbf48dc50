from __future__ import annotations

import pytest

from whimbrel.wording.phrases import heard_at, network_shown


@pytest.mark.parametrize(
    ("name", "mesh", "shown"),
    [
        (b"harbour", None, "harbour"),
        (b"harbour", b"meshy", "harbour"),
        (b"", b"meshy", "meshy (mesh)"),
        (b"", b"\x1b[31m", "\\x1b[31m (mesh)"),
        (b"", None, "<hidden>"),
    ],
)
def test_what_stands_for_a_network(name: bytes, mesh: bytes | None, shown: str) -> None:
    assert network_shown(name, mesh) == shown


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ((6, 2437, (-70, -48), (2442,)), "channel 6, heard on 7, -70 to -48 dBm"),
        ((6, 2437, None, (2442, 1234)), "channel 6, heard on 7, 1234 MHz"),
        ((6, 2437, None), "channel 6"),
        ((0, 0, (-50, -50)), "-50 dBm"),
        ((0, 0, None), ""),
    ],
)
def test_where_something_was_heard(place: tuple[int, int, tuple[int, int] | None], shown: str) -> None:
    assert heard_at(*place) == shown

from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.updating import partition
from whimbrel.updating.places import Places


def test_a_partition_that_cannot_be_opened_is_an_error_and_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "card"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n[ $1 = close ] || {{ echo no >&2; exit 1; }}\n')
    program.chmod(0o755)
    monkeypatch.setattr(partition, "_CARD", str(program))
    with pytest.raises(OSError, match="no"), partition.opened():
        pytest.fail("it is not open")
    assert (tmp_path / "asked").read_text() == "open update\nclose update\n"


def test_the_text_is_for_every_editor(tmp_path: Path) -> None:
    partition.tell_done(Places(tmp_path, tmp_path), "one\ntwo\n")
    assert (tmp_path / "done.txt").read_bytes() == b"one\r\ntwo\r\n"

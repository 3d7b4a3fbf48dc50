from __future__ import annotations

import pytest
from tools.scaffold.names import spellings


def test_every_spelling() -> None:
    assert spellings("beacon-gap-2") == {
        "name": "beacon-gap-2", "module": "beacon_gap_2", "cls": "BeaconGap2", "words": "beacon gap 2",
        "title": "Beacon gap 2",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", "Gap", "beacon_gap", "-gap", "gap-", "2gap", "class", "../x"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="in lower case with hyphens"):
        spellings(name)

"""A short form of `make overload`: under each flood the daemon answers, and its memory is bounded."""

from __future__ import annotations

import pytest
from tests.lab.tun import skip_without_tun
from tests.process import overload
from tools.stress import NoQuota

pytestmark = pytest.mark.tun


@pytest.mark.parametrize("flood", [overload.QUIET, *overload.FLOODS])
def test_it_is_answered(flood: str) -> None:
    skip_without_tun()
    try:
        found = overload.under(flood, share=0.5, seconds=2.0)
    except NoQuota as missing:
        pytest.skip(str(missing))
    assert found.status
    assert found.key
    assert bool(found.heard) == (flood != overload.QUIET)
    assert not found.missed
    assert found.peak < 80 << 20

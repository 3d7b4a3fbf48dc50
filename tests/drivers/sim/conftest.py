"""What an earlier file of tests has had built is built anew: a cache proves nothing about the code that filled it."""

from __future__ import annotations

import pytest

from whimbrel.drivers.sim import elements, frames, rates, security


@pytest.fixture(autouse=True, scope="module")
def _empty_caches() -> None:
    for module in (elements, frames, rates, security):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()

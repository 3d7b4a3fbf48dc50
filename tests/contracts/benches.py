"""A bench for each registered driver: a driver without one fails its contract, with advice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

from whimbrel.drivers.registry import Port

T = TypeVar("T")


def bench_for(port: Port[Any], name: str, benches: Mapping[str, T], file: str) -> T:
    """Return the bench of the driver `name`; the test fails if there is none."""
    if name not in benches:
        pytest.fail(
            f"the {port.noun} {name!r} is registered and has no bench for the contract of its port: "
            f"add one under its name to BENCHES in {file}",
            pytrace=False,
        )
    return benches[name]

"""A place to try each registered driver: a driver without one fails its contract, and is told what to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

from whimbrel.drivers.registry import Port

T = TypeVar("T")


def bench_for(port: Port[Any], name: str, benches: Mapping[str, T], file: str) -> T:
    """Return how the driver `name` is tried; the test fails where nobody has said how."""
    if name not in benches:
        pytest.fail(
            f"the {port.noun} {name!r} is registered and has no bench for the contract of its port: "
            f"add one under its name to BENCHES in {file}",
            pytrace=False,
        )
    return benches[name]

"""The sentences of a satellite receiver (NMEA 0183) on a walk that a test makes."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator


def log(places: Iterable[tuple[float, float]], *, begin: int = 0) -> str:
    """Return the output of a receiver that is at one of the places (degrees north and east) each second, from
    12:00:00."""
    return "".join(
        sentence + "\r\n" for second, place in enumerate(places, begin) for sentence in _epoch(second, *place)
    )


def _epoch(second: int, north: float, east: float) -> Iterator[str]:
    clock = f"12{second // 60 % 60:02}{second % 60:02}.00"
    where = f"{_angle(north, 2)},{'S' if north < 0 else 'N'},{_angle(east, 3)},{'W' if east < 0 else 'E'}"
    yield _sentence(f"GPGGA,{clock},{where},1,08,0.9,47.0,M,30.0,M,,")
    yield _sentence("GPGSA,A,3,04,05,09,12,24,25,29,31,,,,,1.8,0.9,1.5")
    yield _sentence("GPGSV,2,1,08,04,40,083,46,05,17,308,41,09,67,344,39,12,22,228,45")
    yield _sentence("GPGSV,2,2,08,24,40,083,46,25,17,308,41,29,67,044,39,31,22,128,45")
    yield _sentence(f"GPRMC,{clock},A,{where},2.7,090.0,280626,,,A")


def _angle(degrees: float, digits: int) -> str:
    whole = int(abs(degrees))
    return f"{whole:0{digits}}{(abs(degrees) - whole) * 60:08.5f}"


def _sentence(text: str) -> str:
    return f"${text}*{functools.reduce(operator.xor, text.encode()):02X}"

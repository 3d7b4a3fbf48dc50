"""Waits for a state: the one poller of the tests, for those on the loop and for those beside a process or a thread."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import reprlib
import time
from collections.abc import Callable
from typing import TypeVar

from whimbrel.testing import PATIENCE

T = TypeVar("T")

_EVERY = 0.002
"""Seconds between two checks of a test that shares its loop or its process with the tested code."""
_AT_LEAST = 0.5
"""Seconds after which it checks again even without a reported change."""
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 400
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 20


def no_end() -> str | None:
    """Return nothing: waiting never becomes pointless."""
    return None


async def until(
    state: Callable[[], T | None],
    what: str = "",
    *,
    ended: Callable[[], object] = no_end,
    changed: asyncio.Event | None = None,
    seconds: float = PATIENCE,
) -> T:
    """Return the first value of `state` that counts as true, with turns for the others meanwhile.

    `what` names it for a person; otherwise the source of `state` does. `ended` tells (by anything that counts as true)
    why waiting is in vain. `changed` is set at each change, for a state that may be over before the next look. Raises
    AssertionError when it has ended, and after so many seconds, with what was last seen.
    """
    deadline = time.monotonic() + seconds
    while not (found := state()):
        _give_up(state, what, found, ended(), late=time.monotonic() > deadline)
        if changed is None:
            await asyncio.sleep(_EVERY)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(seconds, _AT_LEAST)):
                    await changed.wait()
            changed.clear()
    return found


def block_until(
    state: Callable[[], T | None],
    what: str = "",
    *,
    ended: Callable[[], object] = no_end,
    seconds: float = PATIENCE,
    every: float = _EVERY,
) -> T:
    """Do the same for a test without a loop; `every` is the pause between two looks, longer where a look is dear."""
    deadline = time.monotonic() + seconds
    while not (found := state()):
        _give_up(state, what, found, ended(), late=time.monotonic() > deadline)
        time.sleep(every)
    return found


def _give_up(state: Callable[[], object], what: str, found: object, ended: object, *, late: bool) -> None:
    """Raise AssertionError where it is too late, or where nothing more is to come."""
    if late or (ended and not state()):  # it may have come about just before the end
        why = f"; {ended}" if ended and ended is not True else ""
        raise AssertionError(f"waited in vain for {what or _source(state)}: last saw {_seen(state, found)}{why}")


def _source(state: Callable[[], object]) -> str:
    try:
        return " ".join(inspect.getsource(state).split())
    except (OSError, TypeError):
        return repr(state)


def _seen(state: Callable[[], object], found: object) -> str:
    """Return the value and what it was made of."""
    owner = getattr(state, "__self__", None)
    names = {"self": owner} if owner is not None else {}
    code = inspect.unwrap(state)
    if inspect.isfunction(code):
        names |= inspect.getclosurevars(code).nonlocals
    return ", ".join([_SHORT.repr(found), *(f"{name}={_SHORT.repr(value)}" for name, value in names.items())])

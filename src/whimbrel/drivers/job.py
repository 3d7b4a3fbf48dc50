"""Hooks that restore the terminal before this process stops itself for Ctrl-Z."""

from __future__ import annotations

from collections.abc import Callable

_hooks: list[Callable[[], None]] = []


def before_stop(hook: Callable[[], None]) -> Callable[[], None]:
    """Call `hook` on the loop before the process stops; return the function that removes it. Thread-safe."""
    _hooks.append(hook)

    def forget() -> None:
        if hook in _hooks:
            _hooks.remove(hook)

    return forget


def about_to_stop() -> None:
    """Call every hook. The handler of SIGTSTP calls this before it stops the process."""
    for hook in tuple(_hooks):
        hook()

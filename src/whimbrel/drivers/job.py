"""What has to be put back before this process stops itself for Ctrl-Z."""

from __future__ import annotations

from collections.abc import Callable

_hooks: list[Callable[[], None]] = []


def before_stop(hook: Callable[[], None]) -> Callable[[], None]:
    """Have `hook` called on the loop before the process stops; return what takes that back. From any thread."""
    _hooks.append(hook)

    def forget() -> None:
        if hook in _hooks:
            _hooks.remove(hook)

    return forget


def about_to_stop() -> None:
    """Call every hook. Whoever handles SIGTSTP does, before it stops the process."""
    for hook in tuple(_hooks):
        hook()

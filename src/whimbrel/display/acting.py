"""Execution of the requests that a screen makes when a key is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whimbrel.events.encode import kind_of
from whimbrel.module import Context
from whimbrel.screens.screen import Action, MarkSeen, Say, Set

if TYPE_CHECKING:
    from whimbrel.display.show import Show


def act(action: Action, show: Show, ctx: Context[Any]) -> None:
    """Change the state of `show`, or publish the command; report one that no module executes."""
    if isinstance(action, Say):
        if ctx.bus.is_taken(type(action.body)):
            show.asked(ctx.publish(action.body).seq, action)
        else:
            show.refuse(kind_of(action.body), "nothing on this device does that at the moment")
    elif isinstance(action, MarkSeen):
        show.mark_seen(action.id)
    elif isinstance(action, Set):
        if action.what == "brightness":
            show.state.brightness = action.value
        elif action.what == "rotation":
            show.state.rotation = 180 if action.value else 0

from __future__ import annotations

from whimbrel.bus import Bus
from whimbrel.events.base import Body, Level
from whimbrel.events.interest import kinds_where, level_of


class Loud(Body, level=Level.ALERT):
    text: str


class Quiet(Body, level=Level.DEBUG):
    text: str


async def test_the_rule_decides_for_kinds_that_are_defined_later() -> None:
    bus = Bus()
    sub = bus.subscribe(kinds_where("important", lambda kind: level_of(kind) <= Level.WARNING), reader="r")

    class Later(Body, level=Level.ERROR):
        text: str

    sender = bus.sender("s")
    for kind in (Loud, Quiet, Later):
        sender.publish(kind(text="x"))
    heard = [type(event.body) for event in await sub.read_all() if not hasattr(event, "lost")]
    assert heard == [Loud, Later]
    assert sub.stats.kinds == ("important",)


def test_a_body_of_another_making_counts_as_info() -> None:
    assert level_of(str) is Level.INFO

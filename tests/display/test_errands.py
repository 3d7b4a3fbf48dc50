from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.display.errands import Errands
from whimbrel.display.show import Show
from whimbrel.events.base import Event
from whimbrel.events.radio import RadioBlind
from whimbrel.module import Context, NoSettings, VerbError
from whimbrel.screens.home import Home
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.registry import ScreenRegistry
from whimbrel.screens.screen import Do


class Desk:
    """Errands with a show, and a verb that is answered as the test likes."""

    def __init__(self) -> None:
        self.ctx: Context[Any] = Context("display", NoSettings(), Bus())
        self.show = Show(ScreenRegistry(), "1.0", 8.0, 1000.0)
        self.show.turn(1002.0)
        self.touched = asyncio.Event()
        self.errands = Errands(self.ctx, self.touched.set)
        self.asked: list[dict[str, Any]] = []

    async def do(self, action: Do, answer: object = None) -> None:
        async def verb(request: dict[str, Any]) -> object:
            self.asked.append(request)
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.ctx.serve("learn", verb, "")
        self.ctx.serve("acknowledge", verb, "")
        self.touched.clear()
        self.errands.start(action, self.show)
        await until(self.touched.is_set)


async def test_an_answer_is_shown_where_the_screen_asked_for_it() -> None:
    desk = Desk()
    await desk.do(Do("learn", (("sure", True),), lambda answer: MessageScreen("answer", str(answer))), 42)
    assert desk.asked == [{"sure": True}]
    top = desk.show.stack.top
    assert isinstance(top, MessageScreen)
    assert top.text == "42"


async def test_an_answer_may_need_no_screen() -> None:
    desk = Desk()
    await desk.do(Do("learn", (), lambda _answer: None), 42)
    await desk.do(Do("learn"), 42)
    assert isinstance(desk.show.stack.top, Home)


@pytest.mark.parametrize("error", [VerbError("no way"), ZeroDivisionError("no way")])
async def test_a_refusal_is_shown(error: Exception) -> None:
    desk = Desk()
    await desk.do(Do("learn", (), lambda _answer: None), error)
    top = desk.show.stack.top
    assert isinstance(top, MessageScreen)
    assert "no way" in top.text


async def test_an_answer_that_is_none_is_told() -> None:
    desk = Desk()
    await desk.do(Do("learn", (), lambda answer: MessageScreen("x", answer["missing"])), {})
    assert "KeyError" in desk.show.stack.top.text  # type: ignore[attr-defined]


async def test_alerts_are_acknowledged_by_who_raised_them() -> None:
    desk = Desk()
    await desk.do(Do("acknowledge", (("alert", "7"),)))
    assert desk.asked == [{"alert": "7"}]
    desk.show.take_alarm(Event(7, 1002.0, "sniffer", RadioBlind(silent=30.0)))
    await desk.do(Do("acknowledge", (("alert", "event 7"),)))
    assert len(desk.asked) == 1
    assert desk.show.state.extra["alerts"][0]["acknowledged"]


async def test_nobody_waits_after_the_end() -> None:
    desk = Desk()
    never = asyncio.Event()

    async def verb(_request: dict[str, Any]) -> None:
        await never.wait()

    desk.ctx.serve("wait", verb, "")
    desk.errands.start(Do("wait"), desk.show)
    (task,) = desk.errands._tasks
    desk.errands.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

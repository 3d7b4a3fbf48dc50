from __future__ import annotations

from typing import Any

import pytest

from whimbrel.answering import Verbs
from whimbrel.record import Record
from whimbrel.verbs.declare import Verb


class Who(Record):
    name: str


WHO = Verb("who", Who, "who answers")


def answer(name: str) -> Any:
    async def answered(_request: dict[str, Any]) -> Who:
        return Who(name=name)

    return answered


async def who(verbs: Verbs) -> str:
    return (await verbs.ask(WHO, {})).name


async def test_of_those_that_share_a_verb_the_first_by_name_answers() -> None:
    verbs = Verbs()
    verbs.add(WHO, answer("second"), "sniffer2", shared=True)
    assert await who(verbs) == "second"
    verbs.add(WHO, answer("first"), "sniffer", shared=True)
    assert await who(verbs) == "first"
    verbs.add(WHO, answer("second again"), "sniffer2", shared=True)
    assert await who(verbs) == "first"
    verbs.drop("sniffer")
    assert await who(verbs) == "second again"
    verbs.drop("sniffer2")
    assert verbs.find("who") is None
    verbs.add(WHO, answer("anybody"), "other")
    assert await who(verbs) == "anybody"


def test_what_one_answers_alone_is_not_shared() -> None:
    verbs = Verbs()
    verbs.add(WHO, answer("a"), "alone")
    with pytest.raises(ValueError, match="the verb 'who' of sniffer is already answered by alone"):
        verbs.add(WHO, answer("b"), "sniffer", shared=True)
    verbs = Verbs()
    verbs.add(WHO, answer("b"), "sniffer", shared=True)
    with pytest.raises(ValueError, match="already answered by sniffer"):
        verbs.add(WHO, answer("a"), "alone")

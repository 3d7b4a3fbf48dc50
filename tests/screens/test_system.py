from __future__ import annotations

from tools.screenshots.scene import system

from whimbrel.screens import system as pages
from whimbrel.screens.state import ScreenState


def test_what_is_wrong_with_the_receiver_stands_first_with_what_is_discarded() -> None:
    state = ScreenState()
    state.system = system(receiver=("it marks sound frames as damaged", "so it does"), discarded=(("bad FCS", 1200),))
    facts = {fact.label: fact.value for fact in pages._losses(state)}
    assert next(iter(facts)) == "receiver"
    assert facts["receiver"] == "it marks sound frames as damaged; so it does"
    assert facts["bad FCS"] == "1.2k"


def test_a_receiver_that_is_right_is_not_spoken_of() -> None:
    state = ScreenState()
    state.system = system()
    assert "receiver" not in {fact.label for fact in pages._losses(state)}

from __future__ import annotations

from tests.screens.walking import Walk
from tools.screenshots import scene

from whimbrel.copying import asking
from whimbrel.events.device import CardCopied, CopyWanted
from whimbrel.screens.copying import NAME, copy_entry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Pop, Push, Say
from whimbrel.wording.sentences import sentence


def test_the_line_asks_for_a_copy_and_says_to_leave_the_power_on() -> None:
    state = scene.usual()
    entry = copy_entry()
    assert entry.label(state) == NAME == asking._NAME
    away, shown, said = entry.act(state)
    assert away == Pop()
    assert isinstance(shown, Push)
    assert isinstance(shown.screen, MessageScreen)
    assert "Leave the power on" in shown.screen.text
    assert isinstance(said, Say)
    assert isinstance(said.body, CopyWanted)
    assert said.within > asking._PATIENCE, "the panel waits longer than the daemon, which then says why"


def test_what_came_of_it_fits_the_panel() -> None:
    walk = Walk(scene.usual())
    where = "copies, on the partition that every computer reads"
    done = CardCopied(files=2, octets=3_000_000, removed=1, left_out=1, folder=where, problem="the card is full")
    told = sentence(done)
    parts = (f"2 files of 3.0 MB copied to {where}", "1 older copy gave way", "1 file left out for want of room")
    assert told == "; ".join([*parts, "the card is full"])
    walk.stack.push(MessageScreen("card copied", told))
    assert walk.title == "card copied"

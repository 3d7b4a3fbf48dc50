from __future__ import annotations

from tests.screens.walking import Walk
from tools.screenshots import scene

from whimbrel.events.device import SecurityUpdated, SecurityUpdatesWanted
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.screen import Pop, Push, Say
from whimbrel.screens.securing import NAME, security_entry
from whimbrel.securing import asking
from whimbrel.wording.sentences import sentence


def test_the_line_asks_for_them_and_says_to_leave_the_power_on() -> None:
    state = scene.usual()
    entry = security_entry()
    assert entry.label(state) == NAME == asking._NAME
    away, shown, said = entry.act(state)
    assert away == Pop()
    assert isinstance(shown, Push)
    assert isinstance(shown.screen, MessageScreen)
    assert "Leave power and network on" in shown.screen.text
    assert isinstance(said, Say)
    assert isinstance(said.body, SecurityUpdatesWanted)
    assert said.within > asking._PATIENCE, "the panel waits longer than the daemon, which then says why"


def test_what_came_of_it_fits_the_panel() -> None:
    walk = Walk(scene.usual())
    told = sentence(SecurityUpdated(packages=3))
    assert told == "Security updates of Debian: 3 packages renewed; the next start uses all of them"
    assert sentence(SecurityUpdated(packages=0)) == "There are no new security updates of Debian"
    assert sentence(SecurityUpdated(packages=0, problem="no net")) == "No security updates of Debian: no net"
    walk.stack.push(MessageScreen("security updates", told))
    assert walk.title == "security updates"

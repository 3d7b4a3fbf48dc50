"""Walks through the screens with nothing but keys."""

from __future__ import annotations

import pytest
from tools.screenshots import scene

from whimbrel.events.radio import LockChannel, UnlockChannel
from whimbrel.events.system import ReloadSettings, RestartModule
from whimbrel.rows import AccessPointRow, SignalRow
from whimbrel.screen_offers import Place, ScreenOffer, ScreenOffers, Section
from whimbrel.screens.access_points import access_points_page
from whimbrel.screens.home import home_screen
from whimbrel.screens.menu import Menu
from whimbrel.screens.menu_entries import MenuEntry
from whimbrel.screens.notices import MessageScreen
from whimbrel.screens.page import HEAD, Page
from whimbrel.screens.scale import drawn
from whimbrel.screens.screen import Action, Say, Set, Stack
from whimbrel.screens.state import ScreenState

SIZE = (128, 64)


class Walk:
    """A stack, a state, and fingers."""

    def __init__(self, state: ScreenState, registry: ScreenOffers | None = None) -> None:
        self.state = state
        self.stack = Stack(home_screen(registry or ScreenOffers()))
        self.look()

    def look(self) -> bytes:
        return self.stack.top.draw(self.state, SIZE).tobytes()

    def press(self, keys: str) -> list[Action]:
        """Press keys shortly, or as ``key:gesture``; return what is asked for by the last."""
        actions: list[Action] = []
        for step in keys.split():
            key, _, gesture = step.partition(":")
            actions = self.stack.press(key, gesture or "short", self.state)
            self.look()
        return actions

    def open(self, entry: str) -> list[Action]:
        """Choose a line of the menu by its label."""
        self.stack.home()
        self.press("menu")
        lines = self.lines()
        return self.press("down " * lines.index(entry) + "ok")

    def lines(self) -> list[str]:
        assert isinstance(self.stack.top, Menu)
        return [line.entry.label(self.state) for line in self.stack.top.view.rows(self.state)]  # type: ignore[attr-defined]

    @property
    def title(self) -> str:
        return self.stack.top.title


@pytest.fixture
def walk() -> Walk:
    return Walk(scene.usual())


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        ("ok", "access points"),
        ("right ok", "stations"),
        ("down ok", "channels"),
        ("right down ok", "system"),
        ("left ok", "system"),
        ("down up ok", "access points"),
        ("right right right right ok", "access points"),
    ],
)
def test_tiles_lead_to_their_screens_and_back(walk: Walk, keys: str, title: str) -> None:
    walk.press(keys)
    assert walk.title == title
    walk.press("back")
    assert walk.stack.depth == 1


def test_from_an_access_point_to_its_station_to_its_network(walk: Walk) -> None:
    walk.press("ok ok")
    assert walk.title == "access point"
    assert walk.stack.top.follows() == (scene.address("02:00:5e:10:00:01"),)
    walk.press("right right down ok")
    assert walk.title == "station"
    assert walk.stack.top.follows() == (scene.address("00:00:5e:20:00:03"),)
    walk.press("right")
    assert walk.stack.top.follows() == ()
    walk.press("down down ok")
    assert walk.title == "access point"
    walk.press("back:long")
    assert walk.stack.depth == 1


def test_ok_on_a_signal_stays_on_its_channel_and_hops_again(walk: Walk) -> None:
    walk.press("ok")
    (action,) = walk.press("ok ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, LockChannel)
    assert str(action.body.channel) == "6"
    walk.state.mode = "locked"
    (action,) = walk.press("ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, UnlockChannel)


def test_a_wide_access_point_is_locked_at_its_width(walk: Walk) -> None:
    (action,) = walk.press("ok down ok ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, LockChannel)
    assert str(action.body.channel) == "36/80"


def louder(walk: Walk, index: int) -> list[AccessPointRow]:
    """Have the access point at `index` be the loudest from now on; return the rows."""
    air = walk.state.air
    assert air is not None
    rows = list(air.access_points)
    rows[index] = rows[index].replace(rssi=SignalRow(last=-20, min=-20, max=-20, smoothed=-20))
    walk.state.air = scene.snapshot(rows, [])
    return rows


def test_what_is_chosen_stays_chosen_when_the_order_changes(walk: Walk) -> None:
    walk.press("ok down down")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == "sig 3/9"
    walk.state.now += 60
    rows = louder(walk, 2)
    assert walk.stack.top.view.note(walk.state) == "sig 1/9"
    del rows[2]
    walk.state.air = scene.snapshot(rows, [])
    assert walk.stack.top.view.note(walk.state) == "sig 3/8"


def test_the_first_thing_stays_chosen_too_and_after_back(walk: Walk) -> None:
    walk.press("ok")
    assert isinstance(walk.stack.top, Page)
    walk.press("ok")
    walk.state.now += 60
    louder(walk, 4)
    walk.press("back")
    assert walk.stack.top.view.note(walk.state) == "sig 2/9"


def test_rows_stay_where_they_are_under_the_finger(walk: Walk) -> None:
    walk.press("ok right down")
    assert isinstance(walk.stack.top, Page)
    view = walk.stack.top.view
    assert view.note(walk.state) == "age 2/9"
    before = [row.bssid for row in view.rows(walk.state)]  # type: ignore[attr-defined]
    air = walk.state.air
    assert air is not None
    rows = [row.replace(last=scene.NOW + number) for number, row in enumerate(air.access_points)]
    fresh = rows[0].replace(bssid=scene.address("02:00:5e:10:00:0a"), last=scene.NOW + 100)
    walk.state.air = scene.snapshot([*rows, fresh], [])
    walk.state.now += 3
    assert [row.bssid for row in view.rows(walk.state)] == [*before, fresh.bssid]  # type: ignore[attr-defined]
    walk.state.now += 60
    after = [row.bssid for row in view.rows(walk.state)]  # type: ignore[attr-defined]
    assert after == [row.bssid for row in reversed([*rows, fresh])]
    assert before[1] == after[view.position(view.rows(walk.state))]  # type: ignore[attr-defined]


def test_a_list_says_what_left_and_right_do_until_they_did(walk: Walk) -> None:
    walk.press("ok")
    hinted = walk.look()
    walk.state.now += 5
    assert walk.look() != hinted
    walk.state.now -= 5
    assert walk.look() == hinted
    walk.press("right right right right")
    assert walk.look() != hinted


def test_the_chosen_tile_stays_chosen_when_another_comes(walk: Walk) -> None:
    walk.press("down right")
    walk.state.features |= {"alerts"}
    walk.press("ok")
    assert walk.title == "system"


@pytest.mark.parametrize(("presses", "note"), [(1, "age 1/9"), (2, "name 1/9"), (3, "chan 1/9"), (4, "sig 1/9")])
def test_right_sorts_otherwise(walk: Walk, presses: int, note: str) -> None:
    walk.press("ok" + " right" * presses)
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == note


@pytest.mark.parametrize(
    ("presses", "title", "rows"), [(1, "OPEN", 1), (2, "HIDDEN", 1), (3, "IN USE", 5), (4, "ACCESS POINTS", 9)]
)
def test_left_leaves_out(walk: Walk, presses: int, title: str, rows: int) -> None:
    walk.press("ok" + " left" * presses)
    assert isinstance(walk.stack.top, Page)
    view = walk.stack.top.view
    assert (view.title(walk.state), view.note(walk.state)) == (title, f"sig 1/{rows}")


def test_up_from_the_first_goes_to_the_last_but_not_while_held(walk: Walk) -> None:
    walk.press("ok up")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == "sig 9/9"
    walk.press("down:repeat")
    assert walk.stack.top.view.note(walk.state) == "sig 9/9"


def test_holding_down_moves_through_a_list(walk: Walk) -> None:
    walk.press("ok down:press down:long down:repeat down:repeat down:release")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.note(walk.state) == "sig 3/9"


def test_the_menu_opens_from_everywhere_once(walk: Walk) -> None:
    walk.press("ok ok menu")
    assert isinstance(walk.stack.top, Menu)
    walk.press("up up up ok")
    assert walk.title == "keys"
    depth = walk.stack.depth
    walk.press("menu")
    assert isinstance(walk.stack.top, Menu)
    assert walk.stack.depth == depth - 1
    walk.press("menu")
    assert walk.title == "access point"


def test_the_menu_has_no_line_without_its_module(walk: Walk) -> None:
    walk.press("menu")
    assert "Alerts" not in walk.lines()
    assert "Visit all channels" not in walk.lines()
    walk.state.features = frozenset({"alerts"})
    walk.state.mode = "locked"
    assert "Alerts" in walk.lines()
    assert "Stay on a channel" not in walk.lines()
    assert "Visit all channels" in walk.lines()
    walk.state.mode = ""
    assert not {"Visit all channels", "Stay on a channel"} & set(walk.lines())


def test_a_channel_is_chosen_from_the_menu(walk: Walk) -> None:
    walk.open("Stay on a channel")
    (action,) = walk.press("down down ok")
    assert isinstance(action, Say)
    assert isinstance(action.body, LockChannel)
    assert str(action.body.channel) == "3"
    assert isinstance(walk.stack.top, Menu)
    walk.state.mode = "locked"
    (action,) = walk.open("Visit all channels")
    assert isinstance(action, Say)
    assert isinstance(action.body, UnlockChannel)


def test_the_menu_s_commands(walk: Walk) -> None:
    assert walk.open("Reload settings") == [Say(ReloadSettings(reason="asked for on the screen"))]
    walk.open("Restart a module")
    assert walk.press("down ok") == [Say(RestartModule(module="watcher", reason="asked for on the screen"))]
    assert walk.open("Turn the picture") == [Set("rotation", 180.0)]
    walk.state.rotation = 180
    assert walk.open("Turn the picture") == [Set("rotation", 0.0)]


def test_brightness_goes_from_dim_to_full_and_never_dark(walk: Walk) -> None:
    walk.open("Brightness")
    level = 1.0
    for _ in range(15):
        (action,) = walk.press("left")
        assert isinstance(action, Set)
        level = walk.state.brightness = action.value
    assert level == pytest.approx(0.1)
    assert walk.press("right") == [Set("brightness", 0.2)]
    walk.press("ok")
    assert isinstance(walk.stack.top, Menu)


def offer(name: str, owner: str, place: Place = Place()) -> ScreenOffer:  # noqa: B008  # it is immutable
    return ScreenOffer(name, lambda: MessageScreen(name.lower(), "low at noon"), place, (), owner)


def test_a_module_brings_a_screen_and_a_line() -> None:
    offers = ScreenOffers()
    offers.add(offer("Tides", "tides"))
    entry = MenuEntry(lambda _: "Record", lambda _: [Say(UnlockChannel())])
    offers.add(ScreenOffer("recorder", lambda: entry, Place(Section.RADIO, 90), (), "recorder", is_entry=True))
    walk = Walk(scene.usual(), offers)
    walk.open("Tides")
    assert walk.title == "tides"
    assert walk.open("Record") == [Say(UnlockChannel())]
    offers.drop("tides")
    walk.press("back:long menu")
    assert "Tides" not in walk.lines()
    assert "Record" in walk.lines()


def test_a_line_stands_where_its_place_says() -> None:
    offers = ScreenOffers()
    offers.add(offer("Tides", "tides", Place(Section.LOOK, 15)))
    offers.add(offer("Moon", "tides"))
    offers.add(offer("Currents", "tides"))
    offers.add(offer("Erase", "tides", Place(Section.DEVICE, 99)))
    walk = Walk(scene.usual(), offers)
    walk.press("menu")
    lines = walk.lines()
    assert lines[:3] == ["Access points", "Tides", "Stations"]
    assert lines[lines.index("System") + 1 :][:3] == ["Currents", "Moon", "Stay on a channel"]
    assert lines[-1] == "Erase"


@pytest.mark.parametrize("is_entry", [True, False])
def test_what_is_no_screen_and_no_entry_is_told(is_entry: bool) -> None:
    offers = ScreenOffers()
    offers.add(ScreenOffer("Tides", object, Place(), (), "tide_tables", is_entry=is_entry))
    walk = Walk(scene.usual(), offers)
    walk.open("Tides")
    assert isinstance(walk.stack.top, MessageScreen)
    assert "module tide_tables offers object" in walk.stack.top.text


def test_two_modules_cannot_have_one_name() -> None:
    offers = ScreenOffers()
    offers.add(offer("Tides", "tides"))
    offers.add(offer("Tides", "tides"))
    with pytest.raises(ValueError, match="already tides's"):
        offers.add(offer("Tides", "other"))


def test_the_board_is_ended_only_where_something_does_it(walk: Walk) -> None:
    walk.press("menu")
    assert {"Reboot", "Shut down"} < set(walk.lines())
    walk.state.features = frozenset({"reboot"})
    assert "Reboot" in walk.lines()
    assert "Shut down" not in walk.lines()


def test_channels_turn_through_bands_and_measures(walk: Walk) -> None:
    walk.press("down ok")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.title(walk.state) == "2.4 GHz"
    walk.press("right down")
    assert (walk.stack.top.view.title(walk.state), walk.stack.top.view.note(walk.state)) == ("5 GHz", "frames")
    walk.press("right")
    assert (walk.stack.top.view.title(walk.state), walk.stack.top.view.note(walk.state)) == ("6 GHz", "frames")
    walk.press("ok")
    assert walk.title == "stay on channel"


def test_the_tile_of_a_trouble_names_it(walk: Walk) -> None:
    walk.state.modules = scene.alarmed().modules
    walk.press("left ok")
    assert isinstance(walk.stack.top, MessageScreen)
    assert walk.title == "buttons"
    assert walk.stack.top.text.startswith("degraded\nkey left bounces")


def test_several_troubles_are_listed_first(walk: Walk) -> None:
    trouble = scene.module("gps", "waiting", "no receiver")
    walk.state.modules = (*scene.alarmed().modules, trouble)
    walk.press("left ok")
    assert isinstance(walk.stack.top, Page)
    assert walk.stack.top.view.title(walk.state) == "MODULES"
    walk.press("down ok")
    assert walk.title == "gps"
    walk.press("back back back")
    walk.state.modules = scene.MODULES
    walk.press("ok")
    assert walk.title == "system"


def test_a_long_text_scrolls_to_its_end_and_not_further(walk: Walk) -> None:
    walk.stack.push(MessageScreen("long", "word " * 60))
    first = walk.look()
    walk.press("down " * 100)
    last = walk.look()
    assert last != first
    walk.press("up")
    assert walk.look() != last
    walk.press("up " * 100)
    assert walk.look() == first


@pytest.mark.parametrize(
    ("size", "times"), [((128, 64), 1), ((128, 128), 1), ((240, 240), 2), ((240, 135), 2), ((320, 240), 2), ((1, 1), 1)]
)
def test_a_panel_of_many_pixels_shows_larger_ones(size: tuple[int, int], times: int) -> None:
    screen, state = MessageScreen("keys", "up, down: move"), scene.usual()
    picture = drawn(screen, state, size)
    assert picture.size == size
    small = screen.draw(state, (size[0] // times, size[1] // times))
    assert (
        picture.crop((0, 0, small.width * times, small.height * times)).resize(small.size, 0).tobytes()
        == small.tobytes()
    )


def test_lines_of_east_asia_do_not_touch() -> None:
    """Between two rows of a list, each as high as it can be, there is a line without light."""
    state = scene.hostile()
    page = access_points_page()
    for _ in range(5):
        page.key("down", "short", state)
    state.now += 60
    for size in ((128, 64), (120, 120), (128, 128)):
        picture = page.draw(state, size)
        names = picture.crop((12, HEAD, 60, size[1]))
        rows = [names.crop((0, y, names.width, y + 1)).getbbox() is None for y in range(names.height)]
        assert sum(rows) >= names.height // 12 - 1

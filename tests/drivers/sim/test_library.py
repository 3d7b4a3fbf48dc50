from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.drivers.sim import library
from whimbrel.drivers.sim.security import SECURITY
from whimbrel.settings.problems import ConfigError


def test_the_scenes_that_come_along_can_be_read() -> None:
    assert library.names() == ["attack", "cafe", "campus", "day", "home"]
    for name in library.names():
        scene = library.load(name)
        assert scene.about
        assert scene.radios
        assert scene.stations
    assert not library.load("home").incidents
    assert not library.load("cafe").incidents
    assert not library.load("day").incidents
    assert library.load("day").happenings
    assert library.load("attack").incidents


def test_between_them_they_show_every_kind_of_security() -> None:
    shown = {n.security for name in library.names() for radio in library.load(name).radios for n in radio.networks}
    assert set(SECURITY) - shown <= {"wpa2-psk-pmf-required", "wpa2-enterprise"}


def test_a_scene_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("about: mine\n")
    assert library.load(str(path)).about == "mine"


def test_a_scene_that_is_not_there_says_which_are() -> None:
    with pytest.raises(FileNotFoundError, match=r"'hmoe' is neither a file nor one of attack, cafe, campus, day, home"):
        library.load("hmoe")


def test_a_scene_that_is_no_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"about: \xff")
    with pytest.raises(OSError, match="not UTF-8 at octet 7"):
        library.load(str(path))


def radio(more: str, networks: str = "{ssid: x}") -> str:
    return f"radios:\n  - {{name: a, channel: 1, position: [0, 0], networks: [{networks}], {more}}}"


@pytest.mark.parametrize(("text", "place", "said"), [
    ("colour: red", "f.yaml:1", "unknown name colour"),
    (radio("band: 5, generation: vht"), "f.yaml:2", "1 is no 20 MHz channel of the 5 GHz"),
    ("radios: [{name: a, channel: 1, position: [0], networks: [{ssid: x}]}]", "f.yaml:1", "two numbers"),
    (radio("power: 1", ""), "f.yaml:2", "one to eight networks"),
    (radio("band: 6"), "f.yaml:2", "only he works"),
    (radio("width: 80"), "f.yaml:2", "not 80 MHz wide"),
    (radio("vendor: zz"), "f.yaml:2", "aa:bb:cc"),
    (radio("country: de"), "f.yaml:2", "two capital letters"),
    (radio("power: 1", "{ssid: x, security: wpa4}"), "f.yaml:2", "wpa4"),
    (radio("neighbours: [b]"), "f.yaml:1", "neighbour 'b'"),
    ("stations:\n\n  - {name: s, network: nowhere}", "f.yaml:1", "nowhere"),
    ("stations: [{name: s, rooms: [[1, 1]]}]", "f.yaml:1", "one room is no walk"),
    ("incidents:\n  - {kind: karma}", "f.yaml:2", "at"),
    ("incidents: [{kind: evil-twin, at: 1s}]", "f.yaml:1", "needs a target"),
    ("incidents: [{kind: evil-twin, at: 1s, target: x}]", "f.yaml:1", "which no radio has"),
    ("incidents: [{kind: karma, at: 1s, lasts: 10s, every: 5s}]", "f.yaml:1", "overlap itself"),
    ("incidents: [{kind: smoke, at: 1s}]", "f.yaml:1", "smoke"),
    ("happenings: [{kind: restart, at: 1s}]", "f.yaml:1", "restart needs a radio or a network"),
    ("happenings: [{kind: crash, at: 1s, radio: b}]", "f.yaml:1", "which is no radio here"),
    ("happenings: [{kind: idle, at: 1s, network: b}]", "f.yaml:1", "which no radio has"),
])  # fmt: skip
def test_a_mistake_is_said_with_its_place(text: str, place: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        library.parse(text, "f.yaml")
    assert place in str(caught.value)
    assert said in str(caught.value)


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        library.parse("colour: red\nbeacon_interval: 3\n", "f.yaml")
    assert [problem.line for problem in caught.value.problems] == [1, 2]

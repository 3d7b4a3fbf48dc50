"""Settings classes: every type that a setting can have, every mistake at its place, everything written reads back."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.events.base import Level
from whimbrel.settings import Duration, Mac, Size, Ssid, frozen, setting, validates
from whimbrel.settings.classes import settings_codec
from whimbrel.settings.codecs import INVALID, SettingsReading
from whimbrel.settings.nodes import compose
from whimbrel.wifi.channels import Channel


class Driver(enum.Enum):
    LINUX = "linux"
    SIM = "sim"


@frozen
class Range:
    low: int = setting(1, help="First.")
    high: int = setting(9, help="Last.")

    def check(self) -> None:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")


@frozen
class Rule:
    kind: str = setting(help="What it is about.")
    dwell: Duration = setting(Duration(1.0), low=0.1, high=60, help="How long.")


@frozen
class Everything:
    on: bool = setting(True, help="Whether.")
    number: int = setting(5, low=1, high=64, help="How many.")
    ratio: float = setting(0.5, low=0, help="What part.")
    name: str = setting("NO", help="What it is called.")
    dwell: Duration = setting(Duration(0.25), low=0.05, high=3600, help="How long.")
    room: Size = setting(Size(65536), low=1024, help="How much.")
    bssid: Mac | None = setting(None, help="Whose.")
    ssids: frozenset[Ssid] = setting(frozenset(), help="Names.")
    file: Path = setting(Path("/dev/null"), help="Where.")
    channels: tuple[Channel, ...] = setting((Channel(2437),), help="Channels.")
    driver: Driver = setting(Driver.SIM, help="Which.")
    level: Level = setting(Level.NOTICE, help="How important.")
    mode: Literal["auto", "off"] | int = setting("auto", help="A number, or not.")
    pinned: Annotated[str, "with more about it"] = setting("a", choices=("a", "b", "10"), help="One of these.")
    levels: Mapping[str, Level] = setting(factory=dict, help="By kind.")
    weights: list[float] = setting(factory=list, low=0.0, high=1.0, help="Of each.")
    rules: tuple[Rule, ...] = setting((), help="What to do.")
    range: Range = setting(factory=Range, help="From where to where.")
    extra: Range | None = setting(None, help="Another.")
    port: int = setting(80, help="Even.")

    @validates("port")
    def _check_port(self, port: int) -> None:
        if port % 2:
            raise ValueError(f"expected an even number, found {port}")

    @validates("levels")
    def _check_levels(self, levels: Mapping[str, Level]) -> None:
        for kind in levels:
            if kind == "alert":
                raise ValueError("levels.alert: an alert cannot be changed")


def read(text: str, cls: type = Everything) -> tuple[Any, list[str]]:
    node, problems = compose(text, "f")
    assert node is not None
    assert not problems
    reading = SettingsReading("f")
    value = settings_codec(cls).read(node, "top", reading)
    assert (value is INVALID) == bool(reading.problems)
    return value, [str(problem) for problem in reading.problems]


def test_nothing_said_is_the_defaults() -> None:
    assert read("{}") == (Everything(), [])
    assert read("~") == (Everything(), [])


def test_every_type_is_read() -> None:
    value, problems = read(
        """\
on: no
number: 0x10
ratio: 2
name: NO
dwell: 2s
room: 4MiB
bssid: 11:22:33:44:55:66
ssids: [home, "hex:ff"]
file: /tmp/x
channels: [1, 36/80]
driver: linux
level: warning
mode: off
pinned: 10
levels: {radio-blind: emergency}
weights: [0, 0.5]
rules: [{kind: probe}, {kind: ssid, dwell: 1min}]
range: {low: 3}
extra: {}
port: 8080
"""
    )
    assert problems == []
    assert value == Everything(
        on=False,
        number=16,
        ratio=2.0,
        name="NO",
        dwell=Duration(2.0),
        room=Size(4 << 20),
        bssid=Mac(bytes.fromhex("112233445566")),
        ssids=frozenset({Ssid(b"home"), Ssid(b"\xff")}),
        file=Path("/tmp/x"),
        channels=(Channel(2412), Channel(5180, 80, 5210)),
        driver=Driver.LINUX,
        level=Level.WARNING,
        mode="off",
        pinned="10",
        levels={"radio-blind": Level.EMERGENCY},
        weights=[0.0, 0.5],
        rules=(Rule("probe"), Rule("ssid", Duration(60.0))),
        range=Range(3, 9),
        extra=Range(),
        port=8080,
    )


# What is written, and what is said of it.
MISTAKES = [
    ("on: 1", "1:5: top.on: expected true or false, found 1 (write true or false)"),
    ('on: "yes"', '1:5: top.on: expected true or false, found the text "yes" (remove the quotes)'),
    ("number: 65", "1:9: top.number: expected a whole number from 1 to 64, found 65"),
    ("number: ten", "1:9: top.number: expected a whole number from 1 to 64, found ten"),
    ("number: '5'", '1:9: top.number: expected a whole number from 1 to 64, found the text "5" (remove the quotes)'),
    ("number: [5]", "1:9: top.number: expected a whole number from 1 to 64, found a list"),
    ("number:", "1:1: top.number: expected a whole number from 1 to 64, found nothing"),
    ("ratio: -1", "1:8: top.ratio: expected a number of at least 0, found -1"),
    ("name: null", "1:1: top.name: expected text, found nothing (in quotes, if that text is meant)"),
    ("name: {a: b}", "1:7: top.name: expected text, found a mapping"),
    (
        "dwell: 250",
        "1:8: top.dwell: expected a duration from 50ms to 1h, found 250 (give the unit: 250ms, 250s, 250min)",
    ),
    ("dwell: 10ms", "1:8: top.dwell: expected a duration from 50ms to 1h, found 10ms"),
    ("room: 1B", "1:7: top.room: expected a size of at least 1KiB, found 1B"),
    ("bssid: 5", "1:8: top.bssid: expected an address such as aa:bb:cc:dd:ee:ff or null, found 5 (six pairs of"),
    (
        "channels: 6",
        "1:11: top.channels: expected a list, each a channel such as 36/80, found 6 ([6] is a list of one)",
    ),
    (
        "channels:",
        "1:1: top.channels: expected a list, each a channel such as 36/80, found nothing ([] is an empty list)",
    ),
    ("channels: [1, 15]", "1:15: top.channels[1]: expected a channel such as 36/80, found 15 (15 is not a channel of"),
    ("driver: linus", "1:9: top.driver: expected linux or sim, found linus (did you mean linux?)"),
    ("mode: on", "1:7: top.mode: expected auto or off or a whole number such as 10, found on"),
    ("pinned: c", "1:9: top.pinned: expected one of a, b, 10, found c"),
    ("pinned: ~", "1:1: top.pinned: expected one of a, b, 10, found nothing"),
    (
        "levels: [a]",
        "1:9: top.levels: expected keys (text) with values, each one of emergency, alert, critical, error,",
    ),
    ("levels: {alert: info}", "1:10: top.levels.alert: an alert cannot be changed"),
    ("weights: [0.5,\n 2]", "2:2: top.weights[1]: expected a number from 0 to 1, found 2"),
    ("rules: [{}]", "1:9: top.rules[0].kind: expected text, found nothing (it must be given)"),
    ("rules: [{kind: a, dwel: 1s}]", "1:19: top.rules[0].dwel: expected a setting, found the unknown name dwel (did"),
    ("range: 5", "1:8: top.range: expected settings by name (low, high), found 5"),
    ("range:\n  low: 10", "1:1: top.range: low 10 is above high 9"),
    ("extra: {low: x}", "1:14: top.extra.low: expected a whole number such as 10, found x"),
    ("port: 81", "1:1: top.port: expected an even number, found 81"),
    ("prot: 8080", "1:1: top.prot: expected a setting, found the unknown name prot (did you mean port?)"),
    ("'': 1", "1:1: top.: expected a setting, found the unknown name (empty)"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_a_mistake_is_said_where_it_is(text: str, said: str) -> None:
    value, problems = read(text)
    assert value is INVALID
    assert len(problems) == 1
    assert problems[0].startswith(f"f:{said}")


def test_a_mistake_does_not_hide_another() -> None:
    _, problems = read("number: 0\nport: 3\nrange: {low: z, hig: 1}\nrules: [{dwell: 1}]\n")
    assert [problem.split(": ")[1] for problem in problems] == [
        "top.number",
        "top.range.low",
        "top.range.hig",
        "top.rules[0].dwell",
        "top.rules[0].kind",
        "top.port",
    ]


def test_what_is_found_cannot_forge_a_line_or_flood_it() -> None:
    _, (problem,) = read('number: "\\n\\e[31m\\u202e' + "x" * 500 + '"')
    assert "\n" not in problem
    assert "\x1b" not in problem
    assert "\u202e" not in problem
    assert len(problem) < 250


@frozen
class Unsupported:
    what: complex = setting(0j, help="No such type.")


@frozen
class Unresolved:
    what: NoSuchType = setting(None, help="No such name.")  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize("cls", [Unsupported, Unresolved])
def test_a_type_that_settings_cannot_have_is_the_classs_fault(cls: type) -> None:
    with pytest.raises(TypeError, match=rf"{cls.__name__}.what: "):
        read("what: 1", cls)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
RULES = st.builds(Rule, TEXTS, st.floats(0.1, 60).map(Duration))
RANGES = st.builds(Range, st.integers(-5, 5), st.integers(5, 9))
EVERYTHING = st.builds(
    Everything,
    on=st.booleans(),
    number=st.integers(1, 64),
    ratio=st.floats(0, allow_infinity=False),
    name=TEXTS,
    dwell=st.floats(0.05, 3600).map(Duration),
    room=st.integers(1024, 1 << 40).map(Size),
    bssid=st.none() | st.binary(min_size=6, max_size=6).map(Mac),
    ssids=st.frozensets(st.binary(max_size=32).map(Ssid)),
    file=st.just(Path("a b/c#d")),
    channels=st.lists(st.sampled_from([Channel(2412), Channel(5180, 80, 5210)])).map(tuple),
    driver=st.sampled_from(Driver),
    level=st.sampled_from(Level),
    mode=st.sampled_from(["auto", "off"]) | st.integers(-9, 9),
    pinned=st.sampled_from(["a", "b", "10"]),
    levels=st.dictionaries(TEXTS.filter(lambda text: text != "alert"), st.sampled_from(Level)),
    weights=st.lists(st.floats(0, 1)),
    rules=st.lists(RULES, max_size=3).map(tuple),
    range=RANGES,
    extra=st.none() | RANGES,
    port=st.integers(0, 99).map(lambda number: number * 2),
)


@given(EVERYTHING)
def test_what_is_written_reads_back_to_the_same_settings(value: Everything) -> None:
    text = settings_codec(Everything).write(value)
    assert "\n" not in text
    assert read(text) == (value, [])

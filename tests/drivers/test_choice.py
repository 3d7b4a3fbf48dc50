"""Settings that follow from the registry of drivers."""

from __future__ import annotations

from importlib import metadata
from typing import Any, cast

import pytest
from tests.lab.fresh import fresh

from whimbrel.display.settings import DisplaySettings
from whimbrel.drivers.choice import DriverSettings, choice, chooses
from whimbrel.drivers.registry import KEYPADS, PANELS, SOURCES, TUNERS, Driver, Port, settings_class
from whimbrel.modules.buttons import ButtonsSettings
from whimbrel.modules.sniffer import SnifferSettings
from whimbrel.settings import frozen, setting, settings_of
from whimbrel.settings.classes import settings_codec
from whimbrel.settings.codecs import INVALID, SettingsReading
from whimbrel.settings.nodes import compose


@frozen
class WideSettings:
    """How wide it is."""

    width: int = setting(3, low=1, help="Pixels.")


@frozen
class StrictSettings:
    """The expected message."""

    place: str = setting(help="Where it is.")


LAMPS = Port[Any](
    "lamp",
    "lamp",
    Driver(name="wide", target=f"{__name__}:WideSettings", settings=f"{__name__}:WideSettings", help="a wide one"),
    Driver(name="none", target=f"{__name__}:WideSettings", help="no lamp"),
)


@chooses(driver=LAMPS)
class LampSettings(DriverSettings):
    """A lamp."""

    driver: str = choice(LAMPS, "none", help="What shines", both="two of them")
    rate: float = setting(2.0, help="How often.")


ROUND = Driver(name="round", target=f"{__name__}:WideSettings", settings=f"{__name__}:WideSettings", help="round")
NOT_ROUND = Driver(name="other", target=f"{__name__}:WideSettings", help="under another name")
STRICT = ROUND.replace(name="strict", settings=f"{__name__}:StrictSettings")
NO_SETTINGS = ROUND.replace(name="bare", settings="")
ABSENT = ROUND.replace(name="absent", target="whimbrel.no_such:Lamp")
LOST = ROUND.replace(name="lost", settings="whimbrel.no_such:Settings")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate an installed package with lamps."""

    def entry_points(group: str, name: str) -> list[metadata.EntryPoint]:
        values = {
            "round": "ROUND",
            "strict": "STRICT",
            "square": "NOT_ROUND",
            "gone": "NO",
            "bare": "NO_SETTINGS",
            "lost": "LOST",
            "absent": "ABSENT",
        }
        port, _, driver = name.partition(".")
        if (group, port) != ("whimbrel.drivers", "lamp") or driver not in values:
            return []
        return [metadata.EntryPoint(name, f"{__name__}:{values[driver]}", group)]

    monkeypatch.setattr(metadata, "entry_points", entry_points)


def read(text: str) -> tuple[Any, list[str]]:
    node, _ = compose(text, "f")
    reading = SettingsReading("f")
    assert node is not None
    return settings_codec(cast("Any", LampSettings)).read(node, "lamp", reading), list(map(str, reading.problems))


def test_the_names_and_the_sections_follow_from_the_entries() -> None:
    assert list(settings_of(LampSettings)) == ["driver", "wide", "rate"]
    fields = settings_of(LampSettings)
    assert fields["driver"].metadata["choices"] == ("wide", "none", "both")
    assert fields["driver"].metadata["help"] == "What shines: wide, a wide one; none, no lamp; both, two of them."
    assert fields["wide"].metadata["help"] == "For driver: wide. How wide it is."
    assert LampSettings().section("driver") is None
    assert LampSettings(driver="wide", wide=WideSettings(width=9)).section("driver").width == 9
    assert LampSettings().replace(rate=3.0) == LampSettings(rate=3.0)


@pytest.mark.parametrize(
    ("cls", "ports"),
    [
        (SnifferSettings, {"source": SOURCES, "tuner": TUNERS}),
        (ButtonsSettings, {"driver": KEYPADS}),
        (DisplaySettings, {"driver": PANELS}),
    ],
)
def test_every_driver_is_allowed_and_has_its_section(cls: Any, ports: dict[str, Port[Any]]) -> None:
    fields = settings_of(cls)
    for key, port in ports.items():
        assert set(port.drivers) <= set(fields[key].metadata["choices"])
        for name, driver in port.drivers.items():
            section = settings_class(driver)
            if section is not None:
                assert isinstance(getattr(cls(), name), section)


def test_two_sections_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two settings are called wide"):

        @chooses(one=LAMPS, other=LAMPS)
        class Twice(DriverSettings):
            one: str = choice(LAMPS, "none", help="One")
            other: str = choice(LAMPS, "none", help="Another")


def test_it_is_read_with_the_sections_of_the_project() -> None:
    made, problems = read("{driver: wide, wide: {width: 5}}")
    assert (made, problems) == (LampSettings(driver="wide", wide=WideSettings(width=5)), [])
    made, problems = read("{driver: wyde}")
    assert made is INVALID
    assert "lamp.driver: expected one of wide, none, both, found wyde (did you mean wide?)" in problems[0]


@pytest.mark.usefixtures("installed")
def test_a_driver_of_another_package_brings_its_section() -> None:
    made, problems = read("{driver: round, round: {width: 7}, rate: 4}")
    assert problems == []
    assert isinstance(made, LampSettings)
    assert (made.driver, made.rate, made.section("driver")) == ("round", 4.0, WideSettings(width=7))
    again, _ = read("{driver: round, round: {width: 7}, rate: 4}")
    assert made == again
    assert read("{driver: round}")[0] != made
    written = settings_codec(cast("Any", made).__class__).write(made)
    assert read(written) == (made, [])
    assert read("{driver: bare}")[0].section("driver") is None


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{driver: round, round: {width: 0}}", "lamp.round.width: expected a whole number of at least 1, found 0"),
        ("{driver: round, rownd: {}}", "lamp.rownd: expected a setting, found the unknown name rownd (did you mean"),
        ("{driver: strict}", "lamp.strict: expected settings by name (place), found nothing (it must be given)"),
        ("{driver: strict, strict: {}}", "lamp.strict.place: expected text, found nothing (it must be given)"),
        ("{driver: wide, round: {}}", "lamp.round: expected a setting, found the unknown name round"),
        ("{driver: square}", "is no whimbrel.drivers.registry.Driver of the name 'square'"),
        (
            "{driver: gone}",
            "lamp.driver: expected a driver that can be loaded, found tests.drivers.test_choice:NO",
        ),
        ("{driver: lost}", "lamp.driver: expected a driver whose settings can be loaded, found whimbrel.no_such"),
        ("{driver: absent}", "lamp.driver: expected a driver that can be loaded, found whimbrel.no_such"),
        ("{driver: moon}", "lamp.driver: expected one of wide, none, both, found moon"),
    ],
)
def test_mistakes_are_told_at_their_line(text: str, said: str) -> None:
    made, problems = read(text)
    assert made is INVALID
    assert said in problems[0]


def test_what_is_installed_is_not_asked_for_the_projects_own() -> None:
    script = (
        "import sys\nfrom whimbrel.config import defaults\ndefaults()\n"
        "from whimbrel.modules import buttons, display\nfrom whimbrel.settings.classes import settings_codec\n"
        "from whimbrel.settings.nodes import compose\nfrom whimbrel.settings.codecs import SettingsReading\n"
        "node, _ = compose('{driver: none}', '')\n"
        "for cls in (buttons.ButtonsSettings, display.DisplaySettings):\n"
        "    assert settings_codec(cls).read(node, '', SettingsReading('')).driver == 'none'\n"
        "print('importlib.metadata' in sys.modules)"
    )
    assert fresh(script).stdout == "False\n"

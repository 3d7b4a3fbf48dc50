"""``config/whimbrel.yaml`` is generated, contains every key, and changes nothing until a # is removed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whimbrel.config import defaults, effective, load, loads
from whimbrel.config.document import document
from whimbrel.config.loader import SECTIONS
from whimbrel.config.registry import BUILT_IN, DEFAULT_MODULES, find_module
from whimbrel.module import Module
from whimbrel.settings import Duration, frozen, setting
from whimbrel.settings.classes import settings_codec

FILE = Path(__file__).resolve().parents[2] / "config" / "whimbrel.yaml"


def uncommented(text: str) -> str:
    """Remove the # before every setting, as a reader would for one."""
    return re.sub(r"^( *)#(?=\S)", r"\1", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def made() -> str:
    return document({name: find_module(name) for name in BUILT_IN})


def test_the_file_is_what_the_code_makes(made: str) -> None:
    assert FILE.read_text(encoding="utf-8") == made, "run: python -m whimbrel.config.document > config/whimbrel.yaml"


def test_the_file_changes_nothing_as_it_is(made: str) -> None:
    assert loads(made, "whimbrel.yaml") == defaults()


@pytest.mark.parametrize("path", sorted(FILE.parent.glob("*.yaml")), ids=lambda path: path.name)
def test_every_settings_file_of_the_project_is_right(path: Path) -> None:
    assert load(path).path == path


def test_every_default_that_it_shows_is_the_default(made: str) -> None:
    shown = {row.path: row for row in effective(loads(uncommented(made), "whimbrel.yaml"))}
    meant = {row.path: row.text for row in effective(defaults())}
    assert {path: shown[path].text for path in meant if path in shown} == {p: t for p, t in meant.items() if p in shown}
    # A section that is left out unless it is given shows its keys instead of null.
    assert all(meant[path] == "null" for path in meant.keys() - shown.keys())
    assert all(row.origin.startswith("whimbrel.yaml:") for row in shown.values())


def classes_of_settings() -> list[type]:
    return [*SECTIONS.values(), *(find_module(name).Settings for name in BUILT_IN)]


def test_every_setting_has_a_sentence_and_no_line_is_too_long(made: str) -> None:
    waiting = classes_of_settings()
    while waiting:
        cls = waiting.pop()
        codec = settings_codec(cls)
        for name, attribute in codec.attributes.items():
            assert attribute.metadata.get("help", "").endswith("."), (
                f"{cls.__qualname__}.{name} has no sentence of help"
            )
            waiting += [inner.cls for inner in [codec.codec(name)] if isinstance(inner, type(codec))]
    assert max(map(len, made.splitlines())) <= 120


def test_the_default_modules_are_on() -> None:
    assert list(loads("").modules) == list(DEFAULT_MODULES)


@frozen
class CanSettings:
    size: int = setting(help="How big.", low=1)


@frozen
class RuleSettings:
    kind: str = setting(help="What it is about.")
    every: Duration = setting(Duration(1.0), help="How often.")


@frozen
class KettleSettings:
    lid: bool = setting(True, help="Whether it has one.")
    can: CanSettings | None = setting(None, help="What comes with it.")
    rules: tuple[RuleSettings, ...] = setting((), help="What it does.")


class Kettle(Module[KettleSettings]):
    """Boils `water`.

    More about it.
    """

    Settings = KettleSettings


def test_what_a_module_of_another_package_gets() -> None:
    assert document({"kettle": Kettle}).partition("modules:\n")[2] == (
        "\n"
        "  # Boils water.\n"
        "  #kettle:\n"
        "    # Whether it has one.\n"
        "    #lid: true\n"
        "\n"
        "    # What comes with it. Unset by default.\n"
        "    #can:\n"
        "      # How big. Must be given. (a whole number of at least 1)\n"
        "      #size:\n"
        "\n"
        "    # What it does. (a list, each settings by name (kind, every))\n"
        "    #   - kind: What it is about. (text)\n"
        "    #   - every: How often. (a duration such as 250ms)\n"
        "    #rules: []\n"
        "...\n"
    )

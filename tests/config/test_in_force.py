"""The settings in force: each with its origin, and as YAML that loads back to the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whimbrel.config import Changes, Configuration, changes, effective, loads, registry, to_yaml
from whimbrel.config.schema import BusSettings, DaemonSettings
from whimbrel.module import Module
from whimbrel.settings import Duration, frozen, setting


@frozen
class TideSettings:
    height: float = setting(1.5, help="Metres.")
    every: Duration | None = setting(Duration(44700.0), help="How often.")


@frozen
class ShoreSettings:
    name: str = setting("null", help="What it is called.")
    birds: tuple[str, ...] = setting(("knot",), help="Who is there.")
    tide: TideSettings = setting(factory=TideSettings, help="The water.")
    spring: TideSettings | None = setting(None, help="More water.")


class Shore(Module[ShoreSettings]):
    """A place."""

    Settings = ShoreSettings


class Sea(Module[None]):
    """Nothing to set."""


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "BUILT_IN", {"shore": f"{__name__}:Shore", "sea": f"{__name__}:Sea"})


TEXT = """\
bus: {capacity: 64}
modules:
  sea:
  shore:
    birds: [knot, "yes", 'a, b']
    tide:
      every: null
"""


def test_every_setting_has_its_value_and_its_origin() -> None:
    rows = [tuple(row) for row in effective(loads(TEXT, "f.yaml")) if not row.path.startswith("daemon.")]
    assert rows == [
        ("bus.capacity", "64", "f.yaml:1"),
        ("reach.socket", "null", "default"),
        ("reach.retry", "1s", "default"),
        ("modules.shore.name", '"null"', "default"),
        ("modules.shore.birds", '[knot, "yes", "a, b"]', "f.yaml:5"),
        ("modules.shore.tide.height", "1.5", "default"),
        ("modules.shore.tide.every", "null", "f.yaml:7"),
        ("modules.shore.spring", "null", "default"),
    ]


def test_the_yaml_of_it_says_the_same() -> None:
    written = to_yaml(loads(TEXT, "f.yaml"))
    assert written.partition("bus:")[2] == (
        "\n"
        "  capacity: 64  # f.yaml:1\n"
        "reach:\n"
        "  socket: null  # default\n"
        "  retry: 1s  # default\n"
        "modules:\n"
        "  sea: {}\n"
        "  shore:\n"
        '    name: "null"  # default\n'
        '    birds: [knot, "yes", "a, b"]  # f.yaml:5\n'
        "    tide:\n"
        "      height: 1.5  # default\n"
        "      every: null  # f.yaml:7\n"
        "    spring: null  # default\n"
        "...\n"
    )


def test_a_file_name_cannot_forge_a_line() -> None:
    configuration = loads("bus: {capacity: 64}\nmodules: {sea: }", "a\nbus: {capacity: 65}\x1b")
    assert loads(to_yaml(configuration)) == configuration


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TIDES = st.builds(TideSettings, st.floats(-9, 9), st.none() | st.floats(0, 1e6).map(Duration))
SHORES = st.builds(ShoreSettings, NAMES, st.lists(NAMES, max_size=3).map(tuple), TIDES, st.none() | TIDES)
NOTHING = Sea.Settings()
MODULES = st.fixed_dictionaries({}, optional={"shore": SHORES, "sea": st.just(NOTHING)}).filter(bool)
DAEMONS = st.builds(DaemonSettings, retry=st.floats(0.05, 1e5).map(Duration), give_up=st.integers(1, 99))
CONFIGURATIONS = st.builds(
    lambda daemon, capacity, modules: Configuration(
        None, "x", daemon, BusSettings(capacity), modules, {n: {"shore": Shore, "sea": Sea}[n] for n in modules}, {}
    ),
    DAEMONS,
    st.integers(1, 1_000_000),
    MODULES,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(CONFIGURATIONS)
def test_what_is_printed_loads_back_to_the_same(configuration: Configuration) -> None:
    assert loads(to_yaml(configuration)) == configuration
    assert changes(configuration, loads(to_yaml(configuration))) == Changes((), (), (), ())


def test_what_changes_between_two_files() -> None:
    old = loads("modules: {shore: {tide: {height: 2}}}\n")
    assert changes(old, loads("# moved\n\nmodules:\n  shore:\n    tide:\n      height: 2.0\n")) == Changes(
        (), (), (), ()
    )
    assert changes(old, loads("daemon: {retry: 9s}\nmodules: {shore: {tide: {height: 3}}, sea: }")) == Changes(
        added=("sea",), removed=(), changed=("shore",), sections=("daemon",)
    )
    assert changes(old, loads("bus: {capacity: 9}\nmodules: {sea: }")) == Changes(
        added=("sea",), removed=("shore",), changed=(), sections=("bus",)
    )


def test_the_api_is_where_the_package_says(tmp_path: Path) -> None:
    modules = "[name for name in c.__all__ if type(getattr(c, name)) is types.ModuleType]"
    code = f"import types, whimbrel.config as c; print({modules}); c.nix"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert run.stdout == "[]\n"
    assert "has no attribute 'nix'" in run.stderr

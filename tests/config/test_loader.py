"""Loading a file: every kind of mistake with its line, the modules, the checks of the machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whimbrel.config import loader, registry
from whimbrel.config.loader import MAX_OCTETS, check, defaults, load, loads
from whimbrel.config.schema import BusSettings, DaemonSettings
from whimbrel.module import Module, NoSettings
from whimbrel.settings import Duration, frozen, setting
from whimbrel.settings.problems import MOST_PROBLEMS, ConfigError, Problem

GOLDEN = Path(__file__).parent / "golden"


@frozen
class TunerSettings:
    channels: tuple[int, ...] = setting((1, 6, 11), help="Channels.")
    dwell: Duration = setting(Duration(0.25), low=0.05, help="How long.")


@frozen
class RadioSettings:
    interface: str = setting("wlan1", help="Which.")
    tuner: TunerSettings = setting(factory=TunerSettings, help="Where it listens.")


class Radio(Module[RadioSettings]):
    """Listens."""

    Settings = RadioSettings

    @classmethod
    def check(cls, settings: RadioSettings) -> Iterable[str | tuple[str, str]]:
        if settings.interface == "broken":
            raise OSError("no netlink")
        if settings.interface != "wlan1":
            yield "interface", f"there is no interface {settings.interface}"
        if 14 in settings.tuner.channels:
            yield "tuner.channels[0]", "channel 14 is not allowed here"
        if settings.tuner.dwell > 9:
            yield "it is bored"


class Printer(Module[NoSettings]):
    """Prints."""


@frozen
class OddSettings:
    what: complex = setting(0j, help="No type for a setting.")


class Odd(Module[OddSettings]):
    """A module with a mistake."""

    Settings = OddSettings


class Odder(Module[int]):
    """A module with more mistakes."""

    Settings = int


NOT_A_MODULE = 5


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    built_in = {
        "radio": f"{__name__}:Radio",
        "printer": f"{__name__}:Printer",
        "odd": f"{__name__}:Odd",
        "odder": f"{__name__}:Odder",
        "number": f"{__name__}:NOT_A_MODULE",
        "absent": "whimbrel.no_such_module:Absent",
    }
    monkeypatch.setattr(registry, "BUILT_IN", built_in)
    monkeypatch.setattr(loader, "DEFAULT_MODULES", ("radio", "printer"))


def refusals(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loads(text, "f.yaml")
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("text", ["", "# nothing\n", "null", "{}", "modules:\n", "daemon:\nbus: {}\nmodules:\n"])
def test_nothing_said_is_the_defaults(text: str) -> None:
    configuration = loads(text)
    assert configuration == defaults()
    assert configuration.daemon == DaemonSettings()
    assert configuration.bus == BusSettings()
    assert configuration.modules == {"radio": RadioSettings(), "printer": NoSettings()}
    assert configuration.classes == {"radio": Radio, "printer": Printer}
    assert configuration.path is None


def test_only_the_modules_that_are_named_are_loaded_in_their_order() -> None:
    configuration = loads("modules:\n  printer:\n  radio: {tuner: {dwell: 2s}}\n")
    assert list(configuration.modules) == ["printer", "radio"]
    assert configuration.modules["radio"] == RadioSettings(tuner=TunerSettings(dwell=Duration(2.0)))


def test_where_each_value_comes_from() -> None:
    text = "modules:\n  radio:\n    tuner:\n      channels:\n        - 1\n        - 6\n"
    configuration = loads(text, "f.yaml")
    assert configuration.origin("modules.radio.tuner.channels") == "f.yaml:4"
    assert configuration.origin("modules.radio.tuner.dwell") == "default"
    assert configuration.origin("bus.capacity") == "default"
    assert configuration.place("modules.radio.tuner.channels[1]") == (4, 7)
    assert configuration.place("modules.radio.interface") == (2, 3)
    assert configuration.place("bus.capacity") == (0, 0)


def test_every_mistake_of_a_file_is_said_at_once() -> None:
    """The golden file is the user's view; it changes only on purpose."""
    broken = (GOLDEN / "broken.yaml").read_text(encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        loads(broken, "broken.yaml")
    assert f"{caught.value}\n" == (GOLDEN / "broken.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "1:1: expected the sections daemon, bus, reach, modules, found a list"),
        ("hello", "1:1: expected the sections daemon, bus, reach, modules, found hello"),
        ("bus:\n\tcapacity: 2", "2:1: expected YAML, found character that cannot start any token (indent with spaces,"),
        ("\nbuss: {}", "2:1: buss: expected a section, found the unknown name buss (did you mean bus?)"),
        ("radio: {}", "1:1: radio: expected a section, found the unknown name radio (it goes below modules:)"),
        ("<<: {}", "1:1: <<: expected a section, found the unknown name << (there are daemon, bus, reach, modules)"),
        ("bus: {capacity: 0}", "1:17: bus.capacity: expected a whole number from 1 to 1000000, found 0"),
        ("modules: [radio]", "1:10: modules: expected modules by name, each with its settings, found a list (leave it"),
        (
            "modules: {}",
            "1:10: modules: expected modules by name, each with its settings, found none (leave it out for",
        ),
        (
            "modules: {radoi: }",
            "1:11: modules.radoi: expected a module, found the unknown name radoi (did you mean radio?)",
        ),
        (
            "modules: {printer: {a: 1}}",
            "1:21: modules.printer.a: expected a setting, found the unknown name a (there is",
        ),
        (
            "modules: {absent: }",
            "1:11: modules.absent: expected a module that can be loaded, found whimbrel.no_such_modu",
        ),
        ("modules: {number: }", "1:11: modules.number: expected a module that can be loaded, found"),
        (
            "modules: {odd: {what: 1}}",
            "1:16: modules.odd: expected a module whose settings can be read, found OddSettings",
        ),
        ("modules: {odder: }", "1:11: modules.odder: expected a module whose settings can be read, found"),
        (
            "daemon:\n  backoff_max: 1s\n  backoff_min: 2s\n",
            "3:3: daemon.backoff_min: expected at most backoff_max, 1s, found 2s",
        ),
        (
            "modules: {radio: }\ndaemon:\n  critical: [radio, printer]",
            "3:21: daemon.critical[1]: expected a module that is loaded, found the unknown name printer (there is",
        ),
    ],
)
def test_a_mistake_is_said_at_its_line(text: str, said: str) -> None:
    (problem,) = refusals(text)
    assert problem.startswith(f"f.yaml:{said}")


@pytest.mark.parametrize("keys", ["a: 1, ", "a{}: 1, "])
def test_the_wrong_file_is_not_read_to_its_end(keys: str) -> None:
    problems = refusals("modules: {" + "".join(keys.format(i) for i in range(20_000)) + "}")
    assert problems[0] == "f.yaml: more than 100 mistakes, of which these are the first"
    assert len(problems) == MOST_PROBLEMS + 1


def test_a_critical_module_is_looked_for_whatever_else_is_wrong() -> None:
    first, second = refusals("daemon: {critical: [radoi], retry: 5}\n")
    assert first.startswith("f.yaml:1:21: daemon.critical[0]: expected a module that is loaded, found the unknown name")
    assert "did you mean radio?" in first
    assert "daemon.retry" in second


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_bytes("\ufeffmodules:\r\n  radio: {interface: wlan2}\r\n".encode())
    configuration = load(path)
    assert configuration.path == path
    assert configuration.modules == {"radio": RadioSettings("wlan2")}
    assert configuration.origin("modules.radio.interface") == f"{path}:2"


def test_a_file_that_is_not_there_is_one_line_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.yaml"
    said = f"{path}: expected a settings file, found No such file or directory (write one (`whimbrel config --defaults"
    for given_path in (path, None):
        monkeypatch.setattr(loader, "DEFAULT_PATH", path)
        with pytest.raises(ConfigError) as caught:
            load(given_path)
        (problem,) = caught.value.problems
        assert str(problem).startswith(said)


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """If root, who may read everything, runs the tests, become nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.touch(mode=0)
    with unprivileged(), pytest.raises(ConfigError, match=r"found Permission denied \(run as its owner"):
        load(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a settings file, found Is a directory"):
        load(tmp_path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_bytes(b"#" * (MAX_OCTETS + 1))
    with pytest.raises(ConfigError, match="expected a settings file of at most 1 MiB, found more"):
        load(path)
    path.write_bytes(b"bus:\n#" + b"#" * (MAX_OCTETS - 6))
    assert load(path) == defaults()


@pytest.mark.parametrize("content", ["", "\n", "# modules:\n", "\ufeff", "---\n", "---\n...\n", "~\n"])
def test_a_file_without_settings_is_a_mistake(tmp_path: Path, content: str) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"the file is empty|was cut short"):
        load(path)


def test_a_file_that_says_where_it_begins_has_to_say_where_it_ends(tmp_path: Path) -> None:
    whole = "# mine\n---\nbus: {capacity: 99}\nmodules:\n  watcher:\n  logger:\n...\n"
    path = tmp_path / "w.yaml"
    path.write_text(whole)
    assert load(path, whole=True).bus.capacity == 99
    for end in range(len(whole) - len("\n")):
        path.write_text(whole[:end])
        with pytest.raises(ConfigError, match=r"the file is empty|was cut short|expected"):
            load(path)


def test_whole_files_end_with_the_mark_if_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("modules:\n  watcher:\n")
    assert list(load(path).modules) == ["watcher"]
    with pytest.raises(ConfigError, match=r"expected the line \.\.\. at the end, found none"):
        load(path, whole=True)


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    os.mkfifo(path)
    with pytest.raises(ConfigError, match="it is no regular file"):
        load(path)


def test_a_file_that_is_not_utf_8_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_bytes(b"bus:\n  x: \xff\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value) == f"{path}:2:6: expected UTF-8, found the octet 0xff (save the file as UTF-8)"


def test_the_machine_is_asked_and_its_answers_have_lines() -> None:
    text = "modules:\n  printer:\n  radio:\n    tuner: {dwell: 10s, channels: [14]}\n    interface: wlan9\n"
    assert [str(problem) for problem in check(loads(text, "f.yaml"))] == [
        "f.yaml:3:3: modules.radio: it is bored",
        "f.yaml:4:25: modules.radio.tuner.channels[0]: channel 14 is not allowed here",
        "f.yaml:5:5: modules.radio.interface: there is no interface wlan9",
    ]
    assert check(defaults()) == []


def test_a_module_that_cannot_even_ask_is_one_finding() -> None:
    (problem,) = check(loads("modules: {radio: {interface: broken}}", "f.yaml"))
    assert str(problem) == "f.yaml:1:11: modules.radio: its check failed: OSError: no netlink"


WORDS = [
    "daemon",
    "bus",
    "modules",
    "radio",
    "printer",
    "tuner",
    "dwell",
    "channels",
    "interface",
    "critical",
    "capacity",
]
VALUES = ["1", "5", "250ms", "null", "yes", "[1, 6]", "[]", "{}", "'x'", "&a 1", "*a", "!t 1", "0x", "\\", "é"]
LINES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(WORDS), st.sampled_from(["", *VALUES])), max_size=10).map(
    lambda lines: "".join(f"{'  ' * depth}{key}: {value}\n" for depth, key, value in lines)
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.text(max_size=80) | LINES)
def test_any_text_is_a_configuration_or_refused(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        configuration = loads(text, "f.yaml")
    except ConfigError as error:
        problems = error.problems
    else:
        assert configuration.modules.keys() == configuration.classes.keys()
        return
    assert problems
    for problem in problems:
        assert str(problem).startswith("f.yaml:")
        assert len(str(problem).splitlines()) == 1


def test_what_two_modules_claim_is_told_with_its_line() -> None:
    text = (
        "modules:\n"
        "  buttons: {driver: gpio, gpio: {keys: {up: 17, ok: 24}}}\n"
        "  display:\n"
        "    driver: oled\n"
        "    oled: {bus: spi, dc: 24, reset: 25}\n"
        "    led: 25\n"
    )
    told = [str(problem) for problem in check(loads(text, "f.yaml")) if "taken" in str(problem)]
    assert told == [
        "f.yaml:5:22: modules.display.oled.dc: GPIO line 24 is taken by modules.buttons.gpio.keys.ok: name another",
        "f.yaml:5:30: modules.display.oled.reset: GPIO line 25 is taken by modules.display.led: name another",
    ]
    apart = text.replace("dc: 24", "dc: 23").replace("led: 25", "led: 5")
    assert not [problem for problem in check(loads(apart, "f.yaml")) if "taken" in str(problem)]

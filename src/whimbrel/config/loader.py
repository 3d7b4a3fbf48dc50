"""Loads one YAML file into the settings of the whole daemon, or reports all mistakes in it at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.config.registry import BUILT_IN, DEFAULT_MODULES, BrokenModule, UnknownModule, find_module
from whimbrel.config.schema import BusSettings, DaemonSettings, ReachSettings
from whimbrel.files import read_regular
from whimbrel.settings.classes import seen_at, settings_codec, unknown
from whimbrel.settings.codecs import SettingsReading
from whimbrel.settings.nodes import END, MappingNode, Node, ScalarNode, SequenceNode, compose, describe, is_ended
from whimbrel.settings.problems import ConfigError, Problem, child

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from whimbrel.module import Module, Side

DEFAULT_PATH = Path("/etc/whimbrel/whimbrel.yaml")
MAX_OCTETS = 1 << 20
"""Limit of the file in octets: a hundred times the size of all settings with their comments."""

SECTIONS: dict[str, type] = {"daemon": DaemonSettings, "bus": BusSettings, "reach": ReachSettings}
"""The top-level keys other than ``modules``, with their settings classes."""


class Configuration(NamedTuple):
    """The settings of one daemon. Two are equal if all settings are, regardless of their places."""

    path: Path | None
    """The file; None for settings from a text and for the defaults."""
    name: str
    """The name of the file in messages."""
    daemon: DaemonSettings
    bus: BusSettings
    modules: dict[str, Any]
    """The settings of each module to run, by its name, in the order of the file."""
    classes: dict[str, type[Module[Any]]]
    """The class of each of those modules."""
    places: dict[str, tuple[int, int]]
    """Line and column of each path in the file."""
    text: str = ""
    """The text that they were read from."""
    reach: ReachSettings = ReachSettings()

    def of(self, side: Side) -> Configuration:
        """Return the same with the modules of one process alone."""
        classes = {name: cls for name, cls in self.classes.items() if cls.side is side}
        return self._replace(classes=classes, modules={name: self.modules[name] for name in classes})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Configuration) and self._settings == other._settings

    def __hash__(self) -> int:
        """Raise TypeError: it holds dictionaries."""
        return hash(self._settings)

    @property
    def _settings(self) -> tuple[object, ...]:
        return self.daemon, self.bus, self.modules, self.classes, self.reach

    def origin(self, path: str) -> str:
        """Return the origin of the value at `path`: ``file:line``, or ``default``."""
        return f"{self.name}:{self.places[path][0]}" if path in self.places else "default"

    def place(self, path: str) -> tuple[int, int]:
        """Return line and column of `path`, or of the closest key above it in the file; (0, 0) if there is none."""
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get(path, (0, 0))


def load(path: Path | None = None, *, whole: bool = False, apart: Collection[str] = ()) -> Configuration:
    """Read a settings file, by default `DEFAULT_PATH`. Raises ConfigError with every mistake in it.

    A file without any setting is one: it is what a full or pulled card leaves. `whole`: so is one without the mark at
    its end (`whimbrel.settings.nodes.END`), which otherwise only files with the mark of a beginning need. `apart`:
    modules whose settings are not read, and which are not imported.
    """
    path = DEFAULT_PATH if path is None else path
    text = read_text(path)
    if whole and not is_ended(text):
        hint = "the file was cut short, or write that line"
        raise ConfigError([Problem(str(path), text.count("\n") + 1, 0, "", f"the line {END} at the end", "none", hint)])
    return _build(text, str(path), path, empty=False, apart=apart)


def loads(
    text: str,
    name: str = "<text>",
    path: Path | None = None,
    *,
    apart: Collection[str] = (),
    without_broken: bool = False,
) -> Configuration:
    """Read settings from a text with this name in messages, in the place of the file `path`.

    `apart`: as for `load`. `without_broken`: leave out the modules of other packages that cannot be loaded or whose
    settings are refused.
    Raises ConfigError with every mistake in it.
    """
    return _build(text, name, path, apart=apart, without_broken=without_broken)


def defaults() -> Configuration:
    """Return the default settings, which are those of an empty file."""
    return loads("", "defaults")


def check(configuration: Configuration) -> list[Problem]:
    """Return everything that the settings name and this machine lacks, in the order of the file."""
    problems = []
    claimed: dict[str, str] = {}
    for name, cls in configuration.classes.items():
        top = child("modules", name)
        settings = configuration.modules[name]
        try:
            found = [*cls.check(settings), *_contested(cls.claims(settings), top, claimed)]
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # one module's mistake must not hide what the others found
            found = [f"its check failed: {type(error).__name__}: {error}"]
        for item in found:
            below, text = ("", item) if isinstance(item, str) else item
            path = f"{top}.{below}" if below else top
            problems.append(Problem(configuration.name, *configuration.place(path), path, "", text))
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _contested(claims: Iterable[tuple[str, str]], top: str, claimed: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the settings below `top` whose claims are taken already; enter the other claims into `claimed`."""
    for below, what in claims:
        owner = claimed.setdefault(what, f"{top}.{below}")
        if owner != f"{top}.{below}":
            yield below, f"{what} is taken by {owner}: name another"


def read_text(path: Path) -> str:
    """Return the text of a settings file. Raises ConfigError if it cannot be read or is no text."""
    return as_text(_read(path), str(path))


def _read(path: Path) -> bytes:
    create = "write one (`whimbrel config --defaults --yaml` prints one) or name another with --config"
    hints: dict[type, str] = {FileNotFoundError: create, PermissionError: "run as its owner, or let this user read it"}
    try:
        content = read_regular(path, MAX_OCTETS)
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        problem = Problem(str(path), 0, 0, "", "a settings file", found, hints.get(type(error), ""))
        raise ConfigError([problem]) from None
    if len(content) > MAX_OCTETS:
        raise ConfigError([Problem(str(path), 0, 0, "", "a settings file of at most 1 MiB", "more")])
    return content


def as_text(content: bytes, name: str) -> str:
    """Return the contents of a settings file as a text. Raises ConfigError if it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        found = f"the octet 0x{content[error.start]:02x}"
        raise ConfigError([Problem(name, line, column, "", "UTF-8", found, "save the file as UTF-8")]) from None


def _build(
    text: str,
    name: str,
    path: Path | None,
    *,
    empty: bool = True,
    apart: Collection[str] = (),
    without_broken: bool = False,
) -> Configuration:
    """Return the settings of a text; `empty`: whether none at all are the defaults rather than a mistake."""
    if len(text) > MAX_OCTETS:
        raise ConfigError([Problem(name, 0, 0, "", "settings of at most 1 MiB", "more")])
    root, problems = compose(text, name)
    reading = SettingsReading(name)
    reading.problems += problems
    if not empty and (root is None or (isinstance(root, ScalarNode) and root.null)):
        hint = "the line `modules:` alone means every default"
        raise ConfigError([Problem(name, 0, 0, "", "settings", "none: the file is empty", hint)])
    sections = _sections(root, reading)
    values = {
        key: settings_codec(cls).read(sections[key], key, reading) if key in sections else cls()
        for key, cls in SECTIONS.items()
    }
    settings, classes = _modules(sections.get("modules"), reading, apart, without_broken=without_broken)
    _check_critical(sections, reading)
    if reading.problems:
        raise ConfigError(reading.problems)
    return Configuration(
        path, name, values["daemon"], values["bus"], settings, classes, reading.places, text, values["reach"]
    )


def _sections(root: Node | None, reading: SettingsReading) -> dict[str, Node]:
    """Return the known top-level entries by name."""
    known = [*SECTIONS, "modules"]
    if root is None or (isinstance(root, ScalarNode) and root.null):
        return {}
    if not isinstance(root, MappingNode):
        reading.refuse(root, "", f"the sections {', '.join(known)}", describe(root))
        return {}
    sections = {}
    for key, node in root.entries:
        reading.places[key.text] = (key.line, key.column)
        if key.text in known:
            sections[key.text] = node
            continue
        what, found, hint = unknown("a section", key.text, known)
        is_module = key.text in DEFAULT_MODULES
        reading.refuse(key, key.text, what, found, "it goes below modules:" if is_module else hint)
    return sections


def _modules(
    node: Node | None, reading: SettingsReading, apart: Collection[str], *, without_broken: bool
) -> tuple[dict[str, Any], dict[str, type[Module[Any]]]]:
    """Return the settings and the classes of the named modules, or of the usual ones if none is named."""
    if node is None or (isinstance(node, ScalarNode) and node.null):
        return _usual_modules(reading)
    if not isinstance(node, MappingNode) or not node.entries:
        found = describe(node) if not isinstance(node, MappingNode) else "none"
        hint = f"leave it out for {', '.join(DEFAULT_MODULES)}"
        reading.refuse(node, "modules", "modules by name, each with its settings", found, hint)
        return {}, {}
    settings: dict[str, Any] = {}
    classes: dict[str, type[Module[Any]]] = {}
    for key, inner in node.entries:
        path = child("modules", key.text)
        reading.places[path] = (key.line, key.column)
        if key.text in apart:
            continue
        before = len(reading.problems)
        if (cls := _find(key, path, reading)) is not None:
            classes[key.text] = cls
            settings[key.text] = _read_settings(cls, seen_at(inner, key), path, reading)
        if without_broken and key.text not in BUILT_IN and len(reading.problems) > before:
            del reading.problems[before:]
            classes.pop(key.text, None)
            settings.pop(key.text, None)
    return settings, classes


def _usual_modules(reading: SettingsReading) -> tuple[dict[str, Any], dict[str, type[Module[Any]]]]:
    nothing = ScalarNode(0, 0, "", plain=True)
    classes = {}
    for name in DEFAULT_MODULES:
        key = ScalarNode(0, 0, name, plain=True)
        if cls := _find(key, child("modules", name), reading):
            classes[name] = cls
    settings = {name: _read_settings(cls, nothing, child("modules", name), reading) for name, cls in classes.items()}
    return settings, classes


def _read_settings(cls: type[Module[Any]], node: Node, path: str, reading: SettingsReading) -> Any:
    try:
        return settings_codec(cls.Settings).read(node, path, reading)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # no settings class, or a validator that calls sys.exit
        hint = "the module is at fault, not the file"
        found = str(error) if isinstance(error, TypeError | ValueError) else f"{type(error).__name__}: {error}"
        return reading.refuse(node, path, "a module whose settings can be read", found, hint)


def _find(key: ScalarNode, path: str, reading: SettingsReading) -> type[Module[Any]] | None:
    try:
        return find_module(key.text)
    except UnknownModule as error:
        _, found, _ = unknown("", key.text, ())
        reading.refuse(key, path, "a module", found, error.hint)
    except BrokenModule as error:
        reading.refuse(key, path, "a module that can be loaded", str(error))
    return None


def _check_critical(sections: dict[str, Node], reading: SettingsReading) -> None:
    """Refuse critical modules that are not loaded; this checks the nodes, so it also works beside other mistakes."""
    modules = sections.get("modules")
    named = [key.text for key, _ in modules.entries] if isinstance(modules, MappingNode) else list(DEFAULT_MODULES)
    daemon = sections.get("daemon")
    critical = daemon.get("critical") if isinstance(daemon, MappingNode) else None
    for i, item in enumerate(critical.items if isinstance(critical, SequenceNode) else []):
        if isinstance(item, ScalarNode) and item.text not in named:
            what, found, hint = unknown("a module that is loaded", item.text, named)
            reading.refuse(item, f"daemon.critical[{i}]", what, found, hint)

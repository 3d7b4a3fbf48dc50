"""Reads the file that provisions a device: its name, modules of reach with their secrets, networks to guard."""

from __future__ import annotations

import contextlib
import re
from typing import Any, NamedTuple

from whimbrel.config.loader import MAX_OCTETS
from whimbrel.config.registry import BrokenModule, UnknownModule, find_module, module_names
from whimbrel.module import Module, Side
from whimbrel.provisioning.masking import masked
from whimbrel.provisioning.sealing import seal
from whimbrel.settings import frozen, setting, validates
from whimbrel.settings.classes import seen_at, settings_codec, unknown
from whimbrel.settings.codecs import INVALID, SettingsReading
from whimbrel.settings.nodes import END, START, MappingNode, Node, ScalarNode, compose, describe, is_ended
from whimbrel.settings.problems import ConfigError, Problem, child

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_COUNTRY = re.compile(r"[A-Z]{2}")
KEYS = ("device", "guarded", "modules")
"""The keys of the file."""


@frozen
class DeviceSettings:
    """The device itself."""

    name: str = setting(help="Its host name, and its name at the broker, in messages and logs.")
    country: str = setting("", help="The country it is in, two letters such as GB: it determines the channels.")

    @validates("name")
    def _check_name(self, value: str) -> None:
        if not _NAME.fullmatch(value):
            raise ValueError(f"expected small letters, digits and hyphens, at most 63, found {value!r}")

    @validates("country")
    def _check_country(self, value: str) -> None:
        if value and not _COUNTRY.fullmatch(value):
            raise ValueError(f"expected two capital letters such as GB, found {value!r}")


class Provision(NamedTuple):
    """A file that is right: its nodes without secrets, and the secrets."""

    device: DeviceSettings
    root: MappingNode
    """The file, with `credential:NAME` in the place of each secret."""
    secrets: dict[str, str]
    """The secrets by the names of their credentials."""
    named: frozenset[str]
    """The names of all credentials that its settings name."""
    changing: tuple[str, ...]
    """The modules that may change something in the daemon (their setting `may`)."""

    def part(self, key: str) -> Node | None:
        """Return the value of a key at the top, None without it."""
        return self.root.get(key)

    @property
    def modules(self) -> list[tuple[ScalarNode, Node]]:
        """The modules of the file with their settings."""
        found = self.part("modules")
        return found.entries if isinstance(found, MappingNode) else []


def read(text: str, file: str) -> Provision:
    """Return what a file provisions. Raises `ConfigError` with every mistake in it; none of them quotes a secret."""
    if len(text) > MAX_OCTETS:
        raise ConfigError([Problem(file, 0, 0, "", "a file of at most 1 MiB", "more")])
    if not is_ended(text):
        hint = f"the file was cut short, or write {START} before its first line and {END} after its last"
        raise ConfigError([Problem(file, text.count("\n") + 1, 0, "", f"the line {END} at the end", "none", hint)])
    root: Node | None = None
    try:
        root, problems = compose(text, file)
        return _read(root, problems, file)
    except ConfigError as error:
        raise masked(error, root) from None


def _read(root: Node | None, problems: list[Problem], file: str) -> Provision:
    reading = SettingsReading(file)
    reading.problems += problems
    if not isinstance(root, MappingNode):
        raise ConfigError([Problem(file, 1, 0, "", f"the keys {', '.join(KEYS)}", "none of them")])
    found = _Reader(reading).read(root)
    if reading.problems:
        raise ConfigError(reading.problems)
    return found


class _Reader:
    def __init__(self, reading: SettingsReading) -> None:
        self._reading = reading
        self._secrets: dict[str, str] = {}
        self._named: set[str] = set()
        self._changing: list[str] = []

    def read(self, root: MappingNode) -> Provision:
        entries: list[tuple[ScalarNode, Node]] = []
        device: Any = INVALID
        for key, node in root.entries:
            if key.text not in KEYS:
                self._reading.refuse(key, key.text, *unknown("a key", key.text, KEYS))
            elif key.text == "device":
                device = settings_codec(DeviceSettings).read(seen_at(node, key), key.text, self._reading)
        if device is INVALID and root.get("device") is None:
            self._reading.refuse(root, "device", "the device's name", "nothing", "write device: {name: attic}")
        for key, node in root.entries:
            if key.text == "guarded":
                self._guarded(node)
            if key.text != "modules":
                entries.append((key, node))
                continue
            entries.append((key, self._modules(key, node, "" if device is INVALID else device.name)))
        made = MappingNode(root.line, root.column, entries)
        return Provision(device, made, self._secrets, frozenset(self._named), tuple(self._changing))

    def _guarded(self, node: Node) -> None:
        from whimbrel.modules.watcher import Watcher

        settings_codec(Watcher.Settings).codec("guarded").read(node, "guarded", self._reading)

    def _modules(self, key: ScalarNode, node: Node, name: str) -> Node:
        if not isinstance(node, MappingNode):
            self._reading.refuse(node, key.text, "modules by name, each with its settings", describe(node))
            return node
        entries = [(inner, self._module(inner, settings, name)) for inner, settings in node.entries]
        return MappingNode(node.line, node.column, entries)

    def _module(self, key: ScalarNode, node: Node, name: str) -> Node:
        path = child("modules", key.text)
        cls = self._class(key, path)
        if cls is None:
            return node
        if isinstance(node, ScalarNode) and node.null:
            node = MappingNode(key.line, key.column, [])
        if not isinstance(node, MappingNode):
            # What stands there may be a secret of which the key was forgotten.
            self._reading.refuse(node, path, "settings by name", "something else")
            return node
        codec = settings_codec(cls.Settings)
        node = _with_name(node, name) if "name" in codec.attributes else node
        sealed = seal(key.text, node, self._reading)
        self._secrets |= sealed.secrets
        self._named |= sealed.named
        settings = codec.read(sealed.node, path, self._reading)
        may: object = getattr(settings, "may", None)
        if may:
            self._changing.append(key.text)
        return sealed.node

    def _class(self, key: ScalarNode, path: str) -> type[Module[Any]] | None:
        try:
            cls = find_module(key.text)
        except UnknownModule:
            self._reading.refuse(key, path, *unknown("a module of reach", key.text, _of_reach()))
        except BrokenModule as error:
            self._reading.refuse(key, path, "a module that can be loaded", str(error))
        else:
            if cls.side is Side.REACH:
                return cls
            hint = "its settings belong into whimbrel.yaml"
            self._reading.refuse(key, path, "a module of reach", "one of the daemon", hint)
        return None


def _of_reach() -> list[str]:
    names = []
    for name in module_names():
        with contextlib.suppress(BrokenModule):
            if find_module(name).side is Side.REACH:
                names.append(name)
    return names


def _with_name(node: MappingNode, name: str) -> MappingNode:
    """Give a module the device's name, unless it has one of its own."""
    if not name or node.get("name") is not None:
        return node
    given = ScalarNode(node.line, node.column, "name", plain=True), ScalarNode(node.line, node.column, name, plain=True)
    return MappingNode(node.line, node.column, [*node.entries, given])

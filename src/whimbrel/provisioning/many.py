"""Makes the provisioning files of many devices of one: what they have in common, and what is different for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from whimbrel.config.registry import find_module
from whimbrel.provisioning.document import Provision, read
from whimbrel.provisioning.masking import masked
from whimbrel.provisioning.merging import to_yaml
from whimbrel.provisioning.sealing import SECRETS, SecretKind
from whimbrel.secret import new_token
from whimbrel.settings.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose, describe, is_ended
from whimbrel.settings.problems import ConfigError, Problem

FILE = "provision.yaml"
_KEYS = ("common", "devices")
_EMBEDDED = "file:"
_FILES = (SecretKind.CERTIFICATES, SecretKind.KEY)
_HEAD = """\
# Put this file on the partition WHIMBREL of the card of {name}. At the next start it is taken, and removed: it holds
# secrets. provisioned.txt then says what came of it, or problems.txt what is wrong.
"""

Secrets = dict[str, dict[str, str]]
"""By device and module."""


class FleetDevice(NamedTuple):
    """One device of a fleet."""

    name: str
    text: str
    """Its provisioning file."""
    provision: Provision
    metrics: str
    """Where Prometheus finds its figures, ``name:port``; empty if it has none."""
    secrets: dict[str, str]
    """What was made for it, by module."""


def devices(text: str, file: str, known: Secrets, content: Callable[[str], str]) -> list[FleetDevice]:
    """Return every device of a fleet's file.

    `known`: secrets that were made before, which stay; `content`: the text of a file that the fleet's file names.
    Raises `ConfigError` with every mistake of the first device that has one, and what `content` does.
    """
    try:
        root, problems = compose(text, file)
    except ConfigError as error:
        raise masked(error, paths=False) from None
    if problems:
        raise masked(ConfigError(problems), paths=False)
    if not is_ended(text) or not isinstance(root, MappingNode):
        raise ConfigError([_problem(file, root, "", f"the keys {', '.join(_KEYS)} between lines --- and ...", "less")])
    parts = {key.text: node for key, node in root.entries}
    for key, _ in root.entries:
        if key.text not in _KEYS:
            raise ConfigError([_problem(file, key, key.text, f"the keys {', '.join(_KEYS)}", describe(key))])
    common, named = parts.get("common"), parts.get("devices")
    if not isinstance(named, MappingNode) or not named.entries:
        found = describe(named) if named else "nothing"
        raise ConfigError([_problem(file, named or root, "devices", "names of devices, each with a colon", found)])
    for path, given in [("common", common), *((f"devices.{key.text}", node) for key, node in named.entries)]:
        if not (given is None or isinstance(given, MappingNode) or (isinstance(given, ScalarNode) and given.null)):
            raise ConfigError(
                [_problem(file, given, path, "device, guarded and modules, or nothing", "something else")]
            )
    return [_device(key.text, common, node, known, content) for key, node in named.entries]


def passwords(made: list[FleetDevice]) -> str:
    """Return the lines of Mosquitto's file of passwords, in the clear: ``mosquitto_passwd -U`` hashes them.

    There is one for each name that a card logs in with. Raises `ConfigError` for a name that the file cannot hold, and
    for one that several devices have with different passwords.
    """
    lines: dict[str, str] = {}
    for device in made:
        modules = device.provision.part("modules")
        settings = modules.get("mqtt") if isinstance(modules, MappingNode) else None
        user = settings.get("user") if isinstance(settings, MappingNode) else None
        password = device.provision.secrets.get("mqtt")
        if password is None or not isinstance(user, ScalarNode) or not user.text:
            continue
        at, path = f"{device.name}/{FILE}", "modules.mqtt.user"
        if ":" in user.text or not user.text.isprintable():
            raise ConfigError([_problem(at, None, path, "a name without a colon, on one line", describe(user))])
        if lines.setdefault(user.text, password) != password:
            found = "one that another device has, with another password"
            raise ConfigError([_problem(at, None, path, 'a name for each device, as "{name}"', found)])
    return "".join(f"{user}:{password}" for user, password in lines.items())


def targets(made: list[FleetDevice]) -> str:
    """Return a file of targets for Prometheus (``file_sd_configs``)."""
    found = [{"targets": [device.metrics], "labels": {"device": device.name}} for device in made if device.metrics]
    return json.dumps(found, indent=2) + "\n"


def _device(name: str, common: Node | None, own: Node, known: Secrets, content: Callable[[str], str]) -> FleetDevice:
    root = _over(common, own)
    if not isinstance(root, MappingNode):
        root = MappingNode(1, 0, [])
    filled = _filled(_merged(root, _mapping(device=_mapping(name=_text(name)))), name, content, ())
    made: dict[str, str] = {}
    if isinstance(modules := filled.get("modules"), MappingNode):
        filled = _merged(filled, _mapping(modules=_with_secrets(modules, known.get(name, {}), made)))
    text = _HEAD.format(name=name) + to_yaml(filled)
    provision = read(text, f"{name}/{FILE}")
    return FleetDevice(name, text, provision, _metrics(filled, name), made)


def _with_secrets(modules: MappingNode, known: dict[str, str], made: dict[str, str]) -> MappingNode:
    """Give a password to a login at a broker without one, and a token to a page; `made` gets each, new or `known`."""
    entries = []
    for key, node in modules.entries:
        settings = {inner.text for inner, _ in node.entries} if isinstance(node, MappingNode) else set()
        wanted = {"mqtt": ("password", "user" in settings), "web": ("token", True)}.get(key.text, ("", False))
        if wanted[1] and wanted[0] not in settings:
            secret = known.get(key.text) or new_token()
            made[key.text] = secret
            entries.append((key, _over(node, _mapping(**{wanted[0]: _text(secret)}))))
        else:
            entries.append((key, node))
    return MappingNode(modules.line, modules.column, entries)


def _metrics(root: MappingNode, name: str) -> str:
    modules = root.get("modules")
    if not isinstance(modules, MappingNode) or (found := modules.get("metrics")) is None:
        return ""
    port = found.get("port") if isinstance(found, MappingNode) else None
    return f"{name}:{port.text if isinstance(port, ScalarNode) else find_module('metrics').Settings().port}"


def _filled(node: MappingNode, name: str, content: Callable[[str], str], path: tuple[str, ...]) -> MappingNode:
    """Put the device's name in the place of ``{name}``, and the text of a file in that of its name."""
    entries = [(key, _fill(inner, name, content, (*path, key.text))) for key, inner in node.entries]
    return MappingNode(node.line, node.column, entries)


def _fill(node: Node, name: str, content: Callable[[str], str], path: tuple[str, ...]) -> Node:
    if isinstance(node, MappingNode):
        return _filled(node, name, content, path)
    if isinstance(node, SequenceNode):
        return SequenceNode(node.line, node.column, [_fill(item, name, content, path) for item in node.items])
    text = node.text.replace("{name}", name)
    kind = SECRETS.get(path[1], {}).get(path[2]) if len(path) == 3 and path[0] == "modules" else None
    if kind in _FILES and text.startswith(_EMBEDDED):
        return node._replace(text=content(text.removeprefix(_EMBEDDED)), plain=False)
    return node._replace(text=text)


def _over(lower: Node | None, upper: Node) -> Node:
    """Return `lower` with what `upper` says otherwise; of mappings, key by key."""
    if isinstance(upper, ScalarNode) and upper.null and lower is not None:
        return lower
    if not isinstance(upper, MappingNode) or not isinstance(lower, MappingNode):
        return upper
    return _merged(lower, upper)


def _merged(lower: MappingNode, upper: MappingNode) -> MappingNode:
    above = {key.text: node for key, node in upper.entries}
    entries = [(key, _over(node, above.pop(key.text)) if key.text in above else node) for key, node in lower.entries]
    entries += [(key, node) for key, node in upper.entries if key.text in above]
    return MappingNode(lower.line, lower.column, entries)


def _mapping(**entries: Node) -> MappingNode:
    return MappingNode(0, 0, [(ScalarNode(0, 0, name, plain=True), node) for name, node in entries.items()])


def _text(text: str) -> ScalarNode:
    return ScalarNode(0, 0, text, plain=False)


def _problem(file: str, at: Node | None, path: str, expected: str, found: str) -> Problem:
    return Problem(file, at.line if at else 0, at.column if at else 0, path, expected, found)

"""Puts what is provisioned into the settings, and writes both as YAML. Comments of the settings are not kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from whimbrel.config.registry import DEFAULT_MODULES
from whimbrel.provisioning.document import Provision
from whimbrel.settings.nodes import END, START, MappingNode, Node, ScalarNode, SequenceNode, compose
from whimbrel.settings.scalars import quote

_HEAD = """\
# Made by `whimbrel provision`: the settings that were there, with the modules and networks of {name}.
# The next provisioning, or a start of the image with another whimbrel.yaml on its card, makes it anew.
"""
_RECORD_HEAD = """\
# What this device is provisioned with, without the secrets. Made by `whimbrel provision`, which reads it again when the
# settings beside it change.
"""
_NOTHING = ScalarNode(0, 0, "", plain=True)


def merged(settings: str, file: str, provision: Provision, *, before: Collection[str], name: str) -> str:
    """Return the text of settings with what is provisioned in them.

    `before`: the modules of the provisioning before, which go, and ``guarded`` if it had networks; `name`: of the
    provisioning file, for the head. Raises `ConfigError` if the settings are no YAML.
    """
    root, _ = compose(settings, file)
    top = list(root.entries) if isinstance(root, MappingNode) else []
    modules = _modules(top)
    given = {key.text: node for key, node in provision.modules}
    kept = [(key, node) for key, node in modules if key.text in given or key.text not in before]
    kept = [(key, given.pop(key.text, node)) for key, node in kept]
    kept += [(_key(name), node) for name, node in given.items()]
    guarded = provision.part("guarded")
    if guarded is not None or "guarded" in before:
        kept = [(key, _guarding(node, guarded) if key.text == "watcher" else node) for key, node in kept]
    top = [(key, node) for key, node in top if key.text != "modules"]
    top.append((_key("modules"), MappingNode(0, 0, kept)))
    return _HEAD.format(name=name) + to_yaml(MappingNode(0, 0, top))


def is_merged(settings: str) -> bool:
    """Return whether settings begin as those that `merged` returns."""
    return settings.startswith(_HEAD.partition("\n")[0].partition("{")[0])


def record(provision: Provision) -> str:
    """Return the provisioning without its secrets, as a text of the same form."""
    return _RECORD_HEAD + to_yaml(provision.root)


def provided(provision: Provision) -> set[str]:
    """Return the modules of a provisioning, and ``guarded`` if it has networks."""
    return {key.text for key, _ in provision.modules} | {"guarded"} & {key.text for key, _ in provision.root.entries}


def to_yaml(root: MappingNode) -> str:
    """Return a document of these nodes, which `compose` reads back to the same texts."""
    return "\n".join([START, *_lines(root, ""), END]) + "\n"


def _modules(top: list[tuple[ScalarNode, Node]]) -> list[tuple[ScalarNode, Node]]:
    found = next((node for key, node in top if key.text == "modules"), None)
    if isinstance(found, MappingNode):
        return found.entries
    # As without the section; with it, no others would run.
    return [(_key(name), _NOTHING) for name in DEFAULT_MODULES]


def _guarding(watcher: Node, guarded: Node | None) -> Node:
    entries = watcher.entries if isinstance(watcher, MappingNode) else []
    kept = [(key, node) for key, node in entries if key.text != "guarded"]
    if guarded is not None:
        kept.append((_key("guarded"), guarded))
    return MappingNode(0, 0, kept) if kept else _NOTHING


def _key(name: str) -> ScalarNode:
    return ScalarNode(0, 0, name, plain=True)


def _lines(node: MappingNode | SequenceNode, indent: str) -> Iterator[str]:
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from _entry(f"{indent}-", item, f"{indent}  ")
        return
    for key, inner in node.entries:
        yield from _entry(f"{indent}{_scalar(key)}:", inner, f"{indent}  ")


def _entry(head: str, node: Node, indent: str) -> Iterator[str]:
    if isinstance(node, ScalarNode):
        yield f"{head} {_scalar(node)}".rstrip(" ")
    elif isinstance(node, MappingNode) and not node.entries:
        yield f"{head} {{}}"
    elif isinstance(node, SequenceNode) and not node.items:
        yield f"{head} []"
    else:
        yield head
        yield from _lines(node, indent)


def _scalar(node: ScalarNode) -> str:
    """Return a value as it was: numbers and truth values are not in quotes, and what was in quotes stays so."""
    # One that went over lines is one line here, in which each character means what it did; an empty line in it is a
    # line break of the text.
    if node.plain and "\n" not in node.text:
        return node.text
    text = quote(node.text)
    return text if text.startswith('"') else f'"{text}"'

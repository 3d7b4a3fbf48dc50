"""Writes docs/events.md from the code: ``python -m whimbrel.events.document > docs/events.md``.

The meaning of a field is below it in the source, where `ast` finds it.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import NamedTuple

from whimbrel.events.base import Body
from whimbrel.events.every import MODULES

_HEAD = """\
# Events

Everything that happens travels on the bus as an event: a stamp and a body. This page is made from the code
(`make docs`); each body is a class of the module named above it.

The stamp has `seq` (its place in the one order of all events), `time` (seconds since the epoch: of the frame, for what
was learned off the air), and `source` (the module that published it). The *level* decides whether the logger writes a
line; `modules.logger.levels` changes it for a kind. On the control socket and in JSON, addresses are text
(`aa:bb:cc:dd:ee:ff`), names of networks are escaped text with the octets beside them (`ssid`, `ssid_hex`), and
channels are objects with `freq`, `width` and `center`.
"""


class Field(NamedTuple):
    """One field of a body, from its source."""

    name: str
    type: str
    default: str
    """As written in the source; empty where it must be given."""
    meaning: str


class DocumentedKind(NamedTuple):
    """One kind of event."""

    kind: str
    class_name: str
    level: str
    meaning: str
    fields: Sequence[Field]


def entries(module: ModuleType) -> Iterator[DocumentedKind]:
    """Yield the bodies that `module` defines, in their order."""
    inherited: dict[str, tuple[Field, ...]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        body = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
        if isinstance(node, ast.ClassDef) and isinstance(body, type) and issubclass(body, Body):
            meaning = ast.get_docstring(node) or ""
            bases = [inherited.get(base.id, ()) for base in node.bases if isinstance(base, ast.Name)]
            fields = (*(field for base in bases for field in base), *_fields(node))
            inherited[node.name] = fields
            if node.name.startswith("_"):
                continue
            yield DocumentedKind(body.kind, node.name, body.level.name.lower(), meaning, fields)


def render(modules: Sequence[ModuleType] = MODULES) -> str:
    """Return the page."""
    parts = [_HEAD]
    for module in modules:
        title = (inspect.getdoc(module) or module.__name__).rstrip(".")
        parts.append(f"## {title}\n\n`{module.__name__}`\n")
        parts.extend(_render(entry) for entry in entries(module))
    return "\n".join(parts)


def _render(entry: DocumentedKind) -> str:
    lines = [f"### {entry.kind}", "", f"`{entry.class_name}`, level {entry.level}. {entry.meaning}", ""]
    if entry.fields:
        lines += ["| field | type | meaning |", "|---|---|---|"]
    for field in entry.fields:
        default = f" Default: `{field.default}`." if field.default else ""
        cells = (f"`{field.name}`", f"`{field.type}`", f"{field.meaning}{default}")
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    following = [*node.body[1:], None]
    for item, after in zip(node.body, following, strict=True):
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        kind = ast.unparse(item.annotation)
        if not kind.startswith("ClassVar"):
            default = ast.unparse(item.value) if item.value is not None else ""
            yield Field(item.target.id, kind, default, _text(after))


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return ""


if __name__ == "__main__":
    sys.stdout.write(render())

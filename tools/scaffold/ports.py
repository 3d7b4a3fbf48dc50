"""The methods of a driver for each port, read from `whimbrel.drivers.ports`, so a skeleton is never out of date."""

from __future__ import annotations

import ast
import inspect

from whimbrel.drivers import ports

PORTS = {
    name: {"kind": kind, "table": table, "protocol": protocol, "contract": contract, "folder": folder}
    for name, kind, table, protocol, contract, folder in (
        ("source", "Source", "SOURCES", "FrameSource", "frame_source", ""),
        ("tuner", "Tuner", "TUNERS", "Tuner", "tuner", ""),
        ("keypad", "Keypad", "KEYPADS", "Keypad", "keypad", "keypad/"),
        ("panel", "Panel", "PANELS", "Panel", "panel", "panel/"),
    )
}
"""The values for the templates by the name of the port."""


def methods(protocol: str) -> str:
    """Return the methods of a port with their docstrings, each without its body."""
    tree = ast.parse(inspect.getsource(ports))
    [cls] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == protocol]
    written = []
    for node in cls.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list:
            node.body.append(ast.parse('raise NotImplementedError("TODO")').body[0])
            written.append("    " + ast.unparse(node).replace("\n", "\n    "))
    return "\n\n".join(written)


def imports(protocol: str) -> str:
    """Return the import statements that these methods need, types only."""
    tree = ast.parse(inspect.getsource(ports))
    wanted = {node.id for node in ast.walk(ast.parse(_unindented(methods(protocol)))) if isinstance(node, ast.Name)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            found += [f"from {node.module} import {each.name}" for each in node.names if each.name in wanted]
    own = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    own |= {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
            if isinstance(target, ast.Name)}  # fmt: skip
    found += [f"from whimbrel.drivers.ports import {name}" for name in sorted(wanted & own)]
    return "\n".join(f"    {line}" for line in dict.fromkeys(found) if not line.endswith("import Iterable"))


def _unindented(text: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in text.splitlines())

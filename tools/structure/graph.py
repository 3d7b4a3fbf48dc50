"""The graph of imports, read from the text of the modules: nothing is imported for it.

Every import statement counts, also within functions and under ``TYPE_CHECKING``. A name in a table of drivers, modules
or commands (``"whimbrel.modules.sniffer:Sniffer"``) is no import: a part is looked up so that nothing depends on it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

PROJECT = "whimbrel"

Graph = Mapping[str, frozenset[str]]
"""The imports of each file, or of each package, within the project; every one is a key."""


def files(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Return the imports between the modules of `texts`, which has their text by name."""
    return {name: frozenset(_imported(text, texts)) - {name} for name, text in texts.items()}


def _imported(text: str, known: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                if below in known:
                    yield below
                elif node.module in known:
                    yield node.module


def package_of(module: str) -> str:
    """Return the package of a module: the first name below the project, as ``wifi``; or the project itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else PROJECT


def packages(imports: Graph) -> dict[str, frozenset[str]]:
    """Return the imports between packages; a single file at the top counts as one."""
    found: dict[str, set[str]] = {}
    for module, wanted in imports.items():
        own = package_of(module)
        found.setdefault(own, set()).update(package_of(each) for each in wanted)
    return {name: frozenset(wanted) - {name} for name, wanted in sorted(found.items())}


def circle(imports: Graph) -> list[str]:
    """Return one circle of imports, with its first member again at its end; empty if there is none."""
    try:
        TopologicalSorter({name: sorted(wanted) for name, wanted in sorted(imports.items())}).prepare()
    except CycleError as error:
        # graphlib gives it from the imported to the importing.
        found: list[str] = error.args[1]
        return found[::-1]
    return []


def reachable(imports: Graph) -> dict[str, frozenset[str]]:
    """Return all that each depends on, over any number of steps; itself too where it is part of a circle."""
    reach = {name: set(wanted) for name, wanted in imports.items()}
    for middle in imports:
        for wanted in reach.values():
            if middle in wanted:
                wanted.update(reach[middle])
    return {name: frozenset(wanted) for name, wanted in reach.items()}


def layers(imports: Graph) -> list[list[str]]:
    """Return the layers from the top to the bottom: each part lies above all that it imports, as low as that allows.

    The members of a circle share a layer.
    """
    reach = reachable(imports)
    heights: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in heights:
            group = {name} | {other for other in reach[name] if name in reach[other]}
            below = {wanted for member in group for wanted in imports[member]} - group
            heights.update(dict.fromkeys(group, 1 + max(map(height, below), default=-1)))
        return heights[name]

    highest = max(map(height, imports), default=-1)
    return [sorted(name for name in imports if heights[name] == level) for level in range(highest, -1, -1)]

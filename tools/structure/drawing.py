"""The graph for Graphviz, whose ``dot`` makes the picture, and as a table for people and for `git diff`."""

from __future__ import annotations

import subprocess
from collections.abc import Collection

from tools.structure.graph import Graph, layers, reachable

PURE = frozenset(
    {
        *(
            "capture",
            "detections",
            "errors",
            "events",
            "exporting",
            "geo",
            "gestures",
            "hearing",
            "late",
            "metering",
            "position",
            "receivers",
            "record",
            "rows",
            "screen_offers",
        ),
        *("screen_offers", "screens", "settings", "survey", "text", "tuning", "verbs", "wifi", "wording"),
    }
)
"""Packages without input, output, clock and event loop: bytes and values in, values out."""

_STYLE = """\
  rankdir=TB; bgcolor=white; nodesep=0.25; ranksep=0.55; newrank=true;
  node [shape=box, style="rounded,filled", fillcolor="#f4f4f4", color="#8a8a8a", fontname="Helvetica", fontsize=12];
  edge [color="#7a8794", arrowsize=0.6];
"""
_PURE = 'fillcolor="#dcefdc", color="#4c8a4c"'
_CIRCLE = 'color="#c62828", penwidth=1.6'


def arrows(imports: Graph) -> list[tuple[str, str, bool]]:
    """Return the imports to draw, and whether each is part of a circle; no arrow that follows from others."""
    reach = reachable(imports)
    drawn = []
    for name, wanted in sorted(imports.items()):
        for target in sorted(wanted):
            in_circle = name in reach[target]
            by_others = any(
                target in reach[other] and name not in reach[other] and (other not in reach[target] or other < target)
                for other in wanted - {target}
            )
            if in_circle or not by_others:
                drawn.append((name, target, in_circle))
    return drawn


def dot(imports: Graph, pure: Collection[str] = PURE) -> str:
    """Return the graph in the language of Graphviz, a rank for each layer."""
    lines = ["digraph structure {", _STYLE.rstrip()]
    for layer in layers(imports):
        names = [f'"{name}" [{_PURE}];' if name in pure else f'"{name}";' for name in layer]
        lines.append(f"  {{ rank=same; {' '.join(names)} }}")
    for name, target, in_circle in arrows(imports):
        lines.append(f'  "{name}" -> "{target}"' + (f" [{_CIRCLE}]" if in_circle else "") + ";")
    return "\n".join([*lines, "}"]) + "\n"


def svg(imports: Graph) -> str:
    """Return the picture. Raises FileNotFoundError without Graphviz, CalledProcessError where it does not take it."""
    return subprocess.run(["dot", "-Tsvg"], input=dot(imports), check=True, capture_output=True, text=True).stdout


def table(imports: Graph) -> str:
    """Return the layers as a table in Markdown: each package with all that it imports."""
    rows = ["| layer | package | imports |", "|---|---|---|"]
    stack = layers(imports)
    for number, layer in zip(range(len(stack), 0, -1), stack, strict=True):
        for name in layer:
            wanted = ", ".join(f"`{each}`" for each in sorted(imports[name])) or "nothing of the project"
            rows.append(f"| {number} | `{name}` | {wanted} |")
    return "\n".join(rows) + "\n"

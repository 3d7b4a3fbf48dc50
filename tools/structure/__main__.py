"""Prints the structure of the code as a page, or draws it: `python -m tools.structure --svg docs/structure.svg`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.structure import drawing, graph, sources

_PAGE = """\
# Structure of the code

Made by `make structure` from the import statements of `src/`, also those within functions and under `TYPE_CHECKING`.
Each package (or single file) stands above all that it imports. {circles}

![The packages in layers, an arrow from each to what it imports](structure.svg)

In green are the pure packages: no input, no output, no clock, no event loop. An arrow that follows from others is left
out; the table has all. `tests/test_architecture.py` says what may import what.

{table}"""


def page(texts: dict[str, str]) -> str:
    """Return the page for the modules of `texts`."""
    files = graph.files(texts)
    packages = graph.packages(files)
    found = [circle for circle in (graph.circle(packages), graph.circle(files)) if circle]
    circles = "No circle is left, of packages or of files."
    if found:
        circles = "There are circles: " + "; ".join(" → ".join(circle) for circle in found) + "."
    return _PAGE.format(circles=circles, table=drawing.table(packages))


def main(argv: list[str] | None = None) -> int:
    """Print the page, or write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commit", help="read this commit instead of the working tree")
    parser.add_argument("--svg", type=Path, help="draw into this file, and print nothing (needs Graphviz)")
    arguments = parser.parse_args(argv)
    texts = sources.in_commit(arguments.commit) if arguments.commit else sources.in_folder()
    if arguments.svg is None:
        sys.stdout.write(page(texts))
    else:
        arguments.svg.write_text(drawing.svg(graph.packages(graph.files(texts))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

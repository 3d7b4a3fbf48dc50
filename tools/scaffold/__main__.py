"""Begins a new part: `python -m tools.scaffold detection beacon-gap --family disruption` (`make new-detection …`)."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

from tools.scaffold import ports
from tools.scaffold.names import spellings
from tools.scaffold.recipes import RECIPES, Line

from whimbrel.detections.document import FAMILIES

ROOT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "templates"


class Refused(Exception):
    """Nothing was written: the obstacle, with advice."""


def begin(kind: str, values: Mapping[str, str], root: Path = ROOT) -> list[Path]:
    """Write the files of a part and register it; return all files that are touched. Raises `Refused`."""
    recipe = RECIPES[kind]
    made = {root / _filled(path, values): template for path, template in recipe.files.items()}
    for path in made:
        if path.exists():
            raise Refused(f"{path.relative_to(root)} is there already: choose another name")
    changed: dict[Path, str] = {}
    for line in recipe.lines:
        path = root / line.path
        changed[path] = _inserted(changed.get(path) or path.read_text(encoding="utf-8"), line, values)
    for path, template in made.items():
        text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(text, values), encoding="utf-8")
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    return [*made, *changed]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return Template(text).substitute(values)


def _inserted(text: str, line: Line, values: Mapping[str, str]) -> str:
    """Return a file's text with a line in its place. Raises `Refused` if that place is missing."""
    lines = text.splitlines(keepends=True)
    places = [number for number, each in enumerate(lines) if re.search(_filled(line.after, values), each)]
    at = places[-1] + 1 if places else len(lines)
    while at < len(lines) and line.before and not re.search(line.before, lines[at]):
        at += 1
    if not places or (line.before and at == len(lines)):
        raise Refused(f"{line.path}: found no place for {line.text!r}; correct its recipe in tools/scaffold/recipes.py")
    return "".join([*lines[:at], _filled(line.text, values), "\n", *lines[at:]])


def _values(arguments: argparse.Namespace) -> dict[str, str]:
    values = spellings(arguments.name)
    if arguments.kind == "command" and "-" in arguments.name:
        raise ValueError(f"expected one word for a command, found {arguments.name!r}")
    if arguments.kind == "detection":
        values["family"] = arguments.family
    if arguments.kind == "driver":
        port = ports.PORTS[arguments.port]
        values |= port
        values["dotted"] = port["folder"].replace("/", ".")
        values["methods"], values["imports"] = ports.methods(port["protocol"]), ports.imports(port["protocol"])
    return values


def main(argv: list[str] | None = None) -> int:
    """Begin a part, and print the remaining steps."""
    parser = argparse.ArgumentParser(prog="tools.scaffold", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in RECIPES:
        one = kinds.add_parser(kind)
        one.add_argument("name", help="in lower case with hyphens, as beacon-gap")
        if kind == "detection":
            one.add_argument("--family", choices=FAMILIES, default="disruption")
        if kind == "driver":
            one.add_argument("--port", choices=ports.PORTS, default="panel")
    arguments = parser.parse_args(argv)
    try:
        values = _values(arguments)
        touched = begin(arguments.kind, values)
    except (Refused, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    python = [str(path) for path in touched if path.suffix == ".py"]
    for command in (["check", "--fix", "--quiet", "--exit-zero", "--select", "I,F401"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *python], check=True)
    sys.stdout.write("".join(f"wrote {path.relative_to(ROOT)}\n" for path in touched))
    sys.stdout.write(f"the remaining steps (docs/contributing/{RECIPES[arguments.kind].page}):\n")
    sys.stdout.write("".join(f"  {_filled(step, values)}\n" for step in RECIPES[arguments.kind].steps))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

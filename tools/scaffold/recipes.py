"""The files of each kind of part: new files, and lines in existing files."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """Text for an existing file. All texts may hold the names of `tools.scaffold.names.spellings` after a ``$``."""

    path: str
    text: str
    after: str
    """Expression that the lines match behind the last of which it goes."""
    before: str = ""
    """Expression that the next line matches before which it goes."""


class Recipe(NamedTuple):
    """How one kind of part is begun."""

    files: dict[str, str]
    """The template of each new file, by its path."""
    lines: tuple[Line, ...]
    steps: tuple[str, ...]
    """The remaining steps in order."""
    page: str
    """The page of docs/contributing that explains it."""


_CHANGELOG = "say in CHANGELOG.md what a user notices"

RECIPES = {
    "detection": Recipe(
        files={
            "src/whimbrel/detections/$family/$module.py": "detection.py",
            "tests/detections/$family/test_$module.py": "detection_test.py",
        },
        lines=(Line("src/whimbrel/detections/registry.py", '    "$family.$module",', after=r'^    "$family\.'),),
        steps=(
            "write the rule: src/whimbrel/detections/$family/$module.py, until each TODO is gone",
            "give its test air that raises it, and air that looks like it: tests/detections/$family/test_$module.py",
            "make docs",
            _CHANGELOG,
        ),
        page="detection.md",
    ),
    "screen": Recipe(
        files={
            "src/whimbrel/screens/$module.py": "screen.py",
            "tests/screens/test_$module.py": "screen_test.py",
        },
        lines=(
            Line(
                "src/whimbrel/screens/menu.py",
                "from whimbrel.screens.$module import ${module}_page",
                after=r"^from whimbrel\.screens\.",
            ),
            Line(
                "src/whimbrel/screens/menu.py",
                '        leads("$title", MenuPlace(look, 47), ${module}_page),',
                after=r"^        leads\(.*Place\(look,",
            ),
            Line(
                "tools/screenshots/gallery.py",
                "from whimbrel.screens.$module import ${module}_page",
                after=r"^from whimbrel\.screens\.",
            ),
            Line("tools/screenshots/gallery.py", '    "$name": Shot(${module}_page),', after="^SHOTS", before="^}"),
        ),
        steps=(
            "draw it: src/whimbrel/screens/$module.py, until each TODO is gone",
            "say in its test what it shows: tests/screens/test_$module.py",
            "make screenshots, and look at docs/screens/$name.png and the pictures of the menu",
            "describe it in docs/screens.md",
            _CHANGELOG,
        ),
        page="screen.md",
    ),
    "driver": Recipe(
        files={
            "src/whimbrel/drivers/$folder$module.py": "driver.py",
            "tests/drivers/${folder}test_$module.py": "driver_test.py",
        },
        lines=(
            Line(
                "src/whimbrel/drivers/registry.py",
                "    Driver(\n"
                '        name="$module",\n'
                '        target="whimbrel.drivers.$dotted$module:$cls$kind",\n'
                '        settings="whimbrel.drivers.$dotted$module:${cls}Settings",\n'
                '        help="TODO: what it is, in a few words",\n'
                "    ),",
                after="^$table = ",
                before=r"^\)",
            ),
        ),
        steps=(
            "write what the port asks for: src/whimbrel/drivers/$folder$module.py, until each TODO is gone",
            "say in its entry in src/whimbrel/drivers/registry.py what it is",
            "say how it is tried on every machine: BENCHES in tests/contracts/test_$contract.py",
            "test what is its own: tests/drivers/${folder}test_$module.py",
            "make docs",
            _CHANGELOG,
        ),
        page="driver.md",
    ),
    "module": Recipe(
        files={
            "src/whimbrel/modules/$module.py": "module.py",
            "tests/modules/test_$module.py": "module_test.py",
        },
        lines=(
            Line(
                "src/whimbrel/config/registry.py",
                '    "$name": "whimbrel.modules.$module:$cls",',
                after=r'^    ".*": "whimbrel\.modules\.',
            ),
            Line("pyproject.toml", '$name = "whimbrel.modules.$module:$cls"', after=r'^.* = "whimbrel\.modules\.'),
            Line(
                "tests/contracts/test_module.py",
                '    "$name": lambda _folder: "",',
                after="^BENCHES",
                before="^}",
            ),
        ),
        steps=(
            "write what it does: src/whimbrel/modules/$module.py, until each TODO is gone",
            "say in its test what it hears and what it publishes: tests/modules/test_$module.py",
            "make docs",
            _CHANGELOG,
        ),
        page="module.md",
    ),
    "command": Recipe(
        files={
            "src/whimbrel/cli/commands/$module.py": "command.py",
            "tests/cli/commands/test_$module.py": "command_test.py",
        },
        lines=(
            Line(
                "src/whimbrel/cli/commands/__init__.py",
                '    "$name": "TODO: what it does, in a few words",',
                after="^SUMMARIES",
                before="^}",
            ),
        ),
        steps=(
            "write what it does: src/whimbrel/cli/commands/$module.py, until each TODO is gone",
            "say what it does in SUMMARIES of src/whimbrel/cli/commands/__init__.py",
            "say in its test what it prints: tests/cli/commands/test_$module.py",
            "add it to the table of commands in README.md",
            _CHANGELOG,
        ),
        page="command.md",
    ),
}

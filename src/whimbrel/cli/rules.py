"""``rules``: what is looked for, and with which thresholds."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from whimbrel.cli import exits
from whimbrel.cli.remote import ask_daemon, print_json
from whimbrel.cli.survey_tables import rows
from whimbrel.cli.terminal import terminal_width
from whimbrel.text import harmless
from whimbrel.wording.tables import Column, layout

_COLUMNS = (
    Column("RULE"), Column("FAMILY"), Column("SEVERITY"), Column("ON"), Column("WHAT", least=16),
    Column("THRESHOLDS", least=16),
)  # fmt: skip
_COMMON = frozenset({"enabled", "severity", "mute", "mute_ssids"})
_TEXT_WIDTH = 100


def run(args: argparse.Namespace) -> int:
    """Print the table of rules, or one in words."""
    found = _of_settings(args) if args.config or args.defaults else _of_daemon(args)
    if args.json:
        return print_json(found)
    width = terminal_width(args.width)
    if args.rule is not None:
        print("\n".join(line for row in found for line in explained(row, width)))
    else:
        print("\n".join(layout(_COLUMNS, map(_cells, found), width)))
    return exits.OK


def explained(row: Mapping[str, Any], width: int = 0) -> Iterator[str]:
    """Yield the lines that tell a person everything about a rule."""
    room = min(width or _TEXT_WIDTH, _TEXT_WIDTH)
    yield f"{_text(row, 'rule')}: {_text(row, 'title')} ({_text(row, 'family')}, {_text(row, 'severity')}, {_on(row)})"
    for label, name in (
        ("What it means", "meaning"), ("What is looked for", "looks_for"), ("What may fool it", "fooled_by"),
        ("What to do", "advice"), ("Reference", "reference"),
    ):  # fmt: skip
        yield ""
        yield from textwrap.wrap(f"{label}: {_text(row, name)}", room)
    yield ""
    yield f"Settings, below modules.watcher.detections.{_text(row, 'rule')}:"
    for name, setting in _settings(row):
        default = "" if setting["value"] == setting["default"] else f" (default: {harmless(str(setting['default']))})"
        yield f"  {harmless(name)}: {harmless(str(setting['value']))}{default}"
        yield from textwrap.wrap(
            harmless(str(setting.get("help", ""))), room, initial_indent="      ", subsequent_indent="      "
        )


def _of_daemon(args: argparse.Namespace) -> list[dict[str, Any]]:
    return rows(ask_daemon(args, "rules", **({} if args.rule is None else {"rule": args.rule})))


def _of_settings(args: argparse.Namespace) -> list[dict[str, Any]]:
    from whimbrel.config import defaults, load
    from whimbrel.detections.registry import all_detections
    from whimbrel.modules.watcher import WatcherSettings
    from whimbrel.settings.problems import ConfigError
    from whimbrel.watching.rows import rule_rows
    from whimbrel.wording.suggestions import no_such

    try:
        configuration = defaults() if args.defaults else load(Path(args.config))
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error
    watcher = configuration.modules.get("watcher") or WatcherSettings()
    classes = all_detections()
    if args.rule is not None:
        names = [cls.rule for cls in classes]
        classes = tuple(cls for cls in classes if cls.rule == args.rule)
        if not classes:
            raise exits.CommandError(exits.FAILURE, no_such("rule", args.rule, names))
    return rule_rows(classes, vars(watcher.detections), None)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    thresholds = ", ".join(f"{name} {setting['value']}" for name, setting in _settings(row) if name not in _COMMON)
    return (
        _text(row, "rule"), _text(row, "family"), _text(row, "severity"), _on(row), _text(row, "title"),
        harmless(thresholds) or "-",
    )  # fmt: skip


def _on(row: Mapping[str, Any]) -> str:
    return "failed" if row.get("failed") else "on" if row.get("enabled") else "off"


def _settings(row: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    settings = row.get("settings")
    if not isinstance(settings, dict):
        return []
    return [(name, value) for name, value in settings.items() if isinstance(value, dict) and "value" in value]


def _text(row: Mapping[str, Any], name: str) -> str:
    return harmless(str(row.get(name, "")))

"""``rules``: the detection rules and their thresholds."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from pathlib import Path

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option, add_width_option
from whimbrel.cli.terminal import look
from whimbrel.text import harmless
from whimbrel.verbs.alerts import RULES, RuleRow
from whimbrel.wording.styles import PLAIN, Look, Style, of_severity
from whimbrel.wording.tables import Column, layout


def _of_on(shown: str) -> Style:
    return {"on": Style.GOOD, "failed": Style.ALARM, "needs monitor mode": Style.DOUBTFUL}.get(shown, Style.FAINT)


_COLUMNS = (
    Column("RULE", style=lambda _: Style.STRONG), Column("FAMILY", leaves=2),
    Column("SEVERITY", leaves=3, style=of_severity), Column("ON", style=_of_on), Column("WHAT", least=16),
    Column("THRESHOLDS", least=16, leaves=1),
)  # fmt: skip
_COMMON = frozenset({"enabled", "severity", "mute", "mute_ssids"})
_TEXT_WIDTH = 100
MORE = "Those of the running daemon; with --config\nthose of a settings file, with --defaults the defaults."
EPILOG = "examples:\n  whimbrel rules\n  whimbrel rules deauth-flood"
VERBS = (RULES,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", nargs="?", metavar="RULE", help="the rule to explain")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--config", "-c", metavar="FILE", help="a settings file instead of the running daemon")
    source.add_argument("--defaults", action="store_true", help="the defaults")
    add_json_option(parser)
    add_width_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the table of rules, or one rule in words."""
    found = _of_settings(args) if args.config or args.defaults else ask_daemon(args, RULES, rule=args.rule)
    if args.json:
        return print_json(found)
    how = look(args.width)
    if args.rule is not None:
        print("\n".join(line for row in found for line in explained(row, how)))
    else:
        print("\n".join(layout(_COLUMNS, map(_cells, found), how.width, coloured=how.coloured)))
    return exits.OK


def explained(row: RuleRow, how: Look = PLAIN) -> Iterator[str]:
    """Yield the lines of a full description of a rule."""
    room = min(how.width or _TEXT_WIDTH, _TEXT_WIDTH)
    severity = how.paint(harmless(row.severity), of_severity(row.severity))
    name = how.paint(f"{harmless(row.rule)}: {harmless(row.title)}", Style.STRONG)
    yield f"{name} ({harmless(row.family)}, {severity}, {how.paint(_on(row), _of_on(_on(row)))})"
    for label, text in (
        ("What it means", row.meaning), ("What is looked for", row.looks_for), ("What may fool it", row.fooled_by),
        ("What to do", row.advice), ("Reference", row.reference),
    ):  # fmt: skip
        yield ""
        first, *others = textwrap.wrap(f"{label}: {harmless(text)}", room)
        # Where the screen is so narrow that the label itself is broken, it stays plain.
        told = first.startswith(label)
        yield how.paint(label, Style.STRONG) + first[len(label) :] if told else first
        yield from others
    if row.needs_monitor:
        yield ""
        yield "Only a radio in monitor mode hears this; a scan does not."
    yield ""
    yield f"Settings, below modules.watcher.detections.{harmless(row.rule)}:"
    for name, setting in row.settings.items():
        same = setting.value == setting.default
        default = "" if same else how.paint(f" (default: {harmless(setting.default)})", Style.FAINT)
        label_of_it = how.paint(harmless(name), Style.PLAIN if same else Style.STRONG)
        yield f"  {label_of_it}: {harmless(setting.value)}{default}"
        yield from textwrap.wrap(harmless(setting.help), room, initial_indent="      ", subsequent_indent="      ")


def _of_settings(args: argparse.Namespace) -> tuple[RuleRow, ...]:
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


def _cells(row: RuleRow) -> tuple[str, ...]:
    thresholds = ", ".join(f"{name} {setting.value}" for name, setting in row.settings.items() if name not in _COMMON)
    return (
        harmless(row.rule), harmless(row.family), harmless(row.severity), _on(row), harmless(row.title),
        harmless(thresholds) or "-",
    )  # fmt: skip


def _on(row: RuleRow) -> str:
    if row.failed or not row.enabled:
        return "failed" if row.failed else "off"
    return "needs monitor mode" if row.unheard else "on"

"""The parsers of the commands about alerts, rules and guarded networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.cli import exits
from whimbrel.cli.options import add_command, add_socket_option, columns

if TYPE_CHECKING:
    from whimbrel.cli.options import Commands


def add_desk_commands(commands: Commands) -> None:
    """Add ``alerts``, ``evidence``, ``acknowledge``, ``rules`` and ``learn``."""
    _add_alerts(commands)
    _add_evidence(commands)
    _add_acknowledge(commands)
    _add_rules(commands)
    _add_learn(commands)


def _add_alerts(commands: Commands) -> None:
    alerts = add_command(
        commands, "alerts", "alerts:alerts", summary="list what is wrong in the air, or explain one alert",
        more="Without --all: what goes on, and what\nnobody has acknowledged yet. Weaknesses, which nobody attacks, "
        "stand at the end.",
        epilog="examples:\n  whimbrel alerts\n  whimbrel alerts 7     what it means, and what to do\n"
        "  whimbrel alerts --json --all | jq '.alerts[] | select(.severity == \"critical\")'",
    )  # fmt: skip
    alerts.add_argument("id", nargs="?", metavar="ID", help="the one to explain")
    alerts.add_argument("--all", action="store_true", help="also what is over and was seen")
    alerts.add_argument("--json", action="store_true", help="everything, for programs")
    alerts.add_argument("--width", type=columns, metavar="COLUMNS", help="how wide a table may be")
    add_socket_option(alerts)


def _add_evidence(commands: Commands) -> None:
    evidence = add_command(
        commands, "evidence", "alerts:evidence", summary="save the frames of an alert, for Wireshark",
        more="pcapng with radiotap headers; the\nalert's words stand in the comments.",
        epilog="examples:\n  whimbrel evidence 7 flood.pcapng\n  whimbrel evidence 7 - | tshark -r -",
    )  # fmt: skip
    evidence.add_argument("id", metavar="ID", help="the alert, as `whimbrel alerts --all` lists it")
    evidence.add_argument("file", metavar="OUT.pcapng", help="the file to write; - for standard output")
    evidence.add_argument("--force", action="store_true", help="write over a file that is there")
    add_socket_option(evidence)


def _add_acknowledge(commands: Commands) -> None:
    acknowledge = add_command(
        commands, "acknowledge", "alerts:acknowledge", summary="say that an alert was seen",
        more="It counts as new again only if it\nbecomes worse.",
    )  # fmt: skip
    acknowledge.add_argument("id", metavar="ID|all", help="the alert, or all of them")
    acknowledge.add_argument("--json", action="store_true", help="everything, for programs")
    add_socket_option(acknowledge)


def _add_rules(commands: Commands) -> None:
    rules = add_command(
        commands, "rules", "rules:run",
        summary="list what is looked for, with the thresholds in force, or explain one rule",
        more="Of the running daemon; with --config\nof a settings file, with --defaults of none.",
        epilog="examples:\n  whimbrel rules\n  whimbrel rules deauth-flood",
    )  # fmt: skip
    rules.add_argument("rule", nargs="?", metavar="RULE", help="the one to explain")
    source = rules.add_mutually_exclusive_group()
    source.add_argument("--config", "-c", metavar="FILE", help="a settings file instead of the running daemon")
    source.add_argument("--defaults", action="store_true", help="what holds where nothing is set")
    rules.add_argument("--json", action="store_true", help="everything, for programs")
    rules.add_argument("--width", type=columns, metavar="COLUMNS", help="how wide a table may be")
    add_socket_option(rules)


def _add_learn(commands: Commands) -> None:
    learn = add_command(
        commands, "learn", "learn:run", summary="guard networks as they are heard now",
        more="Their access points, protection and (with\n--channels) channels go into a file of their own beside the "
        "settings; whatever\ndiffers from then on is an alert. Without SSID: those that are guarded, anew.",
        epilog="examples:\n  whimbrel learn --dry-run home\n  whimbrel learn home 'home 5G'\n  whimbrel learn --list\n"
        "  whimbrel learn --forget home\n\n"
        f"exit status: {exits.OK} guarded, {exits.FAILURE} refused: something looks wrong in the air, and is shown",
    )  # fmt: skip
    learn.add_argument(
        "ssids", nargs="*", metavar="SSID", help="a name, as `whimbrel survey` shows it; or hex: and octets"
    )
    learn.add_argument("--channels", action="store_true", help="another channel is an alert too")
    learn.add_argument("--yes", action="store_true", help="also where something looks wrong")
    what = learn.add_mutually_exclusive_group()
    what.add_argument(
        "--dry-run", action="store_true", help="show what would be learned, and what looks wrong; no more"
    )
    what.add_argument("--list", action="store_true", help="list the networks that are guarded")
    what.add_argument("--forget", metavar="SSID", help="guard this learned network no longer")
    learn.add_argument("--json", action="store_true", help="everything, for programs")
    add_socket_option(learn)

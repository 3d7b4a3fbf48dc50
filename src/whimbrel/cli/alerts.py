"""``alerts``, ``evidence`` and ``acknowledge``: what is wrong in the air, as a running daemon tells it."""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from whimbrel.cli import exits
from whimbrel.cli.remote import ask_daemon, print_json
from whimbrel.cli.survey_tables import channel_of, rows
from whimbrel.cli.terminal import terminal_width
from whimbrel.text import harmless
from whimbrel.wording.quantities import count, moment, span
from whimbrel.wording.tables import Column, layout

Row = Mapping[str, Any]

_COLUMNS = (
    Column("ID", right=True), Column("AGO", right=True), Column("SEVERITY"), Column("RULE", least=12),
    Column("WHAT", least=14), Column("WHERE", least=12), Column("COUNT", right=True), Column("STATE"),
)  # fmt: skip
_TEXT_WIDTH = 100
_WEAKNESS = "weakness"
_FEW = 4
"""Weaknesses of one rule that are shown unless all are asked for."""


def alerts(args: argparse.Namespace) -> int:
    """Print the table of alerts, or one in words."""
    if args.id is not None:
        answer = ask_daemon(args, "alerts", alert=args.id)
        if args.json:
            return print_json(answer)
        for row in rows(answer.get("alerts")):
            print("\n".join(explained(row, _now(answer), terminal_width(args.width))))
        return exits.OK
    answer = ask_daemon(args, "alerts")
    everything = rows(answer.get("alerts"))
    found = everything if args.all else [row for row in everything if is_new(row)]
    if args.json:
        return print_json({**answer, "alerts": found})
    print("\n".join(table(found, _now(answer), terminal_width(args.width), few=not args.all)))
    if left := len(everything) - len(found):
        print(f"\n{left} more that are over and were seen: --all")
    return exits.OK


def evidence(args: argparse.Namespace) -> int:
    """Write the frames of an alert to a file."""
    answer = ask_daemon(args, "evidence", alert=args.id)
    capture = io.BytesIO()
    from whimbrel.cli.saved_evidence import save_file, write_evidence

    try:
        number = write_evidence(capture, answer)
    except (KeyError, TypeError, ValueError) as error:
        raise exits.CommandError(
            exits.FAILURE, "the daemon's answer is no evidence; is it of another version?"
        ) from error
    if args.file == "-":
        sys.stdout.buffer.write(capture.getvalue())
        return exits.OK
    save_file(Path(args.file), capture.getvalue(), force=args.force)
    print(f"{harmless(args.file)}: {count(number, 'frame')}")
    return exits.OK


def acknowledge(args: argparse.Namespace) -> int:
    """Say that alerts were seen."""
    answer = ask_daemon(args, "acknowledge", alert=args.id)
    if args.json:
        return print_json(answer)
    seen = [harmless(str(number)) for number in answer.get("acknowledged", ())]
    print(f"seen from now on: {', '.join(seen)}" if seen else "nothing that was not seen already")
    return exits.OK


def is_new(row: Row) -> bool:
    """Tell whether an alert goes on, or nobody has seen it."""
    return row.get("state") == "open" or not row.get("acknowledged")


def table(found: Sequence[Row], now: float, width: int = 0, *, few: bool = False) -> list[str]:
    """Return the lines of a table, the newest first, with the weaknesses in a table of their own behind it.

    `few`: of the weaknesses that one rule found, the newest are shown, and the others counted.
    """
    if not found:
        return ["no alert"]
    attacks = [row for row in found if row.get("severity") != _WEAKNESS]
    weak = [row for row in found if row.get("severity") == _WEAKNESS]
    lines = layout(_COLUMNS, (_cells(row, now) for row in attacks), width) if attacks else ["no alert but weaknesses"]
    if weak:
        shown = _newest_of_each(weak) if few else weak
        lines += ["", "weaknesses:", *layout(_COLUMNS, (_cells(row, now) for row in shown), width)]
        more = Counter(_text(row, "rule") for row in weak)
        more.subtract(_text(row, "rule") for row in shown)
        lines += [f"and {number} more of {rule}: --all" for rule, number in more.items() if number]
    return lines


def _newest_of_each(weak: Iterable[Row]) -> list[Row]:
    shown: list[Row] = []
    seen: Counter[str] = Counter()
    for row in weak:
        seen[_text(row, "rule")] += 1
        if seen[_text(row, "rule")] <= _FEW:
            shown.append(row)
    return shown


def explained(row: Row, now: float, width: int = 0) -> Iterator[str]:
    """Yield the lines that tell a person everything about an alert."""
    room = min(width or _TEXT_WIDTH, _TEXT_WIDTH)
    yield f"{_text(row, 'title')} ({_text(row, 'severity')}, {_text(row, 'confidence')} confidence)"
    yield ""
    yield from textwrap.wrap(_text(row, "text"), room)
    yield ""
    for label, value in _facts(row, now):
        yield from textwrap.wrap(f"{label + ':':12}{value}", room, subsequent_indent=" " * 12)
    for label, name in (
        ("What it means", "meaning"), ("What may fool it", "fooled_by"), ("What to do", "advice"),
        ("Reference", "reference"),
    ):  # fmt: skip
        yield ""
        yield from textwrap.wrap(f"{label}: {_text(row, name)}", room)


def _facts(row: Row, now: float) -> Iterable[tuple[str, str]]:
    first, last = _number(row, "first"), _number(row, "last")
    yield "alert", f"{_text(row, 'id')} of the rule {_text(row, 'rule')}, {_state(row)}"
    lasted = f", for {span(last - first)}" if last - first >= 1 else ""
    yield "since", f"{moment(first)}{lasted}; last heard {span(now - last)} ago"
    threshold = f"; it takes {_text(row, 'threshold')}" if row.get("threshold") else ""
    again = f"; raised {_text(row, 'again')} times before" if row.get("again") else ""
    yield "count", f"{_text(row, 'count')}{threshold}{again}"
    yield "where", _place(row) or "not told"
    if row.get("ssid"):
        yield "network", f'"{_text(row, "ssid")}"'
    for label, name in (("BSSID", "bssid"), ("sender", "sender"), ("receiver", "receiver")):
        if row.get(name):
            yield label, _text(row, name)
    left_out = f", {_text(row, 'left_out')} more were not kept" if row.get("left_out") else ""
    save_by = f"; whimbrel evidence {_text(row, 'id')} OUT.pcapng" if row.get("frames") else ""
    yield "frames", f"{_text(row, 'frames')}{left_out}{save_by}"


def _cells(row: Row, now: float) -> tuple[str, ...]:
    return (
        _text(row, "id"), span(now - _number(row, "last")), _text(row, "severity"), _text(row, "rule"),
        _text(row, "title"), place(row), _text(row, "count"), _state(row),
    )  # fmt: skip


def place(row: Row) -> str:
    """Return network (or access point) and channel of an alert, as far as they are told."""
    ssid, bssid = _text(row, "ssid"), _text(row, "bssid") if row.get("bssid") else ""
    channel = f"ch {label}" if (label := channel_of(row)) else ""
    return " ".join(filter(None, (f'"{ssid}"' if ssid else bssid, channel))) or "-"


def _state(row: Row) -> str:
    if row.get("severity") == _WEAKNESS:  # what nobody does has no end
        return "seen" if row.get("acknowledged") else "new"
    state = "open" if row.get("state") == "open" else "over"
    return f"{state}, seen" if row.get("acknowledged") else state


def _place(row: Row) -> str:
    parts = [f"channel {label}"] if (label := channel_of(row)) else []
    if row.get("freq"):
        parts.append(f"{_text(row, 'freq')} MHz")
    levels = row.get("rssi_range")
    if isinstance(levels, list) and len(levels) == 2:
        low, high = (harmless(str(level)) for level in levels)
        parts.append(f"{low} dBm" if low == high else f"{low} to {high} dBm")
    return ", ".join(parts)


def _now(answer: Mapping[str, Any]) -> float:
    return _number(answer, "time")


def _number(row: Row, name: str) -> float:
    value = row.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _text(row: Row, name: str) -> str:
    return harmless(str(row.get(name, "")))

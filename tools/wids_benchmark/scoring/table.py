"""The score as Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from tools.wids_benchmark.building.ears import CONDITIONS
from tools.wids_benchmark.kinds import KINDS
from tools.wids_benchmark.scoring.names import Names
from tools.wids_benchmark.scoring.score import FalseAlarm, Score, Unit
from tools.wids_benchmark.stage import INTENSITIES


def tables(score: Score, names: Names) -> list[str]:
    """Return the lines of all tables that have rows."""
    lines = [*_total(score, names)]
    if score.units:
        lines += ["", *_by_condition(score.units), "", *_by_kind(score.units, names)]
    if score.hours:
        lines += ["", *_benign(score)]
    return lines


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({100 * part / whole:.0f} %)" if whole else "-"


def _noticed_and_named(units: Sequence[Unit]) -> tuple[str, str]:
    noticed, named = sum(unit.noticed for unit in units), sum(unit.named for unit in units)
    return _share(noticed, len(units)), _share(named, len(units))


def _delay(units: Iterable[Unit]) -> str:
    delays = [unit.delay for unit in units if unit.named and unit.delay is not None]
    return f"{median(delays):.1f} s" if delays else "-"


def _total(score: Score, names: Names) -> list[str]:
    units = [unit for unit in score.units if unit.present]
    taken = [unit for unit in units if unit.kind not in names.left_out]
    lines = []
    if units:
        lines.append("- Attacks: noticed {}, named right {}.".format(*_noticed_and_named(units)))
    if len(taken) != len(units):
        both = _noticed_and_named(taken)
        lines.append(f"- Without what {names.detector} leaves out on purpose: noticed {both[0]}, named {both[1]}.")
    if absent := len(score.units) - len(units):
        lines.append(f"- Not scored, because the ear heard no frame of the attack: {absent}.")
    if score.hours:
        hours, count = sum(score.hours.values()), len(score.false_alarms)
        often = f"{10 * count / hours:.1f} in ten hours"
        lines.append(f"- False alarms (a warning or worse): {count} in {hours:.1f} h of benign air, {often}.")
    if score.units:
        lines.append(f"- Alerts beside an attack, which do not belong to it: {len(score.beside)}.")
    return lines


def _by_condition(units: Iterable[Unit]) -> list[str]:
    grouped: defaultdict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.present:
            grouped[(unit.condition, unit.intensity)].append(unit)
    lines = ["| condition | intensity | attacks | noticed | named | median delay |", "|---|---|---|---|---|---|"]
    for (condition, intensity), group in sorted(grouped.items(), key=lambda item: _place(*item[0])):
        noticed, named = _noticed_and_named(group)
        lines.append(f"| {condition} | {intensity} | {len(group)} | {noticed} | {named} | {_delay(group)} |")
    return lines


def _place(condition: str, intensity: str) -> tuple[int, ...]:
    orders = ((condition, tuple(CONDITIONS)), (intensity, INTENSITIES))
    return tuple(order.index(name) if name in order else len(order) for name, order in orders)


def _by_kind(units: list[Unit], names: Names) -> list[str]:
    lines = [
        "| kind | attacks | noticed | named | median delay | what was raised, and how often |",
        "|---|---|---|---|---|---|",
    ]
    order = {name: number for number, name in enumerate(KINDS)}
    for kind in sorted({unit.kind for unit in units}, key=lambda kind: (order.get(kind, len(order)), kind)):
        group = [unit for unit in units if unit.kind == kind and unit.present]
        raised = Counter(name for unit in group for name in unit.raised)
        told = ", ".join(f"{name} {count}" for name, count in raised.most_common(6)) or "-"
        if kind in names.left_out:
            told += f" (left out: {names.left_out[kind]})"
        counts = f"{len(group)} | {sum(unit.noticed for unit in group)} | {sum(unit.named for unit in group)}"
        lines.append(f"| {kind} | {counts} | {_delay(group)} | {told} |")
    return lines


def _benign(score: Score) -> list[str]:
    lines = ["| benign air | condition | hours | false alarms | which |", "|---|---|---|---|---|"]
    for (scene, condition), hours in score.hours.items():
        alarms = [alarm for alarm in score.false_alarms if (alarm.scene, alarm.condition) == (scene, condition)]
        which = ", ".join(f"{name} {count}" for name, count in Counter(a.kind for a in alarms).most_common()) or "-"
        lines.append(f"| {scene} | {condition} | {hours:.2f} | {len(alarms)} | {which} |")
    return lines


def details(score: Score) -> list[str]:
    """Return a line for each miss, wrong name, false alarm and alert beside an attack."""
    lines = [f"missed: {u.capture}" for u in score.units if u.present and not u.noticed]
    lines += [
        f"named otherwise: {u.capture}: {', '.join(u.raised)}"
        for u in score.units
        if u.present and u.noticed and not u.named
    ]
    lines += [_told("false alarm", alarm) for alarm in score.false_alarms]
    return lines + [_told("beside", alarm) for alarm in score.beside]


def _told(what: str, alarm: FalseAlarm) -> str:
    return f"{what}: {alarm.kind} ({alarm.severity}) at {alarm.at} s of {alarm.capture}"

"""``python -m tools.wids_benchmark``: makes labelled captures, and scores a detector by them (README.md)."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tools.wids_benchmark import making
from tools.wids_benchmark.benign import SCENES
from tools.wids_benchmark.building.ears import CONDITIONS
from tools.wids_benchmark.kinds import KINDS
from tools.wids_benchmark.running import Run, from_files
from tools.wids_benchmark.scoring import names, table
from tools.wids_benchmark.scoring.alerts import AlertsUnreadable
from tools.wids_benchmark.stage import INTENSITIES


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 2 for what cannot be read."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except (AlertsUnreadable, ValueError, OSError) as error:
        print(f"wids_benchmark: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.wids_benchmark", description=__doc__)
    commands = parser.add_subparsers(required=True)
    kinds = commands.add_parser("kinds", help="list the kinds of attacks, and the benign scenes")
    kinds.set_defaults(run=_kinds)
    make = commands.add_parser("make", help="write captures and their truth into a folder")
    make.add_argument("folder", type=Path)
    make.set_defaults(run=_make)
    score = commands.add_parser("score", help="score the alerts of any detector: FOLDER/NAME.jsonl for each capture")
    score.add_argument("folder", type=Path, help="the captures and their truth")
    score.add_argument("alerts", type=Path, help="folder of NAME.jsonl, or with --kismet of NAME.json")
    score.add_argument("--kismet", action="store_true", help="the alerts are Kismet's")
    score.add_argument(
        "--names", type=Path, help="the detector's names of kinds (default: those of Kismet or Whimbrel)"
    )
    score.set_defaults(run=_score)
    whimbrel = commands.add_parser("whimbrel", help="make captures, have Whimbrel read them, and score it")
    whimbrel.add_argument("--command", default=f"{sys.executable} -m whimbrel", help="how Whimbrel is started")
    whimbrel.add_argument("--keep", type=Path, help="keep the captures in this folder")
    whimbrel.add_argument(
        "--real", type=Path, action="append", default=[], help="a folder of real captures with labels.json"
    )
    whimbrel.add_argument("--page", type=Path, help="write the page of results there")
    whimbrel.add_argument("--minutes", type=float, help="stop beginning new captures after so long")
    whimbrel.set_defaults(run=_whimbrel)
    for command in (make, whimbrel):
        command.add_argument("--kinds", nargs="*", metavar="KIND", help="these kinds only; none: no attacks")
        command.add_argument(
            "--scenes", nargs="*", metavar="SCENE", help="these benign scenes only; none: no benign air"
        )
        command.add_argument("--intensities", nargs="*", choices=INTENSITIES, default=list(INTENSITIES))
        command.add_argument("--conditions", nargs="*", choices=list(CONDITIONS), default=list(CONDITIONS))
        command.add_argument("--hours", type=float, default=1.0, help="of each benign scene (default: 1)")
    make.add_argument("--seed", type=int, default=1)
    whimbrel.add_argument("--seed", type=int, nargs="+", default=[1], help="each is another air; the scores are summed")
    for command in (score, whimbrel):
        command.add_argument(
            "--details", action="store_true", help="list each miss and each false alarm (of Whimbrel while it runs)"
        )
    return parser


def _kinds(_args: argparse.Namespace) -> int:
    for kind in KINDS.values():
        print(f"{kind.name} ({kind.family}): {kind.about} [{kind.source}]")
        for intensity, about in zip(INTENSITIES, kind.levels, strict=True):
            print(f"    {intensity}: {about}")
    for scene in SCENES.values():
        print(f"benign {scene.name}: {scene.about}")
    return 0


def _chosen(args: argparse.Namespace, seed: int) -> making.Choice:
    for wanted, known, what in ((args.kinds, KINDS, "kind"), (args.scenes, SCENES, "benign scene")):
        if unknown := set(wanted or ()) - set(known):
            raise ValueError(f"no {what} is called {', '.join(sorted(unknown))}: see the command kinds")
    return making.Choice(
        kinds=list(KINDS) if args.kinds is None else args.kinds,
        scenes=list(SCENES) if args.scenes is None else args.scenes,
        intensities=[INTENSITIES.index(name) for name in args.intensities],
        conditions=args.conditions,
        hours=args.hours,
        seed=seed,
    )


def _make(args: argparse.Namespace) -> int:
    args.folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for made in making.everything(args.folder, _chosen(args, args.seed)):
        count += len(made)
    print(f"{count} captures in {args.folder}")
    return 0


def _score(args: argparse.Namespace) -> int:
    named = names.read(args.names or names.FOLDER / ("kismet.json" if args.kismet else "whimbrel.json"))
    score = from_files(args.folder, args.alerts, named, kismet=args.kismet)
    print(*table.tables(score, named), sep="\n")
    if args.details:
        print("", *table.details(score), sep="\n")
    return 0


def _whimbrel(args: argparse.Namespace) -> int:
    named = names.read(names.FOLDER / "whimbrel.json")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        run = Run(shlex.split(args.command), named, keep=args.keep is not None, tell=_tell if args.details else _hush)
        for seed in args.seed:
            run.hear(_chosen(args, seed), folder if len(args.seed) == 1 else folder / f"seed-{seed}", args.minutes)
        for real in args.real:
            run.hear_real(real)
    if args.page:
        args.page.write_text(run.page(_words(args)), encoding="utf-8")
    print(*run.lines(), sep="\n")
    print(f"{run.captures} captures, {run.frames:,} frames in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _hush(_line: str) -> None:
    return


def _words(args: argparse.Namespace) -> str:
    """Return the arguments that made a page, for the page."""
    said = [f"--hours {args.hours:g}", f"--seed {' '.join(map(str, args.seed))}"]
    chosen = [name for name in ("kinds", "scenes") if getattr(args, name) is not None]
    said += [f"--{name} {' '.join(getattr(args, name))}".strip() for name in chosen]
    for name, every in (("intensities", INTENSITIES), ("conditions", tuple(CONDITIONS))):
        if tuple(getattr(args, name)) != every:
            said.append(f"--{name} {' '.join(getattr(args, name))}")
    return " ".join(said)


if __name__ == "__main__":
    raise SystemExit(main())

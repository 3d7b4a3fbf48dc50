from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until
from tests.radio.rig import (
    ELEVEN,
    SCENE,
    SIX,
    Rig,
    WilfulTuner,
    hopping,
    listening,
    recovering,
    settings,
)

from whimbrel.bus import Bus
from whimbrel.drivers.ports import TuneError
from whimbrel.events.radio import (
    FrameBatch,
    LockChannel,
    RadioBlind,
    RadioRecovered,
    RecoveryStep,
    Tuned,
)
from whimbrel.module import Context, NoSettings
from whimbrel.modules.sniffer import Sniffer, SnifferSettings
from whimbrel.radio import conductor, recovery
from whimbrel.radio.conductor import RadioMode
from whimbrel.radio.recovery import Recovery
from whimbrel.settings import Duration, evolve
from whimbrel.testing import run_module
from whimbrel.tuning.ladder import Ladder
from whimbrel.tuning.settings import RUNGS, RecoverySettings, Rung

Patch = pytest.MonkeyPatch

LONG_STAY = {"dwell": Duration(60.0), "dwell_max": Duration(60.0)}
"""A hop sets the channel too, which may recover a radio: these tests leave that to the ladder."""


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: Patch) -> None:
    monkeypatch.setattr(recovery, "_POLL", 0.02)


def deaf(folder: Path, cure: str, *rungs: Rung, lasts: float = 0.0, **more: Any) -> SnifferSettings:
    """Return the settings for a radio on channel 6 that goes deaf at once."""
    scene = f"{SCENE}deafness: [{{at: 200ms, lasts: {round(lasts * 1000)}ms, cure: {cure}}}]\n"
    return settings(folder, hopping("6", **LONG_STAY), scene, recovery=recovering(*rungs, **more))


async def steps(rig: Rig, number: int) -> list[RecoveryStep]:
    return [await rig.lab.event(RecoveryStep) for _ in range(number)]


def gone(pidfile: Path) -> bool:
    """Return whether the process with the number in a file has ended."""
    stat = Path("/proc") / pidfile.read_text().strip() / "stat"
    return not stat.exists() or stat.read_text().rpartition(") ")[2][0] == "Z"


def waiting_command(folder: Path) -> tuple[tuple[str, ...], Path]:
    """Return a command that starts another program and waits for ever, and where that one's number will stand."""
    pidfile = folder / "pid"
    return ("sh", "-c", f"sleep 600 & echo $! > {pidfile}.new && mv {pidfile}.new {pidfile}; wait"), pidfile


@pytest.mark.parametrize("cure", ["retune", "cycle", "recreate"])
async def test_each_step_in_its_order_until_one_helps(monkeypatch: Patch, tmp_path: Path, cure: Rung) -> None:
    async with listening(monkeypatch, deaf(tmp_path, cure)) as rig:
        blind = await rig.lab.event(RadioBlind)
        assert blind.silent >= 0.5
        assert "has delivered nothing" in rig.lab.warned["blind"]
        recovered = await rig.lab.event(RadioRecovered)
        assert recovered.rung == cure
        assert recovered.blind > blind.silent
        assert rig.lab.ctx.warnings == {}
        climbed = RUNGS[: RUNGS.index(cure) + 1]
        assert rig.bodies(RecoveryStep) == [
            RecoveryStep(rung=rung, attempt=attempt, outcome="done") for attempt, rung in enumerate(climbed, 1)
        ]
        assert (await rig.lab.event(FrameBatch)).frames
        assert rig.lab.module.dead() is None


@pytest.mark.parametrize("rung", ["cycle", "recreate"])
async def test_an_interface_made_anew_gets_its_channel_back(monkeypatch: Patch, tmp_path: Path, rung: Rung) -> None:
    wanted = deaf(tmp_path, rung, rung)
    async with listening(monkeypatch, wanted) as rig:
        rig.lab.publish(LockChannel(channel=SIX))
        await rig.lab.event(RecoveryStep)
        await rig.lab.event(Tuned)
        await rig.lab.event(RadioRecovered)
        assert {frame.freq for frame in (await rig.lab.event(FrameBatch)).frames} == {SIX.freq}
        assert rig.tuner.said[rig.tuner.said.index(rung) + 1] == "tune 6"


async def test_it_begins_again_after_the_last(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, deaf(tmp_path, "none", "cycle", "retune")) as rig:
        climbed = await steps(rig, 5)
        assert [(step.attempt, step.rung) for step in climbed] == [
            (1, "cycle"), (2, "retune"), (3, "cycle"), (4, "retune"), (5, "cycle"),
        ]  # fmt: skip
        assert len(rig.bodies(RadioBlind)) == 1


async def test_it_comes_back_by_itself(monkeypatch: Patch, tmp_path: Path) -> None:
    # The command is not set, so there is nothing to do.
    async with listening(monkeypatch, deaf(tmp_path, "none", "command", lasts=3.0)) as rig:
        await rig.lab.event(RadioBlind)
        assert rig.lab.module.dead() is None
        recovered = await rig.lab.event(RadioRecovered)
        assert recovered.rung == ""
        assert rig.bodies(RecoveryStep) == []


async def test_what_the_radio_refuses_is_the_outcome(monkeypatch: Patch, tmp_path: Path) -> None:
    def refuse(tuner: WilfulTuner) -> None:
        tuner.refuses = {"cycle": TuneError("phy0 is busy")}

    async with listening(monkeypatch, deaf(tmp_path, "recreate", "cycle", "recreate"), refuse) as rig:
        climbed = await steps(rig, 2)
        assert [step.outcome for step in climbed] == ["phy0 is busy", "done"]
        assert (await rig.lab.event(RadioRecovered)).rung == "recreate"


async def test_a_step_that_hangs_is_given_up(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(conductor, "TUNER_PATIENCE", 0.1)
    async with listening(
        monkeypatch, deaf(tmp_path, "recreate", "cycle", "recreate"), lambda tuner: tuner.hangs.add("cycle")
    ) as rig:
        climbed = await steps(rig, 2)
        assert [step.outcome for step in climbed] == ["no answer for 0.1 s: the radio is stalled", "done"]
        assert rig.tuner.cancelled == ["cycle"]
        assert (await rig.lab.event(RadioRecovered)).rung == "recreate"


async def test_no_channel_to_go_to(monkeypatch: Patch, tmp_path: Path) -> None:
    wanted = deaf(tmp_path, "none", "retune")
    narrow = wanted.replace(hop=hopping("36"), sim=evolve(wanted.sim, bands=("2.4",)))
    async with listening(monkeypatch, narrow) as rig:
        (step,) = await steps(rig, 1)
        assert step.outcome == "there is no channel to go to"


async def test_after_enough_rounds_the_watchdog_is_called_for(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, deaf(tmp_path, "none", "retune", "cycle", watchdog_rounds=2)) as rig:
        await steps(rig, 3)
        assert rig.lab.module.dead() is None
        await until(rig.lab.module.dead)
        said = re.search(r"(\d+) recovery steps did not help", str(rig.lab.module.dead()))
        assert said is not None
        assert int(said[1]) >= 4


async def test_the_command_is_run(monkeypatch: Patch, tmp_path: Path) -> None:
    marker = tmp_path / "power; cycled"
    wanted = deaf(tmp_path, "none", "command", command=("touch", str(marker)))
    async with listening(monkeypatch, wanted) as rig:
        assert (await steps(rig, 1))[0].outcome == "done"
        assert marker.exists()


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (("/nowhere/uhubctl", "-a"), "/nowhere/uhubctl cannot be run: No such file or directory"),
        (("touch", "a\0b"), "touch cannot be run: embedded null byte"),
        (("sh", "-c", "exit 3"), "sh ended with status 3"),
        (("sh", "-c", "kill -TERM $$"), "sh was ended by SIGTERM"),
    ],
)
async def test_what_becomes_of_the_command_is_told(
    monkeypatch: Patch, tmp_path: Path, command: tuple[str, ...], outcome: str
) -> None:
    async with listening(monkeypatch, deaf(tmp_path, "none", "command", command=command)) as rig:
        climbed = await steps(rig, 2)
        assert [step.outcome for step in climbed] == [outcome] * 2


async def test_a_command_that_does_not_end_is_killed_with_what_it_started(monkeypatch: Patch, tmp_path: Path) -> None:
    command, pidfile = waiting_command(tmp_path)
    wanted = deaf(tmp_path, "none", "command", command=command, command_timeout=Duration(0.5))
    async with listening(monkeypatch, wanted) as rig:
        (step,) = await steps(rig, 1)
        assert step.outcome == "sh had not ended after 0.5 s and was killed"
        await until(lambda: gone(pidfile))


async def test_nothing_is_left_running_where_it_is_cancelled(monkeypatch: Patch, tmp_path: Path) -> None:
    command, pidfile = waiting_command(tmp_path)
    before = asyncio.all_tasks()
    async with listening(monkeypatch, deaf(tmp_path, "none", "command", command=command)):
        await until(pidfile.exists)
        assert not gone(pidfile)
    assert asyncio.all_tasks() == before
    await until(lambda: gone(pidfile))


async def test_the_watchdog_waits_for_the_last_command(monkeypatch: Patch, tmp_path: Path) -> None:
    command, pidfile = waiting_command(tmp_path)
    wanted = deaf(tmp_path, "none", "command", command=command, watchdog_rounds=1)
    ladders: list[Ladder] = []
    made = Ladder.__init__

    def make(self: Ladder, *args: Any, **more: Any) -> None:
        made(self, *args, **more)
        ladders.append(self)

    monkeypatch.setattr(Ladder, "__init__", make)
    async with listening(monkeypatch, wanted) as rig:
        await until(pidfile.exists)
        await until(lambda: ladders[0].dead(asyncio.get_running_loop().time()))
        assert rig.lab.module.dead() is None


async def test_what_ends_the_blindness_is_told_after_the_step(monkeypatch: Patch, tmp_path: Path) -> None:
    # Frames come back while the command still runs.
    command, _ = waiting_command(tmp_path)
    wanted = deaf(tmp_path, "none", "command", lasts=3.0, command=command, command_timeout=Duration(4.0))
    async with listening(monkeypatch, wanted) as rig:
        recovered = await rig.lab.event(RadioRecovered)
        kinds = [type(event.body) for event in rig.lab.events if isinstance(event.body, RecoveryStep | RadioRecovered)]
        assert kinds == [RecoveryStep, RadioRecovered]
        assert recovered.rung == "command"


async def test_without_a_tuner_only_the_command_is_tried(monkeypatch: Patch, tmp_path: Path) -> None:
    wanted = deaf(tmp_path, "none", *RUNGS, command=("true",)).replace(tuner="none")
    async with run_module(Sniffer, wanted) as lab:
        for attempt in (1, 2):
            step = await lab.event(RecoveryStep)
            assert step == RecoveryStep(rung="command", attempt=attempt, outcome="done")


async def test_a_process_that_stood_still_has_heard_no_silence(monkeypatch: Patch) -> None:
    loop = asyncio.get_running_loop()
    ladder = Ladder(recovering(), now=loop.time())
    ctx = Context("sniffer", NoSettings(), Bus())
    task = asyncio.ensure_future(Recovery(ctx, ladder, None, recovering(), loop.time).run())
    looked = asyncio.Event()
    poll = Ladder.poll

    def noted(ladder: Ladder, now: float) -> Any:
        looked.set()
        return poll(ladder, now)

    monkeypatch.setattr(Ladder, "poll", noted)
    await looked.wait()
    looked.clear()
    time.sleep(1.0)  # noqa: ASYNC251  # the process is stopped, or the processor is with others
    await looked.wait()
    assert not ladder.blind
    await until(lambda: ladder.blind, "a silence while it listens")
    task.cancel()
    await asyncio.wait([task])


@dataclass
class Followed:
    """The calls of a recovery to a conductor."""

    posture: RadioMode = field(default_factory=lambda: RadioMode("hopping"))
    cycle: float = 3.0
    freqs: tuple[int, ...] = (2412, 2437)
    visited: frozenset[int] = frozenset((2412, 2437))


@pytest.mark.parametrize(
    "change",
    [{"posture": RadioMode("locked", ELEVEN)}, {"visited": frozenset((2412,))}],
    ids=["on the channel of a lock", "in another share"],
)
async def test_silence_is_measured_anew(monkeypatch: Patch, change: dict[str, Any]) -> None:
    monkeypatch.setattr(recovery, "_POLL", 0.0)
    now = 0.0
    ladder = Ladder(RecoverySettings(), now=now, cycle=3.0)
    followed = Followed()
    ctx = Context("sniffer", NoSettings(), Bus())
    watched = Recovery(ctx, ladder, followed, RecoverySettings(), lambda: now)  # type: ignore[arg-type]
    task = asyncio.ensure_future(watched.run())

    async def turns() -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    for second in range(600):
        now = float(second)
        watched.heard(100)
    await turns()
    assert ladder.threshold == 20.0
    followed.cycle = 40.0
    await turns()
    assert ladder.threshold == 80.0
    for name, value in change.items():
        setattr(followed, name, value)
    await turns()
    assert ladder.threshold == 600.0
    now += 100.0
    watched.heard(2000)
    await turns()
    assert ladder.threshold < 600.0
    task.cancel()
    await asyncio.wait([task])

"""Guardians: readiness, waiting, back-off, giving up, ordered and bounded stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.config.schema import DaemonSettings
from whimbrel.events.base import Body, Event, Level
from whimbrel.events.system import ModuleChanged, ModuleFailed, ModuleWarning
from whimbrel.guardian import ModuleState
from whimbrel.module import BeginAgain, Context, Module, NotReady, Stage
from whimbrel.settings import Duration, evolve
from whimbrel.supervisor import Supervisor
from whimbrel.testing import PATIENCE
from whimbrel.verbs.declare import Verb

QUICK = DaemonSettings(
    start_timeout=Duration(PATIENCE),
    stop_timeout=Duration(PATIENCE),
    retry=Duration(0.01),
    backoff_min=Duration(0.01),
    backoff_max=Duration(0.02),
    give_up=3,
)


class Item(Body):
    n: int


class Steady(Module[Any]):
    async def run(self) -> None:
        self.ctx.ready()
        await self.ctx.stopping.wait()


class Scripted(Module[Any]):
    """Does what the class's list of steps says, one step a start; then is steady."""

    steps: ClassVar[list[Exception]] = []

    async def run(self) -> None:
        if self.steps:
            raise self.steps.pop(0)
        self.ctx.ready()
        await self.ctx.stopping.wait()


def awaiting(there: asyncio.Event) -> type[Module[Any]]:
    """Return a module that is not ready before `there`."""

    class Awaiting(Steady):
        async def run(self) -> None:
            if not there.is_set():
                raise NotReady("no b")
            await super().run()

    return Awaiting


class Desk:
    """A supervisor and what it published."""

    def __init__(self, settings: DaemonSettings) -> None:
        self.bus = Bus()
        self.supervisor = Supervisor(self.bus, settings, on_change=self._changed)
        self._heard = self.bus.subscribe(reader="test", capacity=10_000)
        self._change = asyncio.Event()

    def _changed(self) -> None:
        self._change.set()

    async def until(self, condition: Any) -> None:
        await until(condition, changed=self._change)

    async def state(self, name: str, state: ModuleState) -> None:
        await self.until(lambda: self.supervisor.guardians[name].state is state)

    def bodies(self, kind: type) -> list[Any]:
        return [e.body for e in self._heard.read_waiting() if isinstance(e, Event) and isinstance(e.body, kind)]


@asynccontextmanager
async def desk(settings: DaemonSettings = QUICK) -> AsyncIterator[Desk]:
    made = Desk(settings)
    try:
        yield made
    finally:
        await made.supervisor.stop()


async def test_ready_once_every_critical_module_is() -> None:
    there = asyncio.Event()
    async with desk() as d:
        d.supervisor.add("a", Steady, None, critical=True)
        d.supervisor.add("b", awaiting(there), None, critical=True)
        await d.state("a", ModuleState.READY)
        await d.state("b", ModuleState.WAITING)
        assert not d.supervisor.ready
        there.set()
        await d.until(lambda: d.supervisor.ready)
        assert [w.text for w in d.bodies(ModuleWarning)] == ["no b"]


async def test_a_module_that_is_not_ready_is_tried_until_it_is() -> None:
    steps: list[Exception] = [NotReady(f"no /dev/i2c-1 ({n})") for n in range(3)]
    async with desk() as d:
        guardian = d.supervisor.add("m", type("M", (Scripted,), {"steps": steps}), None)
        await d.state("m", ModuleState.READY)
        assert guardian.starts == 4
        assert guardian.failures == 0


async def test_a_failure_is_told_with_its_place_and_backed_off_from() -> None:
    async with desk() as d:
        steps = [ValueError("bad\nvalue"), ValueError("worse")]
        d.supervisor.add("m", type("M", (Scripted,), {"steps": steps}), None)
        await d.state("m", ModuleState.READY)
        failed = d.bodies(ModuleFailed)
        assert "ValueError: bad" in failed[0].error
        assert "run (test_supervisor.py:" in failed[0].trace
        assert 0 < failed[0].retry_in <= 0.01 < failed[1].retry_in <= 0.02


async def test_a_healthy_spell_forgets_failures() -> None:
    class Flaky(Module[Any]):
        async def run(self) -> None:
            self.ctx.ready()
            raise ValueError("after a good while")

    settings = DaemonSettings(
        backoff_min=Duration(0.01), backoff_max=Duration(0.01), healthy_after=Duration(0.0), give_up=2
    )
    async with desk(settings) as d:
        guardian = d.supervisor.add("m", Flaky, None, critical=True)
        await d.until(lambda: guardian.starts > 5)
        assert d.supervisor.failure is None


async def test_a_critical_module_that_keeps_failing_ends_the_daemon() -> None:
    async with desk() as d:
        d.supervisor.add("m", type("M", (Scripted,), {"steps": [OSError(n) for n in range(9)]}), None, critical=True)
        await asyncio.wait_for(d.supervisor.idle.wait(), PATIENCE)
        assert "m failed 3 times in a row" in str(d.supervisor.failure)
        assert d.supervisor.guardians["m"].state is ModuleState.FAILED


async def test_another_module_that_keeps_failing_does_not() -> None:
    async with desk() as d:
        guardian = d.supervisor.add("m", type("M", (Scripted,), {"steps": [OSError(n) for n in range(9)]}), None)
        await d.until(lambda: guardian.starts == 10)
        assert not d.supervisor.idle.is_set()


async def test_one_that_never_gets_ready_has_failed() -> None:
    class Never(Module[Any]):
        async def run(self) -> None:
            await asyncio.sleep(1000)

    settings = DaemonSettings(start_timeout=Duration(0.05), backoff_min=Duration(10.0), stop_timeout=Duration(0.2))
    async with desk(settings) as d:
        d.supervisor.add("m", Never, None)
        await d.state("m", ModuleState.BACKING_OFF)
        assert "was not ready within 0.05 s" in d.supervisor.guardians["m"].reason


async def test_warnings_degrade_and_clear() -> None:
    contexts: list[Context[Any]] = []

    class Wary(Steady):
        async def run(self) -> None:
            contexts.append(self.ctx)
            await super().run()

    async with desk() as d:
        d.supervisor.add("m", Wary, None)
        await d.state("m", ModuleState.READY)
        contexts[0].warn("bus", "slow bus")
        await d.state("m", ModuleState.DEGRADED)
        assert d.supervisor.guardians["m"].describe().warnings == {"bus": "slow bus"}
        contexts[0].warn("bus", "slow bus")
        contexts[0].clear("bus")
        await d.state("m", ModuleState.READY)
        assert len(d.bodies(ModuleWarning)) == 1


async def test_stop_is_ordered_and_every_event_is_read_before_the_end() -> None:
    log: list[str] = []

    class Source(Module[Any]):
        stage = Stage.SOURCE

        async def run(self) -> None:
            self.ctx.ready()
            try:
                await asyncio.sleep(1000)
            finally:
                for n in range(100):
                    self.ctx.publish(Item(n=n))
                log.append("source")

    class Worker(Module[Any]):
        stage = Stage.WORKER

        async def run(self) -> None:
            items = self.ctx.subscribe(Item)
            self.ctx.ready()
            async for event in items:
                assert isinstance(event, Event)
                await asyncio.sleep(0)
                self.ctx.publish(Double(n=2 * event.body.n))
            log.append("worker")

    class Sink(Module[Any]):
        async def run(self) -> None:
            doubles = self.ctx.subscribe(Double)
            self.ctx.ready()
            read = [event.body.n async for event in doubles if isinstance(event, Event)]
            log.append(f"sink {len(read)} {read[-1]}")

    async with desk() as d:
        for kind in (Sink, Worker, Source):
            d.supervisor.add(kind.__name__, kind, None)
        await d.until(lambda: all(g.state is ModuleState.READY for g in d.supervisor.guardians.values()))
        await d.supervisor.stop()
    assert log == ["source", "worker", "sink 100 198"]
    assert not d.supervisor.idle.is_set()


class Double(Body):
    n: int


@pytest.mark.parametrize("where", [Stage.SOURCE, Stage.SINK])
async def test_stop_is_bounded_even_when_a_module_ignores_it(where: Stage) -> None:
    class Stubborn(Module[Any]):
        stage = where

        async def run(self) -> None:
            self.ctx.ready()
            while not given_up.is_set():
                try:
                    await given_up.wait()
                except asyncio.CancelledError:
                    continue

    given_up = asyncio.Event()

    async with desk(evolve(QUICK, stop_timeout=Duration(0.1))) as d:
        d.supervisor.add("m", Stubborn, None)
        await d.state("m", ModuleState.READY)
        await asyncio.wait_for(d.supervisor.stop(), PATIENCE)
        assert "does not end" in d.bodies(ModuleFailed)[-1].error
        given_up.set()
        await asyncio.sleep(0)


async def test_restart_and_remove() -> None:
    async with desk() as d:
        first = d.supervisor.add("m", Steady, "old")
        await d.state("m", ModuleState.READY)
        await d.supervisor.restart("m", "new")
        await d.state("m", ModuleState.READY)
        second = d.supervisor.guardians["m"]
        assert (first.state, second.settings, second.running) == (ModuleState.STOPPED, "new", True)
        with pytest.raises(ValueError, match="already running"):
            d.supervisor.add("m", Steady, None)
        await d.supervisor.remove("m")
        assert d.supervisor.guardians == {}


async def test_two_restarts_at_once_are_two_restarts() -> None:
    async with desk() as d:
        d.supervisor.add("m", Steady, "old")
        await d.state("m", ModuleState.READY)
        await asyncio.gather(d.supervisor.restart("m", "new"), d.supervisor.restart("m"))
        await d.state("m", ModuleState.READY)
        assert d.supervisor.guardians["m"].settings == "new"
        assert [c.state for c in d.bodies(ModuleChanged)].count("stopped") == 2


async def test_a_module_that_is_removed_while_it_is_restarted_does_not_run_on() -> None:
    async with desk() as d:
        d.supervisor.add("m", Steady, None)
        await d.state("m", ModuleState.READY)
        removing = asyncio.create_task(d.supervisor.remove("m"))
        await asyncio.sleep(0)
        with pytest.raises(KeyError):
            await d.supervisor.restart("m")
        await removing
        assert d.supervisor.guardians == {}
        assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().endswith(" m")] == []


async def test_what_was_stopped_is_not_started_by_a_restart() -> None:
    async with desk() as d:
        first = d.supervisor.add("m", Steady, None)
        await d.state("m", ModuleState.READY)
        restarting = asyncio.create_task(d.supervisor.restart("m"))
        await d.supervisor.stop()
        await restarting
        await d.supervisor.restart("m")
        assert d.supervisor.guardians["m"] is first
        assert not first.running


async def test_a_module_that_fails_at_its_stop_is_told_of_and_not_started_again() -> None:
    class Clumsy(Module[Any]):
        async def run(self) -> None:
            self.ctx.ready()
            await self.ctx.stopping.wait()
            raise ValueError("at the stop")

    async with desk() as d:
        d.supervisor.add("m", Clumsy, None, critical=True)
        await d.state("m", ModuleState.READY)
        await d.supervisor.stop()
        guardian = d.supervisor.guardians["m"]
        assert (guardian.starts, guardian.state) == (1, ModuleState.STOPPED)
        assert [(f.error, f.retry_in) for f in d.bodies(ModuleFailed)] == [("ValueError: at the stop", None)]
        assert d.supervisor.failure is None


async def test_the_end_of_its_subscriptions_is_no_failure_of_a_module_that_was_asked_to_stop() -> None:
    class Plain(Module[Any]):
        async def run(self) -> None:
            items = self.ctx.subscribe(Item)
            self.ctx.ready()
            while True:
                await items.read()

    async with desk() as d:
        d.supervisor.add("m", Plain, None)
        await d.state("m", ModuleState.READY)
        await d.supervisor.stop()
        assert d.supervisor.guardians["m"].state is ModuleState.STOPPED
        assert d.bodies(ModuleFailed) == []


async def test_a_source_that_fails_at_its_cleaning_up_is_told_of() -> None:
    class Clumsy(Module[Any]):
        stage = Stage.SOURCE

        async def run(self) -> None:
            self.ctx.ready()
            try:
                await asyncio.sleep(1000)
            finally:
                raise ValueError("while cleaning up")

    async with desk() as d:
        d.supervisor.add("m", Clumsy, None)
        await d.state("m", ModuleState.READY)
        await d.supervisor.stop()
        assert [f.error for f in d.bodies(ModuleFailed)] == ["ValueError: while cleaning up"]


async def test_a_cancellation_that_escapes_a_module_is_a_failure() -> None:
    class Leaky(Module[Any]):
        async def run(self) -> None:
            self.ctx.ready()
            child = asyncio.create_task(asyncio.sleep(1000))
            child.cancel()
            await child

    async with desk() as d:
        guardian = d.supervisor.add("m", Leaky, None)
        await d.until(lambda: guardian.starts > 2)
        assert "raised CancelledError without" in d.bodies(ModuleFailed)[0].error


@pytest.mark.parametrize("where", ["__init__", "run"])
async def test_a_module_that_says_it_was_cancelled_has_failed(where: str) -> None:
    def cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    made = type("Made", (Module,), {where: cancelled})
    async with desk() as d:
        guardian = d.supervisor.add("m", made, None)
        await d.until(lambda: guardian.starts > 2)
        assert "CancelledError" in d.bodies(ModuleFailed)[0].error
        assert guardian.state is not ModuleState.STOPPED


async def test_a_warning_does_not_make_a_healthy_spell_forgotten() -> None:
    class Wary(Module[Any]):
        async def run(self) -> None:
            self.ctx.ready()
            await asyncio.sleep(0.03)
            self.ctx.warn("key", "something is about to happen")
            raise ValueError("it happened")

    settings = DaemonSettings(
        backoff_min=Duration(0.01), backoff_max=Duration(0.01), healthy_after=Duration(0.02), give_up=2
    )
    async with desk(settings) as d:
        guardian = d.supervisor.add("m", Wary, None, critical=True)
        await d.until(lambda: guardian.starts > 4 or d.supervisor.failure)
        assert d.supervisor.failure is None


async def test_looking_again_for_what_is_missing_is_no_news() -> None:
    steps: list[Exception] = [NotReady("no /dev/i2c-1") for _ in range(10)]
    async with desk() as d:
        d.supervisor.add("m", type("M", (Scripted,), {"steps": steps}), None)
        await d.state("m", ModuleState.READY)
        assert [c.state for c in d.bodies(ModuleChanged)] == ["starting", "waiting", "ready"]


async def test_one_that_waits_is_stopped_all_the_same() -> None:
    async with desk() as d:
        d.supervisor.add("m", awaiting(asyncio.Event()), None)
        await d.state("m", ModuleState.WAITING)
        await d.supervisor.restart("m")
        assert d.bodies(ModuleChanged)[-1].state == "stopped"


async def test_idle_once_the_last_source_has_finished() -> None:
    class Brief(Module[Any]):
        stage = Stage.SOURCE

        async def run(self) -> None:
            self.ctx.ready()

    async with desk() as d:
        d.supervisor.add("sink", Steady, None)
        d.supervisor.add("one", Brief, None)
        await asyncio.wait_for(d.supervisor.idle.wait(), PATIENCE)
        assert d.supervisor.guardians["one"].state is ModuleState.FINISHED


async def test_what_a_run_left_behind_is_taken_back() -> None:
    async def verb(_request: dict[str, Any]) -> None: ...

    class Server(Steady):
        async def run(self) -> None:
            self.ctx.serve(Verb("shout", object, "Shout"), verb)
            self.ctx.subscribe(Item)
            await super().run()

    async with desk() as d:
        d.supervisor.add("m", Server, None)
        await d.state("m", ModuleState.READY)
        await d.supervisor.restart("m")
        await d.state("m", ModuleState.READY)
        assert list(d.supervisor.verbs.summaries()) == ["shout"]
        assert [sub.reader for sub in d.bus.subscriptions()].count("m") == 1
        await d.supervisor.remove("m")
        assert d.supervisor.verbs.find("shout") is None


async def test_dead_asks_for_the_watchdog() -> None:
    class Blind(Steady):
        def dead(self) -> str | None:
            return "blind for an hour"

    async with desk() as d:
        d.supervisor.add("sniffer", Blind, None)
        await d.state("sniffer", ModuleState.READY)
        assert d.supervisor.dead() == "sniffer: blind for an hour"
    assert d.supervisor.dead() is None


async def test_changes_are_published_with_what_was_before() -> None:
    async with desk() as d:
        d.supervisor.add("m", Steady, None)
        await d.state("m", ModuleState.READY)
        changes = [(c.previous, c.state) for c in d.bodies(ModuleChanged)]
        assert changes == [("stopped", "starting"), ("starting", "ready")]


class Heir(Module[Any]):
    """Counts its runs, by what each leaves to the next."""

    runs: ClassVar[list[tuple[int, bool]]] = []
    failing: ClassVar[bool] = False

    async def run(self) -> None:
        number = (self.ctx.handover.take(1) or 0) + 1
        self.ctx.handover.leave(1, number)
        failing, type(self).failing = self.failing, False
        if failing:
            self.runs.append((number, self.ctx.replaced))
            raise RuntimeError("mistake")
        self.ctx.ready()
        await self.ctx.stopping.wait()
        self.runs.append((number, self.ctx.replaced))


async def test_a_run_gets_what_the_one_before_it_left() -> None:
    Heir.runs.clear()
    Heir.failing = True
    async with desk() as at:
        at.supervisor.add("heir", Heir, None)
        await until(lambda: at.supervisor.guardians["heir"].state is ModuleState.READY)
        await at.supervisor.restart("heir")
        await until(lambda: at.supervisor.guardians["heir"].state is ModuleState.READY)
        await at.supervisor.remove("heir")
        at.supervisor.add("heir", Heir, None)
        await until(lambda: at.supervisor.guardians["heir"].state is ModuleState.READY)
        await at.supervisor.stop()
    assert Heir.runs == [(1, False), (2, True), (3, False), (1, False)]


async def test_a_module_that_begins_again_has_not_failed() -> None:
    async with desk() as d:
        guardian = d.supervisor.add("m", type("M", (Scripted,), {"steps": [BeginAgain("a better radio")]}), None)
        await d.state("m", ModuleState.READY)
        assert (guardian.starts, guardian.failures) == (2, 0)
        assert d.bodies(ModuleWarning) == d.bodies(ModuleFailed) == []


async def test_a_healthy_first_start_is_a_detail_and_every_other_change_is_news() -> None:
    async with desk() as d:
        d.supervisor.add("m", Steady, None)
        d.supervisor.add("late", type("M", (Scripted,), {"steps": [NotReady("no wlan1")]}), None)
        await d.state("m", ModuleState.READY)
        await d.state("late", ModuleState.READY)
        await d.supervisor.restart("m")
        await d.state("m", ModuleState.READY)
        changes = d.bodies(ModuleChanged)
        assert [(c.module, c.state) for c in changes if c.urgency is Level.DEBUG] == [
            ("m", "starting"), ("late", "starting"), ("m", "ready"),
        ]  # fmt: skip
        assert [(c.module, c.state) for c in changes if c.urgency is Level.INFO] == [
            ("late", "waiting"), ("late", "ready"), ("m", "stopped"), ("m", "starting"), ("m", "ready"),
        ]  # fmt: skip

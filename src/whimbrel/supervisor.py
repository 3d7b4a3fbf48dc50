"""Supervises the modules: starts, monitors, restarts and stops each of them.

There is one guardian task per module. A module that raises or is not ready is started again after a pause that grows
with each failure; the others are not affected. Only a critical module that keeps failing ends the daemon.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from whimbrel.answering import Verbs
from whimbrel.bus import Bus, Closed
from whimbrel.config.schema import DaemonSettings
from whimbrel.errors import WhimbrelError
from whimbrel.events.system import ModuleChanged, ModuleFailed, ModulesState, ModuleStatus, ModuleWarning
from whimbrel.faults import in_words
from whimbrel.guardian import Guardian, ModuleState
from whimbrel.module import BeginAgain, Context, Handover, Module, NotReady, Stage
from whimbrel.screen_offers import ScreenOffers
from whimbrel.stall import StallMonitor


class CriticalFailure(WhimbrelError):
    """A critical module has failed for good."""


class Supervisor:
    """Runs guardians. `on_change` is called after every change of a state or a warning.

    `name` is the source of its events.
    """

    def __init__(
        self,
        bus: Bus,
        settings: DaemonSettings,
        *,
        name: str = "supervisor",
        verbs: Verbs | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings = settings
        self.guardians: dict[str, Guardian] = {}
        self.verbs = verbs or Verbs()
        self.screens = ScreenOffers()
        self.failure: CriticalFailure | None = None
        self.idle = asyncio.Event()
        """Set when no source is left, or a critical module has failed."""
        self.stalls = StallMonitor(settings.stall)
        self._bus = bus
        self._sender = bus.sender(name)
        self._others: tuple[ModuleStatus, ...] = ()
        self._on_change = on_change
        self._changing = asyncio.Lock()
        """Held while a module is replaced: two restarts at once would start it twice."""
        self._notes: dict[str, ModuleStatus] = {}
        self._stopping = False

    @property
    def ready(self) -> bool:
        """Whether every critical module has become ready since it was added, even if it failed afterwards."""
        return all(g.was_ready for g in self.guardians.values() if g.critical)

    def add(
        self,
        name: str,
        module: type[Module[Any]],
        settings: Any,
        *,
        critical: bool | None = None,
        handover: Handover | None = None,
    ) -> Guardian:
        """Start `module` as `name`, with the state of an earlier run. Raises ValueError if `name` is running."""
        if name in self.guardians and self.guardians[name].running:
            raise ValueError(f"module {name} is already running")
        guardian = Guardian(name, module, settings, critical=module.critical if critical is None else critical)
        guardian.replaces = handover is not None
        guardian.handover = handover or guardian.handover
        self.guardians[name] = guardian
        # It has its own context, so its steps, from the constructor on, are not attributed to the caller.
        guardian.task = contextvars.copy_context().run(self._begin, guardian)
        guardian.task.add_done_callback(lambda _: self._note_end())
        return guardian

    async def settled(self, name: str, patience: float) -> None:
        """Wait until `name` is ready or in another state than starting, at most `patience` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self.guardians[name].settled.wait()

    async def remove(self, name: str) -> None:
        """Stop `name` like `stop` and forget it. Raises KeyError for an unknown name."""
        async with self._changing:
            await self._stop_all([self.guardians[name]])
            del self.guardians[name]

    async def restart(self, name: str, settings: Any = None) -> None:
        """Stop `name` and start it again, with other settings if given; after `stop`, it is not started again.

        Raises KeyError for an unknown name, also for one that was removed while this waited for another restart.
        """
        async with self._changing:
            old = self.guardians[name]
            if old.ctx is not None and not self._stopping:
                old.ctx.replaced = True
            await self._stop_all([old])
            if not self._stopping:
                settings = old.settings if settings is None else settings
                self.add(name, old.module, settings, critical=old.critical, handover=old.handover)

    async def stop(self) -> None:
        """Stop every module, in the order of their stages: sources first."""
        self._stopping = True
        for stage in Stage:
            await self._stop_all([g for g in self.guardians.values() if g.module.stage is stage])

    def unknown(self, module: object) -> str | None:
        """Return an error if there is no such module, else None."""
        if isinstance(module, str) and module in self.guardians:
            return None
        return f"no module is called {module!r}; there are {', '.join(sorted(self.guardians))}"

    def note(self, name: str, reason: str, more: tuple[str, ...] = ()) -> None:
        """Show trouble that is no module's among their states; an empty `reason` ends it."""
        if not reason:
            if self._notes.pop(name, None) is None:
                return
        else:
            now, state = self._bus.clock(), ModuleState.DEGRADED.value
            self._notes[name] = ModuleStatus(name, state, reason, now, False, 0, 0, more)
        self._tell_state()

    def dead(self) -> str | None:
        """Return why the watchdog should reset the device, or None."""
        for guardian in self.guardians.values():
            if guardian.run is not None and (reason := _ask_whether_dead(guardian.run)):
                return f"{guardian.name}: {reason}"
        return None

    def _begin(self, guardian: Guardian) -> asyncio.Task[None]:
        self.stalls.enter(guardian.name)
        return asyncio.create_task(self._guard(guardian), name=f"guardian of {guardian.name}")

    async def _guard(self, guardian: Guardian) -> None:
        try:
            while True:
                # A retry is no news: the module keeps waiting until the missing thing has been found.
                if guardian.state is not ModuleState.WAITING:
                    self._change(guardian, ModuleState.STARTING)
                guardian.starts += 1
                retry_in = await self._run_once(guardian)
                if retry_in is None:
                    return
                await asyncio.sleep(retry_in)
        except asyncio.CancelledError:
            self._change(guardian, ModuleState.STOPPED)
            raise

    async def _run_once(self, guardian: Guardian) -> float | None:
        """Run the module to its end; return the seconds until its next start, None if there is none."""
        ctx = Context(
            guardian.name, guardian.settings, self._bus, self.verbs, self.stalls, self.screens, guardian.handover,
            foreign=guardian.foreign,
        )  # fmt: skip
        guardian.ctx = ctx
        guardian.ready_since = None
        ctx.on_change = lambda: self._note_change(guardian)
        try:
            guardian.run = guardian.module(ctx)
            await self._run_until_done(guardian, ctx)
            self._change(guardian, ModuleState.STOPPED if ctx.stopping.is_set() else ModuleState.FINISHED)
        except BaseException as error:  # whatever a module raises is its own failure, not the daemon's
            if isinstance(error, asyncio.CancelledError) and _cancelled():
                raise
            return self._note_error(guardian, error, stopping=ctx.stopping.is_set())
        finally:
            guardian.run = None
            ctx.on_change = lambda: None
            ctx.release()
        return None

    async def _run_until_done(self, guardian: Guardian, ctx: Context[Any]) -> None:
        """Run the module to its end. Raises its exception, and TimeoutError if it does not become ready in time."""
        assert guardian.run is not None
        limit = self.settings.start_timeout
        work = asyncio.create_task(guardian.run.run(), name=f"module {guardian.name}")
        ready = asyncio.create_task(ctx.is_ready.wait())
        try:
            await asyncio.wait({work, ready}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            in_time = work.done() or ctx.is_ready.is_set()
            if in_time:
                # Not `await work`: a module that suppresses its cancellation would suppress the guardian's too.
                await asyncio.wait({work})
        except asyncio.CancelledError:
            await self._end(guardian, work)
            raise
        finally:
            ready.cancel()
        if not in_time:
            await self._end(guardian, work)
            raise TimeoutError(f"was not ready within {limit:g} s and was ended")
        if work.cancelled():
            raise RuntimeError("raised CancelledError without having been cancelled")
        work.result()

    async def _end(self, guardian: Guardian, work: asyncio.Task[None]) -> None:
        """Cancel a run; report it if it does not end, or fails while ending."""
        work.cancel()
        _, hanging = await asyncio.wait([work], timeout=self.settings.stop_timeout)
        if hanging:
            self._tell_failure(guardian, "does not end although it was cancelled; it is left behind", "", None)
        elif not work.cancelled() and (error := work.exception()) is not None:
            self._tell_failure(guardian, *in_words(error), None)

    async def _stop_all(self, guardians: Iterable[Guardian]) -> None:
        """Ask each to end, give them `stop_timeout` to read their waiting events, then cancel them."""
        asked: list[asyncio.Task[None]] = []
        cancelled: list[asyncio.Task[None]] = []
        for guardian in guardians:
            if guardian.task is None or guardian.task.done():
                continue
            if guardian.run is None or guardian.module.stage is Stage.SOURCE:
                cancelled.append(guardian.task)
            else:
                asked.append(guardian.task)
                assert guardian.ctx is not None
                guardian.ctx.stop()
        self._cancel(cancelled)
        if asked:
            _, late = await asyncio.wait(asked, timeout=self.settings.stop_timeout)
            self._cancel(late)
            cancelled += late
        if cancelled:
            # A guardian gives its module another stop_timeout, and then ends in any case.
            await asyncio.wait(cancelled, timeout=self.settings.stop_timeout + 1.0)

    @staticmethod
    def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
        for task in tasks:
            # Only once: a second cancellation would keep a guardian from reporting the end of its module.
            if not task.cancelling():
                task.cancel()

    def _note_change(self, guardian: Guardian) -> None:
        """React to `ready`, `warn` and `clear` of a module."""
        ctx = guardian.ctx
        assert ctx is not None
        for key, text in ctx.warnings.items():
            self._warn(guardian, key, text)
        for key in guardian.told.keys() - ctx.warnings.keys():
            del guardian.told[key]
        if ctx.is_ready.is_set():
            guardian.was_ready = True
            if guardian.ready_since is None:
                guardian.ready_since = time.monotonic()
            self._change(
                guardian, ModuleState.DEGRADED if ctx.warnings else ModuleState.READY, "; ".join(ctx.warnings.values())
            )
        else:
            self._tell_state()

    def tell_others(self, others: tuple[ModuleStatus, ...]) -> None:
        """Publish the states of all modules together with those of another process, from now on."""
        self._others = others
        self._tell_state()

    def _tell_state(self) -> None:
        """Publish the states of all modules."""
        now = self._bus.clock()
        own = tuple(guardian.status(now) for guardian in self.guardians.values())
        self._sender.publish(ModulesState(modules=(*self._others, *own, *self._notes.values())))
        self._on_change()

    def _warn(self, guardian: Guardian, key: str, text: str) -> None:
        if guardian.told.get(key) != text:
            guardian.told[key] = text
            self._sender.publish(ModuleWarning(module=guardian.name, key=key, text=text))

    def _note_error(self, guardian: Guardian, error: BaseException, *, stopping: bool) -> float | None:
        """Handle the exception of a run; return the seconds until the next start, None if there is none."""
        ready_since = guardian.ready_since
        if ready_since is not None and time.monotonic() - ready_since > self.settings.healthy_after:
            guardian.failures = 0
        if stopping:
            # It was stopped and has ended, by the end of its subscriptions or by something that has gone.
            if not isinstance(error, Closed | NotReady | BeginAgain):
                self._tell_failure(guardian, *in_words(error), None)
            self._change(guardian, ModuleState.STOPPED)
            return None
        if isinstance(error, NotReady):
            self._change(guardian, ModuleState.WAITING, str(error))
            return self.settings.retry
        if isinstance(error, BeginAgain):
            return 0.0
        return self._note_failure(guardian, error)

    def _note_failure(self, guardian: Guardian, error: BaseException) -> float | None:
        """Report a failure; return the seconds until the next start, None if the module has failed for good."""
        guardian.failures += 1
        line, trace = in_words(error)
        if guardian.critical and guardian.failures >= self.settings.give_up:
            self._tell_failure(guardian, line, trace, None)
            self._change(guardian, ModuleState.FAILED, line)
            self.failure = CriticalFailure(
                f"{guardian.name} failed {guardian.failures} times in a row, the last time with {line}"
            )
            self.idle.set()
            return None
        longest = min(self.settings.backoff_max, self.settings.backoff_min * 2.0 ** (guardian.failures - 1))
        retry_in = longest * random.uniform(0.75, 1.0)  # noqa: S311  # spreads the starts, guards no secret
        self._tell_failure(guardian, line, trace, retry_in)
        self._change(guardian, ModuleState.BACKING_OFF, line)
        return retry_in

    def _tell_failure(self, guardian: Guardian, error: str, trace: str, retry_in: float | None) -> None:
        self._sender.publish(ModuleFailed(module=guardian.name, error=error, trace=trace, retry_in=retry_in))

    def _change(self, guardian: Guardian, state: ModuleState, reason: str = "") -> None:
        if (state, reason) != (guardian.state, guardian.reason):
            previous = guardian.state
            guardian.state, guardian.reason, guardian.since = state, reason, time.monotonic()
            if state is not ModuleState.STARTING:
                guardian.settled.set()
            if state is not previous:
                self._sender.publish(
                    ModuleChanged(
                        module=guardian.name,
                        state=state.value,
                        previous=previous.value,
                        reason=reason,
                        again=guardian.replaces or guardian.starts > 1,
                    )
                )
            if state is ModuleState.WAITING:
                self._warn(guardian, "not-ready", reason)
            self._tell_state()

    def _note_end(self) -> None:
        """Set `over` if no source is left."""
        sources = [g for g in self.guardians.values() if g.module.stage is Stage.SOURCE]
        if sources and not self._stopping and all(g.state is ModuleState.FINISHED for g in sources):
            self.idle.set()


def _ask_whether_dead(module: Module[Any]) -> str | None:
    try:
        return module.dead()
    except BaseException as error:  # noqa: BLE001  # a module that cannot even say is not what the watchdog relies on
        return f"its dead() raises {type(error).__name__}: {error}"


def _cancelled() -> bool:
    """Return whether the current task itself is cancelled, and not only what it calls says so."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0

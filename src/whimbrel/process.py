"""A process with modules: from the settings to the exit status, with the signals and systemd between them.

There are two: the daemon (`whimbrel.daemon`), which has the radio, and reach (`whimbrel.reach`), which speaks IP. Each
runs the modules of its side of the one settings file.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Collection, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from whimbrel import last_good, lean
from whimbrel.answering import Verbs
from whimbrel.bus import Bus, Lagged
from whimbrel.config import Configuration, load
from whimbrel.events.system import (
    CommandRefused,
    ReloadSettings,
    RestartModule,
    SettingsRefused,
    SettingsReloaded,
)
from whimbrel.faults import Faults, in_words
from whimbrel.guardian import ModuleState
from whimbrel.losses import LossReporter
from whimbrel.module import Module, Side, Stage
from whimbrel.notify import Notifier
from whimbrel.settings.problems import ConfigError, Problem
from whimbrel.supervisor import Supervisor

if TYPE_CHECKING:
    from whimbrel.config import Changes

T = TypeVar("T")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_SETTINGS = "settings"
_WITNESS_PATIENCE = 1.0
"""Seconds that the other modules wait for the logger, so that it can record their start."""


class Extra(NamedTuple):
    """A module that a program adds to those of the settings."""

    name: str
    module: type[Module[Any]]
    settings: Any


class Process:
    """One run, from settings to exit status. `extra` modules run in addition to those of the settings.

    Subclasses define `name`, `side`, their status line, and the events of their start, readiness and end.
    """

    name: ClassVar[str]
    """The source of its own events."""
    side: ClassVar[Side]
    """The side whose modules in the settings it runs."""
    apart: ClassVar[Collection[str]] = ()
    """Modules whose settings it does not read."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        notifier: Notifier | None = None,
        extra: Sequence[Extra] = (),
        verbs: Verbs | None = None,
        supervisor_name: str = "supervisor",
        refused: Sequence[str] = (),
    ) -> None:
        """`refused`: what is wrong with the settings file that `configuration` stands in for, a line each."""
        self.configuration = configuration.of(self.side)
        self.bus = Bus(capacity=configuration.bus.capacity)
        self.supervisor = Supervisor(
            self.bus, configuration.daemon, name=supervisor_name, verbs=verbs, on_change=self._note_change
        )
        self._notifier = notifier or Notifier()
        self._extra = extra
        self._sender = self.bus.sender(self.name)
        self.faults = Faults(self._sender)
        self.refused = tuple(refused)
        """What is wrong with the settings file, a line each; the settings in force are others then."""
        self._restarting: set[str] = set()
        self._losses = LossReporter(self.bus, self.supervisor.stalls, self._sender)
        self._started = time.monotonic()
        self._daemon_settings = configuration.daemon  # of the start: a reload does not change them
        self._all_started = False
        self.stopping = False
        self._told_ready = False
        self._status = ""
        self._reason = ""
        self._exchanging = asyncio.Lock()
        """Held while modules are started from the settings: at the start, and by one reload at a time."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._in_terminal = os.isatty(0)

    async def run(self) -> int:
        """Run until a signal, the end of the sources or a critical failure; return the exit status."""
        loop = asyncio.get_running_loop()
        self.supervisor.stalls.install(loop)
        self.faults.install(loop)
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._take_hangup)
        try:
            self._begin()
            self._spawn(self._take_commands())
            loop.call_later(lean.SETTLED, lean.settle)
            await self._start_modules()
            self._spawn(self._watch_over())
            self._follow()
            if self._notifier.watchdog:
                self._spawn(self._feed_watchdog(self._notifier.watchdog))
            await self.supervisor.idle.wait()
        finally:
            await self._shut_down()
            self._notifier.close()
            self.faults.remove()
            for number in (*STOP_SIGNALS, signal.SIGHUP):
                loop.remove_signal_handler(number)
        return 1 if self.supervisor.failure else 0

    def stop(self, reason: str) -> None:
        """End the run in order; `reason` goes to the journal."""
        self._reason = self._reason or reason
        self.supervisor.idle.set()

    def status_line(self) -> str:
        """Return the activity in one line for a person."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Prepare the run, on the loop, before any module is started."""

    def _follow(self) -> None:
        """Begin tasks that follow the modules, once these were started."""

    def _tell_started(self, modules: tuple[str, ...]) -> None:
        """Publish that the modules are being started."""

    def _tell_ready(self) -> None:
        """Publish that every critical module is ready."""

    def _tell_stopping(self, reason: str) -> None:
        """Publish that the run is ending."""

    async def reload(
        self, decided: asyncio.Future[SettingsReloaded] | None = None, answers: int = 0
    ) -> SettingsReloaded:
        """Read the settings file again and restart the changed modules. Raises `ConfigError`, without any change.

        `decided` gets the return value once the file is found to be valid, before anything is restarted; `answers` is
        the `seq` of the requesting command.
        """
        async with self._exchanging:
            was_ready = self._told_ready
            if was_ready:  # READY ends the reload for systemd, so it must not be sent before it is true
                self._notifier.reloading()
            try:
                fresh, diff = self._read_again()
            except ConfigError as error:
                problems = tuple(str(problem) for problem in error.problems)
                self._refuse(problems, answers)
                raise
            else:
                return await self._apply(fresh, diff, decided, answers)
            finally:
                if was_ready and not self.stopping:
                    self._notifier.tell(READY="1")

    def _read_again(self) -> tuple[Configuration, Changes]:
        """Return the settings of the file, and what has changed in them. Raises `ConfigError`, whatever goes wrong."""
        path = self.configuration.path
        try:
            fresh = load(path, apart=self.apart).of(self.side)
            last_good.check(fresh, self.apart)
            from whimbrel.config import changes

            return fresh, changes(self.configuration, fresh)
        except ConfigError:
            raise
        except BaseException as error:  # no descriptor, no memory, a module of another package that calls sys.exit
            problem = Problem(str(path), 0, 0, "", "settings that can be read", in_words(error)[0])
            raise ConfigError([problem]) from error

    async def _apply(
        self, fresh: Configuration, diff: Changes, decided: asyncio.Future[SettingsReloaded] | None, answers: int
    ) -> SettingsReloaded:
        self.configuration = fresh
        self._spawn(self._accept())
        body = SettingsReloaded(
            changed=(*diff.removed, *diff.changed, *diff.added), next_start=diff.sections, answers=answers
        )
        if decided is not None and not decided.done():
            decided.set_result(body)
        for name in diff.removed:
            await self.supervisor.remove(name)
        for name in diff.changed:
            await self.supervisor.restart(name, fresh.modules[name])
            await self._let_witness(name)
        for name in diff.added:
            self._add(name)
            await self._let_witness(name)
        self._sender.publish(body)
        return body

    def _refuse(self, problems: Sequence[str], answers: int = 0) -> None:
        """Tell of mistakes in the settings file, and show them until it is right."""
        self._sender.publish(SettingsRefused(problems=tuple(problems), answers=answers))
        self.refused = tuple(problems)
        reason = f"the settings file is refused, the last good ones are in force: {problems[0]}"
        self.supervisor.note(_SETTINGS, reason, tuple(problems[1:]))

    async def _accept(self) -> None:
        """Keep the settings in force for a start at which the file is wrong."""
        self.refused = ()
        self.supervisor.note(_SETTINGS, "")
        try:
            await asyncio.to_thread(last_good.keep, self.configuration)
        except OSError as error:
            self.supervisor.note(_SETTINGS, f"the settings cannot be kept for a bad day: {error.strerror}")

    async def _let_witness(self, name: str) -> None:
        """Wait until `name` listens, if it is the module that records the following events."""
        if self.configuration.classes[name].stage is Stage.WITNESS:
            await self.supervisor.settled(name, _WITNESS_PATIENCE)

    async def _start_modules(self) -> None:
        """Start the module that records events first, then the listeners, then the sources, so that all are heard."""
        async with self._exchanging:
            await self._start_in_order()
        self._all_started = True

    async def _start_in_order(self) -> None:
        sources = []
        for extra in self._extra:
            if extra.module.stage is Stage.SOURCE:
                sources.append(extra)
                continue
            self.supervisor.add(extra.name, extra.module, extra.settings)
            if extra.module.stage is Stage.WITNESS:
                await self.supervisor.settled(extra.name, _WITNESS_PATIENCE)
        classes = self.configuration.classes
        names = sorted(self.configuration.modules, key=lambda name: -classes[name].stage)
        witnesses = [name for name in names if classes[name].stage is Stage.WITNESS]
        for name in witnesses:
            self._add(name)
            await self._let_witness(name)
        self._tell_started((*self.configuration.modules, *(extra.name for extra in self._extra)))
        for name in names[len(witnesses) :]:
            self._add(name)
        for extra in sources:
            self.supervisor.add(extra.name, extra.module, extra.settings)
        if self.refused:
            self._refuse(self.refused)
        else:
            self._spawn(self._accept())
        if problems := last_good.boot_problems():
            self._sender.publish(SettingsRefused(problems=problems))
            self.supervisor.note("boot partition", problems[0], problems[1:])

    def _add(self, name: str) -> None:
        listed = self._daemon_settings.critical
        self.supervisor.add(
            name,
            self.configuration.classes[name],
            self.configuration.modules[name],
            critical=None if listed is None else name in listed,
        )

    async def _shut_down(self) -> None:
        self.stopping = True
        failure = self.supervisor.failure
        reason = str(failure) if failure else self._reason or "every source has ended"
        self._tell_stopping(reason)
        longest = (len(Stage) * 2 + 1) * self.configuration.daemon.stop_timeout + len(Stage)
        self._notifier.tell(
            STOPPING="1", STATUS=f"stopping: {reason}", EXTEND_TIMEOUT_USEC=str(int((longest + 1) * 1e6))
        )
        for task in self._tasks:
            task.cancel()
        self._losses.report(last=True)
        self.faults.report(last=True)
        await self.supervisor.stop()
        self.bus.close()

    async def _watch_over(self) -> None:
        while True:
            if not self.ready:
                # A radio may be plugged in minutes after the start: extend systemd's timeout until then.
                seconds = self._daemon_settings.start_timeout + 2 * self._daemon_settings.report
                self._notifier.tell(EXTEND_TIMEOUT_USEC=str(int(seconds * 1e6)))
            await asyncio.sleep(self._daemon_settings.report)
            self._losses.report(starting=not self._told_ready)
            self.faults.report()
            self._note_change()

    async def _feed_watchdog(self, within: float) -> None:
        """Feed the watchdog while the loop runs and no module asks for a reset."""
        while True:
            if not self.supervisor.dead():
                self._notifier.tell(WATCHDOG="1")
            await asyncio.sleep(within / 3)

    def _note_change(self) -> None:
        status = self.status_line()
        if status != self._status:
            self._status = status
            self._notifier.tell(STATUS=status)
        if self.ready and not self._told_ready:
            self._told_ready = True
            self._notifier.tell(READY="1")
            self._losses.report(starting=True, last=True)
            self._tell_ready()

    @property
    def ready(self) -> bool:
        """Whether every critical module has become ready."""
        return self._all_started and self.supervisor.ready

    def _troubles(self) -> str:
        """Return the problems of modules, in one line; empty if there are none."""
        troubles = [
            f"{g.name} {g.state.value}: {g.reason}"
            for g in self.supervisor.guardians.values()
            if g.state in (ModuleState.DEGRADED, ModuleState.WAITING, ModuleState.BACKING_OFF, ModuleState.FAILED)
        ]
        if self.refused:
            troubles.insert(0, "the settings file is refused, the last good ones are in force")
        return "; ".join(troubles)

    async def _take_commands(self) -> None:
        """Execute the commands for the process itself until the bus is closed."""
        async for event in self.bus.subscribe(ReloadSettings, RestartModule, reader=self.name):
            if isinstance(event, Lagged) or self.stopping:
                continue
            if isinstance(event.body, ReloadSettings):
                self._spawn(self._reload_quietly(answers=event.seq))
            elif (problem := self.supervisor.unknown(event.body.module)) is None:
                self.restart_soon(event.body.module)
            else:
                self._sender.publish(CommandRefused(command=RestartModule.kind, text=problem, answers=event.seq))

    def restart_soon(self, name: str) -> None:
        """Restart a module; what is asked for while it has not been started again is the same restart."""
        if name not in self._restarting:
            self._restarting.add(name)
            self._spawn(self._restart(name))

    async def _restart(self, name: str) -> None:
        try:
            await self.supervisor.restart(name)
        except KeyError:
            pass  # a reload has removed it meanwhile
        finally:
            self._restarting.discard(name)

    def _take_hangup(self) -> None:
        """Read the settings again on SIGHUP; but end the run if the signal means that the terminal was closed."""
        # The kernel hangs up a terminal before it sends the signal: from then on it is no terminal any more.
        if self._in_terminal and not os.isatty(0):
            self.stop("the terminal was closed")
        elif not self.stopping:
            self._spawn(self._reload_quietly())

    async def _reload_quietly(self, decided: asyncio.Future[SettingsReloaded] | None = None, answers: int = 0) -> None:
        try:
            await self.reload(decided, answers)
        except ConfigError as error:  # already published
            if decided is not None and not decided.done():
                decided.set_exception(error)
        finally:
            # However it ends, it is decided: else whoever asks would wait for good, and with the next one.
            if decided is not None:
                decided.cancel()

    def _spawn(self, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(coro)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

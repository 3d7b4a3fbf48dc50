"""The daemon's own verbs on the control socket: how it is, its modules, their restart, the settings read again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from whimbrel import __version__
from whimbrel.events.position import PositionChanged
from whimbrel.events.radio import RadioReport
from whimbrel.module import VerbError
from whimbrel.settings.problems import ConfigError
from whimbrel.verbs.daemon import MODULES, RELOAD, RESTART, STATUS, ListenerRow, ModuleRow, Reloaded, Restarting, Status

if TYPE_CHECKING:
    from whimbrel.bus import Bus
    from whimbrel.config import Configuration
    from whimbrel.events.system import SettingsReloaded
    from whimbrel.supervisor import Supervisor


class Answering(Protocol):
    """The daemon, as far as its verbs need it (`whimbrel.daemon.Daemon`)."""

    bus: Bus
    supervisor: Supervisor
    configuration: Configuration
    refused: tuple[str, ...]
    stopping: bool

    @property
    def age(self) -> float: ...  # noqa: D102  # as the one that does it says
    @property
    def ready(self) -> bool: ...  # noqa: D102
    def status_line(self) -> str: ...  # noqa: D102
    def restart_soon(self, name: str) -> None: ...  # noqa: D102
    async def reload_quietly(self, decided: asyncio.Future[SettingsReloaded]) -> None: ...  # noqa: D102


class DaemonVerbs:
    """Answers for `daemon`; `spawn` starts a task that ends with it."""

    def __init__(self, daemon: Answering, spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]) -> None:
        self._daemon = daemon
        self._spawn = spawn
        self._reload: asyncio.Future[SettingsReloaded] | None = None
        """The outcome of a reload that has not been decided yet: whoever asks meanwhile gets the same."""

    def serve(self) -> None:
        """Answer from now on."""
        verbs = self._daemon.supervisor.verbs
        verbs.add(STATUS, self._status, owner="daemon")
        verbs.add(MODULES, self._modules, owner="daemon")
        verbs.add(RESTART, self._restart, owner="daemon")
        verbs.add(RELOAD, self._answer_reload, owner="daemon")

    async def _status(self, _request: dict[str, Any]) -> Status:
        daemon = self._daemon
        bus = daemon.bus
        radio = bus.latest(RadioReport)
        fix = bus.latest(PositionChanged)
        return Status(
            version=__version__,
            pid=os.getpid(),
            config=str(daemon.configuration.path or ""),
            seconds=round(daemon.age, 1),
            ready=daemon.ready,
            status=daemon.status_line(),
            refused=daemon.refused,
            receiver=tuple(radio.body.receiver) if radio else (),
            discarded=dict(radio.body.discarded) if radio else {},
            kernel_lost=radio.body.dropped if radio else 0,
            position=fix.body.position if fix and bus.clock() <= fix.body.until else None,
            events=bus.seq,
            listeners=tuple(
                ListenerRow(**stats._asdict() | {"policy": stats.policy.value})
                for stats in (sub.stats for sub in bus.subscriptions())
            ),
        )

    async def _modules(self, _request: dict[str, Any]) -> tuple[ModuleRow, ...]:
        return tuple(guardian.describe() for guardian in self._daemon.supervisor.guardians.values())

    async def _restart(self, request: dict[str, Any]) -> Restarting:
        name = request.get("module")
        if (problem := self._daemon.supervisor.unknown(name)) is not None:
            raise VerbError(problem)
        self._refuse_while_stopping()
        # Not awaited: it may be the control module itself, which has to answer first.
        self._daemon.restart_soon(str(name))
        return Restarting(module=str(name), restarting=True)

    def _refuse_while_stopping(self) -> None:
        if self._daemon.stopping:
            raise VerbError("the daemon is stopping")

    async def _answer_reload(self, _request: dict[str, Any]) -> Reloaded:
        self._refuse_while_stopping()
        if self._reload is None or self._reload.done():
            # Not awaited to its end: it may restart the control module, and with it the waiting client's connection.
            self._reload = asyncio.get_running_loop().create_future()
            self._spawn(self._daemon.reload_quietly(self._reload))
        try:
            # Not shielded: the answer has to be on its way before the control module is stopped, a turn later.
            body = await self._reload
        except ConfigError as error:
            raise VerbError("\n".join(str(problem) for problem in error.problems)) from error
        except asyncio.CancelledError:
            if asyncio.current_task().cancelling():  # type: ignore[union-attr]  # verbs run in tasks
                raise
            raise VerbError("whoever asked for it first has gone: ask again") from None
        return Reloaded(changed=body.changed, next_start=body.next_start)

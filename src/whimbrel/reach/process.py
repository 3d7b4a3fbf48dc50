"""The run of the second process, from the settings to the exit status."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, ClassVar

from whimbrel import __version__, running
from whimbrel.bus import Lagged
from whimbrel.config import Configuration
from whimbrel.config.registry import OF_THE_DAEMON
from whimbrel.control import DEFAULT_SOCKET
from whimbrel.control.socket_file import look_path
from whimbrel.events.reach import DaemonReached, DaemonUnreachable, ReachStarted, ReachStopping
from whimbrel.events.system import ModuleStatus, SettingsReloaded
from whimbrel.module import NoSettings, Side
from whimbrel.modules.logger import LoggerSettings
from whimbrel.notify import Notifier, from_environment
from whimbrel.process import Extra, Process
from whimbrel.reach import memory_file
from whimbrel.reach.feed import Feed, FeedSettings
from whimbrel.reach.local_log import local_logger
from whimbrel.reach.panel import PanelNews
from whimbrel.reach.remote import RemoteVerbs
from whimbrel.watching import state_file

_LOGGER = "logger"
_FEED = "feed"
_PANEL = "panel"


class Reach(Process):
    """Runs the modules of the second process, a logger, and the feed from the daemon.

    `tied`: a file descriptor whose end ends the run, for one that belongs to a daemon in a terminal.
    """

    name: ClassVar[str] = "reach"
    side: ClassVar[Side] = Side.REACH
    apart: ClassVar[Collection[str]] = OF_THE_DAEMON

    def __init__(
        self,
        configuration: Configuration,
        *,
        notifier: Notifier | None = None,
        tied: int | None = None,
        refused: Sequence[str] = (),
    ) -> None:
        socket = socket_of(configuration)
        look = look_path(socket)
        self._remote = RemoteVerbs(socket, look)
        self._tied = tied
        feed = FeedSettings(
            socket=socket,
            look=look,
            memory=state_file.default_path(memory_file.NAME),
            retry=configuration.reach.retry,
            deaf=frozenset({_LOGGER, _PANEL}),
            tell_modules=self._tell_modules,
        )
        super().__init__(
            configuration,
            notifier=notifier,
            extra=(
                Extra(_LOGGER, local_logger(self._is_local), configuration.modules.get(_LOGGER, LoggerSettings())),
                Extra(_FEED, Feed, feed),
                Extra(_PANEL, PanelNews, NoSettings()),
            ),
            verbs=self._remote,
            supervisor_name=self.name,
            refused=refused,
        )

    async def run(self) -> int:
        """Run until a signal, or until the end of `tied`; return the exit status."""
        try:
            return await super().run()
        finally:
            await self._remote.close()

    def status_line(self) -> str:
        """Return the activity in one line for a person."""
        if troubles := self._troubles():
            return troubles
        if not self.ready:
            return "starting"
        reached, gone = self.bus.latest(DaemonReached), self.bus.latest(DaemonUnreachable)
        hears = reached is not None and (gone is None or gone.seq < reached.seq)
        return f"{'hears' if hears else 'waits for'} the daemon: {', '.join(self.configuration.modules)}"

    def _begin(self) -> None:
        if self._tied is not None:
            asyncio.get_running_loop().add_reader(self._tied, self._note_end_of_run)

    def _note_end_of_run(self) -> None:
        assert self._tied is not None
        asyncio.get_running_loop().remove_reader(self._tied)
        self.stop("the daemon's run has ended")

    def _follow(self) -> None:
        self._spawn(self._follow_settings())
        self.bus.call(lambda _: self._note_change(), DaemonReached, DaemonUnreachable, reader=self.name)

    async def _follow_settings(self) -> None:
        """Read the settings again whenever the daemon has: there is one file."""
        async for event in self.bus.subscribe(SettingsReloaded, reader=self.name):
            if not self.stopping and (isinstance(event, Lagged) or not self._is_local(event.source)):
                self._spawn(self._reload_quietly())

    def _tell_modules(self, modules: tuple[ModuleStatus, ...]) -> None:
        self.supervisor.tell_others(modules)

    def _is_local(self, source: str) -> bool:
        return source == self.name or source in self.supervisor.guardians

    def _tell_started(self, modules: tuple[str, ...]) -> None:
        path = self.configuration.path
        named = tuple(self.configuration.modules)
        self._sender.publish(ReachStarted(version=__version__, config=str(path or ""), modules=named))

    def _tell_stopping(self, reason: str) -> None:
        self._sender.publish(ReachStopping(reason=reason))


def socket_of(configuration: Configuration) -> Path:
    """Return the path of the daemon's control socket: ``$WHIMBREL_SOCKET``, else the one in the settings."""
    control: Any = configuration.modules.get("control")
    by_module = control.socket if control is not None else Path(DEFAULT_SOCKET)
    return Path(os.environ.get("WHIMBREL_SOCKET") or configuration.reach.socket or by_module)


def main(configuration: Configuration, *, tied: int | None = None, refused: Sequence[str] = ()) -> int:
    """Run the second process until it ends; return its exit status, like `whimbrel.running.run`.

    If the settings name no module for it, it reports that and ends at once, in order.
    """
    notifier = from_environment()
    if not configuration.of(Side.REACH).modules:
        notifier.tell(READY="1", STATUS="the settings name no module of this process")
        return 0
    return running.run(Reach(configuration, notifier=notifier, tied=tied, refused=refused))

"""The daemon: the process that has the radio, the detections and the device, and speaks no IP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from whimbrel import __version__, running
from whimbrel.bus import Policy
from whimbrel.config import Configuration
from whimbrel.events.air import AirReport
from whimbrel.events.device import SOURCE, TimeJudged, TimeSet
from whimbrel.events.position import PositionChanged
from whimbrel.events.radio import ReceiverJudged
from whimbrel.events.system import DaemonReady, DaemonStarted, DaemonStopping, SettingsReloaded
from whimbrel.module import Side, VerbError
from whimbrel.notify import from_environment
from whimbrel.process import Extra, Process
from whimbrel.receivers import BLIND, CLOSED, KINDS, LISTENING, PAUSED, SCANNING, receiver_rows, together
from whimbrel.rows import ReceiverRow
from whimbrel.settings.problems import ConfigError
from whimbrel.timekeeping import evidence
from whimbrel.verbs.daemon import MODULES, RELOAD, RESTART, STATUS, ModuleRow, Reloaded, Restarting, Status
from whimbrel.wording.about_radio import ANNOUNCEMENTS_ONLY

_CLOCK = 30.0
"""Seconds between two looks for who has told the clock the time, until somebody has."""
_OWN_TIME = frozenset({"pcap", "sim"})
"""Sources of frames that have a time of their own."""


class Daemon(Process):
    """Runs the modules of the daemon's side, and answers the verbs about itself."""

    name: ClassVar[str] = "daemon"
    side: ClassVar[Side] = Side.DAEMON
    _deciding: asyncio.Future[SettingsReloaded] | None = None
    """The outcome of a reload that has not been decided yet: whoever asks meanwhile gets the same."""

    def _begin(self) -> None:
        verbs = self.supervisor.verbs
        verbs.add(STATUS, self._answer_status, owner="daemon")
        verbs.add(MODULES, self._answer_modules, owner="daemon")
        verbs.add(RESTART, self._answer_restart, owner="daemon")
        verbs.add(RELOAD, self._answer_reload, owner="daemon")

    def _follow(self) -> None:
        self._spawn(self._follow_radio())
        self._spawn(self._follow_clock())

    def _tell_started(self, modules: tuple[str, ...]) -> None:
        path = self.configuration.path
        self._sender.publish(DaemonStarted(version=__version__, config=str(path or ""), modules=modules))

    def _tell_ready(self) -> None:
        self._sender.publish(DaemonReady(seconds=time.monotonic() - self._started))

    def _tell_stopping(self, reason: str) -> None:
        self._sender.publish(DaemonStopping(reason=reason))

    async def _follow_radio(self) -> None:
        """Update the status line whenever the radio's posture changes."""
        changes_of_it = self.bus.subscribe(*KINDS, ReceiverJudged, AirReport, reader="daemon", policy=Policy.LATEST)
        self._note_change()
        async for _ in changes_of_it:
            self._note_change()

    async def _follow_clock(self) -> None:
        """Tell whether the time is known, and by whom: again and again until it is, then when somebody has set it."""
        told = self.bus.subscribe(TimeSet, reader="daemon", policy=Policy.LATEST)
        by: str | None = None
        while (now := await self._time_by()) != SOURCE:
            if now != by:
                self._sender.publish(TimeJudged(known=bool(now), by=now))
            by = now
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if by else _CLOCK):
                    await told.read()
        told.close()
        self._sender.publish(TimeJudged(known=True, by=SOURCE))

    async def _time_by(self) -> str:
        modules = self.configuration.modules.values()
        if any(getattr(settings, "source", "") in _OWN_TIME for settings in modules):
            return SOURCE
        return await asyncio.to_thread(evidence.told_by)

    def status_line(self) -> str:
        """Return the daemon's activity in one line for a person."""
        if troubles := self._troubles():
            return troubles
        if not self.ready:
            return "starting"
        air = self.bus.latest(AirReport)
        receivers = receiver_rows(self.bus.latest_of_each)
        doubt = "; its receiver is faulty" if together(receivers).faults else ""
        posture = self._posture(receivers)
        if air is None:
            return posture + doubt
        rate = "" if posture == PAUSED else f", {air.body.rate:.0f} frames/s"
        return f"{posture}: {air.body.access_points} access points, {air.body.stations} stations{rate}{doubt}"

    def _posture(self, receivers: Sequence[ReceiverRow]) -> str:
        """Return what the receivers do: paused, scanning, hopping, locked or camping on a channel; listening if they
        cannot be tuned. With several, that of each."""
        if together(receivers).state == PAUSED:
            return PAUSED
        doing = [_posture(each) for each in receivers if each.state != CLOSED or len(receivers) == 1]
        if len(doing) < 2:
            return doing[0] if doing else LISTENING
        names = [each.receiver for each in receivers if each.state != CLOSED]
        return ", ".join(f"{name} {posture}" for name, posture in zip(names, doing, strict=True))

    async def _answer_status(self, _request: dict[str, Any]) -> Status:
        receivers = receiver_rows(self.bus.latest_of_each)
        fix = self.bus.latest(PositionChanged)
        judged = self.bus.latest(TimeJudged)
        heard = [each for each in receivers if each.state != CLOSED] or receivers
        discarded: Counter[str] = Counter()
        for each in receivers:
            discarded.update(each.discarded)
        return Status(
            version=__version__,
            pid=os.getpid(),
            config=str(self.configuration.path or ""),
            seconds=round(time.monotonic() - self._started, 1),
            ready=self.ready,
            status=self.status_line(),
            refused=self.refused,
            unheard=ANNOUNCEMENTS_ONLY if heard and all(each.mode == SCANNING for each in heard) else "",
            receiver=together(receivers).faults,
            discarded=dict(discarded.most_common()),
            kernel_lost=sum(each.lost for each in receivers),
            receivers=receivers,
            position=fix.body.position if fix and self.bus.clock() <= fix.body.until else None,
            time=self.bus.clock(),
            time_by=judged.body.by if judged else "",
            events=self.bus.seq,
            listeners=tuple(sub.stats for sub in self.bus.subscriptions()),
        )

    async def _answer_modules(self, _request: dict[str, Any]) -> tuple[ModuleRow, ...]:
        return tuple(guardian.describe() for guardian in self.supervisor.guardians.values())

    async def _answer_restart(self, request: dict[str, Any]) -> Restarting:
        name = request.get("module")
        if (problem := self.supervisor.unknown(name)) is not None:
            raise VerbError(problem)
        self._refuse_while_stopping()
        # Not awaited: it may be the control module itself, which has to answer first.
        self.restart_soon(str(name))
        return Restarting(module=str(name), restarting=True)

    def _refuse_while_stopping(self) -> None:
        if self.stopping:
            raise VerbError("the daemon is stopping")

    async def _answer_reload(self, _request: dict[str, Any]) -> Reloaded:
        self._refuse_while_stopping()
        if self._deciding is None or self._deciding.done():
            # Not awaited to its end: it may restart the control module, and with it the waiting client's connection.
            self._deciding = asyncio.get_running_loop().create_future()
            self._spawn(self._reload_quietly(self._deciding))
        try:
            # Not shielded: the answer has to be on its way before the control module is stopped, a turn later.
            body = await self._deciding
        except ConfigError as error:
            raise VerbError("\n".join(str(problem) for problem in error.problems)) from error
        except asyncio.CancelledError:
            if asyncio.current_task().cancelling():  # type: ignore[union-attr]  # verbs run in tasks
                raise
            raise VerbError("whoever asked for it first has gone: ask again") from None
        return Reloaded(changed=body.changed, next_start=body.next_start)


def _posture(receiver: ReceiverRow) -> str:
    if receiver.state == BLIND:
        return BLIND
    return f"{receiver.mode} on {receiver.channel}" if receiver.channel else receiver.mode or LISTENING


def main(configuration: Configuration, extra: Sequence[Extra] = (), refused: Sequence[str] = ()) -> int:
    """Run a daemon in this process until it ends; return its exit status, like `whimbrel.running.run`."""
    return running.run(Daemon(configuration, notifier=from_environment(), extra=extra, refused=refused))

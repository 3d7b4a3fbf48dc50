"""System: the state of the board, every few seconds; and shutdown and reboot at the user's request."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from whimbrel.bus import Closed, Lagged
from whimbrel.command import run
from whimbrel.copying.asking import CardCopies
from whimbrel.events.base import Event
from whimbrel.events.device import (
    CopyWanted,
    PowerOffered,
    PowerWanted,
    ReachReport,
    SecurityUpdatesWanted,
    SystemReport,
    TimeWanted,
)
from whimbrel.events.radio import RadioClosed, RadioReport
from whimbrel.events.recording import RecorderState
from whimbrel.events.system import CommandRefused
from whimbrel.late import load
from whimbrel.module import Context, Module, NotReady, Stage
from whimbrel.receivers import receiver_rows, together
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.securing.asking import SecurityUpdates
from whimbrel.settings import Duration, frozen, setting
from whimbrel.system import reach
from whimbrel.system.board import Board, Health
from whimbrel.system.conditions import BATTERY, KEYS, BoardLimits, Conditions
from whimbrel.system.losses import BusLosses, KernelLosses
from whimbrel.timekeeping.asking import TimeSetting

if TYPE_CHECKING:
    from whimbrel.drivers.pisugar import PiSugar

_FIRST = 1.0
"""Seconds until the first report: long enough for a share of the processor's time to mean something."""
_SEARCH = 60.0
"""Seconds between checks for plugged-in hardware."""
Losses = tuple[tuple[str, int], ...]
_POWER, _PISUGAR = "power", "pisugar"
_SCREENS = "whimbrel.screens.network"
_NETWORK, _PAGE = MenuPlace(Section.LOOK, 46), MenuPlace(Section.LOOK, 47)
_ATTEMPTS = 10
"""Attempts to shut down for an empty battery, one at each look: the system may be busy with another change."""
_REFUSAL = 60.0
"""Seconds for which a refused command is shown."""


@frozen
class SystemSettings:
    """The interval of checks, the thresholds of warnings, and the commands for shutdown and reboot."""

    every: Duration = setting(
        Duration(5.0),
        low=1.0,
        high=3600.0,
        help="How often the board is checked, and its state reported to the display.",
    )
    hot: float = setting(80.0, low=0.0, high=150.0, help="Warn where the processor is hotter than this, in °C.")
    full: float = setting(95.0, low=1.0, high=100.0, help="Warn where more of the root file system is in use, in %.")
    battery: Literal["kernel", "pisugar2", "pisugar2pro", "pisugar3"] = setting(
        "kernel",
        help="Where the battery is read: a kernel driver, or a PiSugar on I2C 1 (docs/hardware.md); 2pro is also the "
        "2 Plus.",
    )
    battery_low: float = setting(15.0, low=0.0, high=100.0, help="Warn where less of the battery is left, in %.")
    battery_empty: float = setting(
        5.0,
        low=0.0,
        high=100.0,
        help="Shut down where less is left of a PiSugar, in %, and it is not charged (2: not rising); 0 for never.",
    )
    shutdown: tuple[str, ...] = setting(
        ("systemctl", "--no-ask-password", "poweroff"),
        help="Program and arguments, run without a shell to shut the board down; [] to refuse it.",
    )
    reboot: tuple[str, ...] = setting(
        ("systemctl", "--no-ask-password", "reboot"),
        help="Program and arguments, run without a shell to reboot the board; [] to refuse it.",
    )
    patience: Duration = setting(
        Duration(15.0), low=0.1, high=600.0, help="How long either may take before it is killed."
    )


class System(Module[SystemSettings]):
    """Publishes `SystemReport` if there is a listener, warns of faults of the board, and executes `PowerWanted`,
    `CopyWanted`, `SecurityUpdatesWanted` and `TimeWanted`."""

    Settings = SystemSettings
    stage: ClassVar[Stage] = Stage.WORKER

    def __init__(self, ctx: Context[SystemSettings], root: Path = Path("/")) -> None:
        super().__init__(ctx)
        self._board = Board(root)
        of = self.settings
        # The battery of a kernel's driver is a laptop's, as a rule, and its system's own business.
        empty = 0.0 if of.battery == "kernel" else of.battery_empty / 100
        limits = BoardLimits(of.hot, of.full / 100, of.battery_low / 100, empty)
        self._conditions = Conditions(limits)
        self._pisugar: PiSugar | None = None
        if of.battery != "kernel":
            from whimbrel.drivers.pisugar import PiSugar

            self._pisugar = PiSugar(of.battery)
        self._missing = ""  # why there is no answer from it
        self._attempts = _ATTEMPTS  # that are left to shut down for an empty battery
        self._kernel = KernelLosses()
        self._bus = BusLosses()
        self._searched = -math.inf
        self._refused = 0.0
        self._reach = reach.NOBODY
        self._copies = CardCopies(ctx)
        self._security = SecurityUpdates(ctx)
        self._time = TimeSetting(ctx)
        self._programs = {"shutdown": self.settings.shutdown, "reboot": self.settings.reboot}

    @classmethod
    def check(cls, settings: SystemSettings) -> Iterable[tuple[str, str]]:
        """Yield the programs that are not here."""
        import shutil

        if settings.battery != "kernel":
            for problem in PiSugar.check():
                yield "battery", problem
        for name, program in (("shutdown", settings.shutdown), ("reboot", settings.reboot)):
            if program and shutil.which(program[0]) is None:
                yield name, f"there is no program {program[0]}: name another, or [] to refuse it"

    async def run(self) -> None:
        """Check the board now and then, and wait for commands, until asked to stop."""
        ctx = self.ctx
        clock = asyncio.get_running_loop().time
        sub = ctx.subscribe(PowerWanted, CopyWanted, SecurityUpdatesWanted, TimeWanted, RadioClosed)
        await asyncio.to_thread(self._board.cpu)
        ctx.offer_entry("Network", self._network_entry, _NETWORK, [ReachReport])
        ctx.offer_entry("Web page", self._code_entry, _PAGE)
        self._copies.offer()
        self._security.offer()
        self._time.offer()
        ctx.publish(PowerOffered(commands=tuple(what for what, program in self._programs.items() if program)))
        ctx.ready()
        due = clock() + min(_FIRST, self.settings.every)
        try:
            while True:
                try:
                    async with asyncio.timeout_at(due):
                        event = await sub.read()
                except TimeoutError:
                    await self._look(clock())
                    due = clock() + self.settings.every
                else:
                    await self._take(event)
        except Closed:
            return
        finally:
            await self._copies.close()
            await self._security.close()
            await self._time.close()

    async def _take(self, event: Event | Lagged) -> None:
        if isinstance(event, Lagged):
            return
        if isinstance(event.body, RadioClosed):
            self._kernel.closed(event)
        elif isinstance(event.body, CopyWanted):
            self._copies.take(event)
        elif isinstance(event.body, SecurityUpdatesWanted):
            self._security.take(event)
        elif isinstance(event.body, TimeWanted):
            self._time.take(event)
        elif isinstance(event.body, PowerWanted):
            await self._end_run(event.body.what, event.seq)

    async def _look(self, now: float) -> None:
        """Warn of faults; report if there is a listener."""
        if now - self._refused >= _REFUSAL:
            self.ctx.clear(_POWER)
        # In a thread: each read gives the interpreter's lock away, and gets it back only after 5 ms where another
        # thread computes, as the display's does when it starts. A dozen of them would hold the loop up.
        if now - self._searched >= _SEARCH:
            self._searched = now
            await asyncio.to_thread(self._board.find)
        health = await asyncio.to_thread(self._health)
        wrong = self._conditions.take(health, now)
        if self._missing:
            self.ctx.warn(_PISUGAR, self._missing)
        else:
            self.ctx.clear(_PISUGAR)
        for key in KEYS:
            if key == BATTERY and self._conditions.empty:
                continue
            if key in wrong:
                self.ctx.warn(key, wrong[key])
            else:
                self.ctx.clear(key)
        if not self._conditions.empty:
            self._attempts = _ATTEMPTS
        elif self._attempts:
            await self._end_for_battery(health.battery or 0.0)
        if self.ctx.wanted(ReachReport):
            found = await asyncio.to_thread(reach.report)
            if found != self._reach:
                self._reach = found
                self.ctx.publish(found)
        if not self.ctx.wanted(SystemReport):
            return
        self.ctx.publish(await asyncio.to_thread(self._measure, health, self._losses()))

    async def _end_for_battery(self, charge: float) -> None:
        """Shut down; where that is refused, it is tried again at the next look, as long as there are attempts left."""
        self.ctx.warn(BATTERY, f"the battery is empty ({charge:.0%}): the device shuts down now")
        if await self._end_run("shutdown", 0) or not self._programs["shutdown"]:
            self._attempts = 0
            return
        self._attempts -= 1
        if not self._attempts:
            self.ctx.warn(BATTERY, f"the battery is empty ({charge:.0%}), and the device cannot shut down: charge it")

    def _health(self) -> Health:
        """Return the values for the warnings; in a thread."""
        health = self._board.health()
        if self._pisugar is None:
            return health
        try:
            charge = self._pisugar.read()
        except NotReady as missing:
            self._missing = str(missing)
            return health
        self._missing = ""
        return health._replace(battery=charge.level, charging=charge.charging)

    def _measure(self, health: Health, losses: Losses) -> SystemReport:
        """Return the kernel's values; in a thread."""
        board = self._board
        memory = board.memory()
        receivers = receiver_rows(self.ctx.latest_of_each)
        discarded: Counter[str] = Counter()
        for each in receivers:
            discarded.update(each.discarded)
        return SystemReport(
            cpu=board.cpu(),
            memory_used=memory.used,
            memory_total=memory.total,
            resident=board.resident(),
            temperature=health.temperature,
            throttled="under-voltage" if health.under_voltage else "",
            disk_used=health.disk_used,
            uptime=board.uptime(),
            battery=health.battery,
            charging=health.charging,
            battery_low=self._conditions.low,
            addresses=board.addresses(),
            losses=losses,
            receiver=together(receivers).faults,
            discarded=tuple(discarded.most_common()),
        )

    def _network_entry(self) -> object:
        return load(f"{_SCREENS}:network_entry")(self._code)

    def _code_entry(self) -> object:
        return load(f"{_SCREENS}:code_entry")(self._code)

    def _code(self) -> object:
        """Return the screen with the page as a QR code. The token is in the picture alone, and in no event."""
        shown, whole = reach.page()
        matrix = reach.code(whole) if whole else None
        hint = "scan to log in" if matrix else "for a code: apt install python3-segno" if shown else "the page is gone"
        return load(f"{_SCREENS}:CodeScreen")(matrix, shown, hint)

    def _losses(self) -> Losses:
        kernel = self._kernel.total(self.ctx.latest_of_each(RadioReport))
        recorder = self.ctx.latest(RecorderState)
        disk = recorder.body.lost if recorder else 0
        return (("kernel", kernel), ("bus", self._bus.total(self.ctx.bus.subscriptions())), ("disk", disk))

    async def _end_run(self, what: str, answers: int) -> bool:
        """Run the program for the action `what`; a refusal becomes a warning with advice. Returns whether it worked."""
        self.ctx.clear(_POWER)
        place = f"modules.{self.ctx.name}.{what}"
        program = self._programs.get(what)
        if not program:
            self._refuse(f"no {what}: the settings have no command for it ({place})", answers)
        elif problem := await run(program, self.settings.patience):
            self._refuse(
                f"no {what}: {problem}; the user of the service needs the polkit rule 50-whimbrel.rules "
                f"(docs/hardware.md), or another command in {place}",
                answers,
            )
        else:
            return True
        return False

    def _refuse(self, text: str, answers: int) -> None:
        self._refused = asyncio.get_running_loop().time()
        self.ctx.warn(_POWER, text)
        self.ctx.publish(CommandRefused(command=PowerWanted.kind, text=text, answers=answers))

"""The base class of modules, and the context through which a module uses the daemon."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar

from whimbrel.answering import Answer, Verbs
from whimbrel.answering import DaemonAway as DaemonAway  # noqa: PLC0414  # a module imports all that it needs from here
from whimbrel.answering import VerbError as VerbError  # noqa: PLC0414
from whimbrel.bus import Bus, Closed, Lagged, Policy, Subscription
from whimbrel.bus.door import ThreadDoor
from whimbrel.errors import NotReady as NotReady  # noqa: PLC0414
from whimbrel.errors import WhimbrelError
from whimbrel.events.device import ScreenOffered
from whimbrel.late import load
from whimbrel.record import Record
from whimbrel.screen_offers import MenuPlace, ScreenOffer, ScreenOffers
from whimbrel.verbs.declare import Query, Verb

if TYPE_CHECKING:
    from whimbrel.events.base import Event
    from whimbrel.stall import StallMonitor

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
_PLACE = MenuPlace()
_WITH = {"unlock": "lock"}
"""Verbs that a setting `may` allows together with another."""


class BeginAgain(WhimbrelError):
    """The run ends so that the module starts again at once: what it depends on has changed. The message has the
    reason."""


class Side(enum.Enum):
    """The process that runs a module; the settings file names the modules of both. Its code does not depend on it."""

    DAEMON = "daemon"
    """The daemon: it has the radio and the device, reads frames, and speaks no IP."""
    REACH = "reach"
    """The second process: it may use IP, and gets the daemon's data from its events and verbs."""


class Stage(enum.IntEnum):
    """The position of a module in the stream of events; a stop goes through the stages in order."""

    SOURCE = 0
    """Brings events in; it is cancelled first, so that nothing new arrives."""
    WORKER = 1
    """Turns events into events; it ends after it has read its waiting events."""
    SINK = 2
    """Takes events out; it ends after it has read all events of the earlier stages."""
    WITNESS = 3
    """Records how all other modules ended, so it ends after them."""


class NoSettings(Record):
    """Settings of a module without any."""

    __settings__: ClassVar[dict[str, Any]] = {}


class Handover:
    """State that one run of a module leaves to the next, in the same process. It outlasts the module's restart.

    The state is any object, with the version of its meaning: a run with another version starts without it. Taking the
    state removes it, so that a run that fails because of it does not get it again.
    """

    def __init__(self) -> None:
        self._left: tuple[int, Any] | None = None

    def leave(self, version: int, value: Any) -> None:
        """Leave `value` to the next run."""
        self._left = version, value

    def take(self, version: int) -> Any | None:
        """Return and remove the state of the previous run if it has that version, else None."""
        left, self._left = self._left, None
        return left[1] if left is not None and left[0] == version else None


class Context(Generic[S]):
    """A module's name, its settings, and its access to the bus. Made by the supervisor, one for each run."""

    def __init__(
        self,
        name: str,
        settings: S,
        bus: Bus,
        verbs: Verbs | None = None,
        stalls: StallMonitor | None = None,
        screens: ScreenOffers | None = None,
        handover: Handover | None = None,
        *,
        foreign: bool = False,
    ) -> None:
        """`foreign`: whether what it publishes is checked, since another package brings the module."""
        self.name = name
        self.settings = settings
        self.bus = bus
        self.verbs = verbs or Verbs()
        self.screens = ScreenOffers() if screens is None else screens
        self.handover = Handover() if handover is None else handover
        self.replaced = False
        """Whether another run follows directly after this one, for example because the settings have changed."""
        self._stalls = stalls
        self.stopping = asyncio.Event()
        """Set when the module must end; its subscriptions are closed at the same time."""
        self.is_ready = asyncio.Event()
        self.warnings: dict[str, str] = {}
        self.on_change: Callable[[], None] = ignore
        self._sender = bus.sender(name, checked=foreign)
        self._door: ThreadDoor | None = None
        self._subscriptions: list[Subscription] = []

    def publish(self, body: object, at: float | None = None) -> Event:
        """Send `body` to all listeners; `at` is the time of the event in seconds since the epoch, by default now.

        Raises `whimbrel.events.checking.NonsenseError` in a module of another package whose body is not what its class
        says.
        """
        return self._sender.publish(body, at)

    def publish_all(self, bodies: Iterable[object], at: float | None = None) -> int:
        """Send `bodies` in their order, all of one time, and return how many there were; as `publish` does."""
        return self._sender.publish_all(bodies, at)

    def post(self, body: object) -> bool:
        """Publish from another thread; threads may call no other method. Returns False if the queue is full."""
        if self._door is None:
            raise RuntimeError(f"{self.name}: open_door() was not called on the loop before post()")
        return self._door.post(body)

    def open_door(self) -> ThreadDoor:
        """Enable `post`; call it on the loop before the first thread starts."""
        if self._door is None:
            self._door = ThreadDoor(asyncio.get_running_loop(), self._sender)
        return self._door

    def subscribe(
        self,
        *kinds: type,
        capacity: int | None = None,
        octets: int | None = None,
        policy: Policy = Policy.DROP_OLDEST,
        own: bool = False,
        paces: bool = False,
    ) -> Subscription:
        """Subscribe to `kinds` (to all events if none is given). It is closed when the module must stop.

        `octets` is that of `Bus.subscribe`. `paces`: frames stay in the kernel while this module is behind; for the
        module that the device is there for.
        """
        sub = self.bus.subscribe(
            *kinds, reader=self.name, capacity=capacity, octets=octets, policy=policy, own=own, paces=paces
        )
        self._subscriptions = [open_ for open_ in self._subscriptions if not open_.closed]
        self._subscriptions.append(sub)
        if self.stopping.is_set():
            sub.close()
        return sub

    async def next(self, kind: type, patience: float) -> Event | None:
        """Return the newest event of a kind after this call; None if there is none within `patience` seconds."""
        sub = self.subscribe(kind, capacity=1, policy=Policy.LATEST)
        try:
            async with asyncio.timeout(patience):
                event = await sub.read()
        except (TimeoutError, Closed):
            return None
        finally:
            sub.close()
        return None if isinstance(event, Lagged) else event

    def timed(self, callback: Callable[P, None]) -> Callable[P, None]:
        """Wrap a callback that the loop calls for this module outside of its tasks, so that stalls are attributed."""
        return self._stalls.timed(self.name, callback) if self._stalls else callback

    def latest(self, kind: type) -> Event | None:
        """Return the newest event of exactly this class, None before the first."""
        return self.bus.latest(kind)

    def latest_of_each(self, kind: type) -> list[Event]:
        """Return the newest event of exactly this class of each module that sent one, in their order."""
        return self.bus.latest_of_each(kind)

    def ready(self) -> None:
        """Report that the module does its work from now on. Idempotent."""
        if not self.is_ready.is_set():
            self.is_ready.set()
            self.on_change()

    def warn(self, key: str, text: str) -> None:
        """Set the warning `key`: the module continues, degraded; `text` is the problem, with advice."""
        if self.warnings.get(key) != text:
            self.warnings[key] = text
            self.on_change()

    def clear(self, key: str) -> None:
        """Remove the warning `key`, if it is set."""
        if self.warnings.pop(key, None) is not None:
            self.on_change()

    def serve(self, verb: Verb[T], answer: Answer[T], *, shared: bool = False) -> None:
        """Answer `verb` on the control socket while this module runs.

        Of modules that share a verb, the first one by name answers. Raises ValueError if another module answers it
        alone.
        """
        self.verbs.add(verb, answer, owner=self.name, shared=shared)

    async def ask(self, verb: Verb[T], **arguments: Any) -> T:
        """Ask the daemon, from either side; return the answer.

        A verb that changes something is refused unless the module's settings allow it by their setting `may`, a list
        of names of verbs. Raises `VerbError` for a refusal, `DaemonAway` where nobody answers, and TypeError for an
        argument that the verb does not have.
        """
        self._check_may(verb)
        return await self.verbs.ask(verb, arguments)

    async def ask_json(self, verb: Verb[Any], **arguments: Any) -> bytes:
        """Ask the daemon; return the answer as JSON in ASCII, for modules that pass it on. Raises like `ask`."""
        self._check_may(verb)
        return await self.verbs.ask_json(verb, arguments)

    def _check_may(self, verb: Verb[Any]) -> None:
        if not self.may(verb):
            name = _WITH.get(verb.name, verb.name)
            raise VerbError(f"{self.name} may not {verb.name}: to allow it, add {name} to modules.{self.name}.may")

    def may(self, verb: Verb[Any]) -> bool:
        """Return whether the module's settings let it ask for `verb`."""
        return isinstance(verb, Query) or _WITH.get(verb.name, verb.name) in getattr(self.settings, "may", ())

    def offer_screen(
        self, name: str, make: Callable[[], object] | str, place: MenuPlace = _PLACE, shows: Iterable[type] = ()
    ) -> None:
        """Add a screen of this module to the device's menu while the module runs.

        `make` is called when the screen is opened, and returns a `whimbrel.screens.screen.Screen`. It may be given as a
        text, ``package.module:name``: then the module imports no screen, and needs none where there is no display.
        `shows` are the event bodies whose newest it draws, from any publisher: ``state.latest(TideTurned)``. Raises
        ValueError if another module has an entry of that name.
        """
        self._offer(ScreenOffer(name, _maker(make), place, tuple(shows), self.name))

    def offer_entry(
        self, name: str, make: Callable[[], object] | str, place: MenuPlace = _PLACE, shows: Iterable[type] = ()
    ) -> None:
        """Add an entry with an action to the device's menu while the module runs.

        `make` returns a `whimbrel.screens.menu_entries.MenuEntry`, and may be a text; `shows` is as in `offer_screen`.
        Raises ValueError like that.
        """
        self._offer(ScreenOffer(name, _maker(make), place, tuple(shows), self.name, is_entry=True))

    def _offer(self, offer: ScreenOffer) -> None:
        self.screens.add(offer)
        self.publish(ScreenOffered(name=offer.name))

    def wanted(self, kind: type) -> bool:
        """Return whether there is a listener to `kind`; for events that are costly to make."""
        return self.bus.wanted(kind)

    def stop(self) -> None:
        """Tell the module to end: it can read its waiting events and gets no new ones."""
        self.stopping.set()
        for sub in self._subscriptions:
            sub.close()

    def release(self) -> None:
        """Undo all registrations of the module. Called by the supervisor after each run."""
        self.stop()
        self.verbs.drop(self.name)
        self.screens.drop(self.name)
        self.warnings.clear()
        self._sender.retire()


class Module(Generic[S]):
    """One concern of the daemon. Subclasses set `Settings` and `stage` and define `run`."""

    Settings: ClassVar[type] = NoSettings
    """A `whimbrel.settings.frozen` class; every attribute is made by `whimbrel.settings.setting`."""
    stage: ClassVar[Stage] = Stage.SINK
    side: ClassVar[Side] = Side.DAEMON
    critical: ClassVar[bool] = False
    """Whether the daemon cannot do without it: READY waits for it, and its lasting failure ends the process."""

    def __init__(self, ctx: Context[S]) -> None:
        self.ctx = ctx
        self.settings = ctx.settings

    async def run(self) -> None:
        """Work until done or until `ctx.stopping` is set. Call `ctx.ready()` once the work has begun.

        Raises `NotReady` to be retried later; any other exception is a failure: it is reported, and the module is
        restarted after a while.
        """
        raise NotImplementedError

    @classmethod
    def check(cls, settings: S) -> Iterable[str | tuple[str, str]]:
        """Return the things named in `settings` that this machine lacks, for ``whimbrel check``.

        Each finding is one line: the missing thing, and advice. In a tuple with the path of a setting, such as
        ``("source.interface", "…")``, it is shown with that setting's line. The check is quick, changes nothing and
        needs no loop.
        """
        return ()

    @classmethod
    def claims(cls, settings: S) -> Iterable[tuple[str, str]]:
        """Yield the resources that this module uses exclusively: the path of a setting, and the resource it names.

        For example ``("led", "GPIO line 17")``. Two settings with the same claim are a mistake that ``whimbrel check``
        reports.
        """
        return ()

    def dead(self) -> str | None:
        """Return why the watchdog should reset the device because of this module, or None. It is polled."""
        return None


def _maker(make: Callable[[], object] | str) -> Callable[[], object]:
    if not isinstance(make, str):
        return make

    def made() -> object:
        return load(make)()

    return made


def ignore(*_: object) -> None:
    """Do nothing: the default value of a callback."""

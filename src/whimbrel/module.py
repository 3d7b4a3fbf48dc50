"""What a module is, and the context that is all it knows of the daemon."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar

import attrs

from whimbrel.bus import Bus, Policy, Subscription
from whimbrel.bus.door import ThreadDoor
from whimbrel.errors import WhimbrelError
from whimbrel.events.device import ScreenOffered
from whimbrel.screen_offers import Place, ScreenOffer, ScreenOffers
from whimbrel.verbs.declare import Verb

if TYPE_CHECKING:
    from whimbrel.events.base import Event
    from whimbrel.stall import StallMonitor

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
_PLACE = Place()

Answer = Callable[[dict[str, Any]], Awaitable[T]]
"""Answers one request of the control socket, whose keys are JSON values; raises `VerbError` to refuse."""


class NotReady(WhimbrelError):
    """Something this module needs is not there (yet): say what, and what to do. It is tried again later."""


class VerbError(WhimbrelError):
    """A request that cannot be answered: the message goes to the client."""


class Stage(enum.IntEnum):
    """Where a module stands in the stream of events; a stop goes through the stages in order."""

    SOURCE = 0
    """Brings events in: is cancelled first, so that nothing new arrives."""
    WORKER = 1
    """Turns events into events: ends after it has read what waits for it."""
    SINK = 2
    """Takes events out: ends after it has read everything that those before said."""
    WITNESS = 3
    """Tells how all the others ended, and so ends after them."""


@attrs.frozen
class NoSettings:
    """For a module that has nothing to set."""


class Handover:
    """What one run of a module leaves to the next, in the same process. It outlasts the module's restart.

    What is left is an object of this process, with the version of what it means: a run that knows another version
    starts with nothing. What is taken is gone, so that a run that fails over it is not given it once more.
    """

    def __init__(self) -> None:
        self._left: tuple[int, Any] | None = None

    def leave(self, version: int, value: Any) -> None:
        """Leave `value` to the next run."""
        self._left = version, value

    def take(self, version: int) -> Any | None:
        """Return what the run before left, if it is of that version; None where there is nothing."""
        left, self._left = self._left, None
        return left[1] if left is not None and left[0] == version else None


class Context(Generic[S]):
    """A module's name, settings, and ways onto and off the bus. Made by the supervisor, one for each run."""

    def __init__(
        self,
        name: str,
        settings: S,
        bus: Bus,
        verbs: Verbs | None = None,
        stalls: StallMonitor | None = None,
        screens: ScreenOffers | None = None,
        handover: Handover | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.bus = bus
        self.verbs = verbs or Verbs()
        self.screens = ScreenOffers() if screens is None else screens
        self.handover = Handover() if handover is None else handover
        self.replaced = False
        """Whether another run follows as soon as this one has ended, as when its settings have changed."""
        self._stalls = stalls
        self.stopping = asyncio.Event()
        """Set when the module is asked to end; its subscriptions are closed at the same time."""
        self.is_ready = asyncio.Event()
        self.warnings: dict[str, str] = {}
        self.on_change: Callable[[], None] = _nothing
        self._sender = bus.sender(name)
        self._door: ThreadDoor | None = None
        self._subscriptions: list[Subscription] = []

    def publish(self, body: object, at: float | None = None) -> Event:
        """Send `body` to all who listen; `at` is when it happened, in seconds since the epoch (now, if not given)."""
        return self._sender.publish(body, at)

    def post(self, body: object) -> bool:
        """Publish from another thread; the only method that one may call. False where the door was full."""
        if self._door is None:
            raise RuntimeError(f"{self.name}: open_door() was not called on the loop before post()")
        return self._door.post(body)

    def open_door(self) -> ThreadDoor:
        """Make `post` usable; call it on the loop before the first thread starts."""
        if self._door is None:
            self._door = ThreadDoor(asyncio.get_running_loop(), self._sender)
        return self._door

    def subscribe(
        self,
        *kinds: type,
        capacity: int | None = None,
        policy: Policy = Policy.DROP_OLDEST,
        own: bool = False,
    ) -> Subscription:
        """Listen to `kinds` (to everything where none is named). It is closed when the module is asked to stop."""
        sub = self.bus.subscribe(*kinds, reader=self.name, capacity=capacity, policy=policy, own=own)
        self._subscriptions = [open_ for open_ in self._subscriptions if not open_.closed]
        self._subscriptions.append(sub)
        if self.stopping.is_set():
            sub.close()
        return sub

    def timed(self, callback: Callable[P, None]) -> Callable[P, None]:
        """Wrap what the loop calls for this module outside of its tasks, so that a stall can be told."""
        return self._stalls.timed(self.name, callback) if self._stalls else callback

    def latest(self, kind: type) -> Event | None:
        """Return the newest event of exactly this class, None before the first."""
        return self.bus.latest(kind)

    def ready(self) -> None:
        """Say that the module does its work from now on. Idempotent."""
        if not self.is_ready.is_set():
            self.is_ready.set()
            self.on_change()

    def warn(self, key: str, text: str) -> None:
        """Set the warning `key`: the module goes on, degraded; `text` says what is wrong and what to do."""
        if self.warnings.get(key) != text:
            self.warnings[key] = text
            self.on_change()

    def clear(self, key: str) -> None:
        """Take the warning `key` back, if it is set."""
        if self.warnings.pop(key, None) is not None:
            self.on_change()

    def serve(self, verb: Verb[T], answer: Answer[T]) -> None:
        """Answer `verb` on the control socket for as long as this module runs."""
        self.verbs.add(verb, answer, owner=self.name)

    def offer_screen(
        self, name: str, make: Callable[[], object], place: Place = _PLACE, shows: Iterable[type] = ()
    ) -> None:
        """Have the device's menu open a screen of this module's own, for as long as it runs.

        `make` returns a `whimbrel.screens.screen.Screen`; it is called when the screen is opened. `shows` are the
        event bodies whose newest it draws, by whomever they are published: ``state.latest(TideTurned)``. Raises
        ValueError where another module has a line of that name.
        """
        self._offer(ScreenOffer(name, make, place, tuple(shows), self.name))

    def offer_entry(self, name: str, make: Callable[[], object], place: Place = _PLACE) -> None:
        """Have a line in the device's menu that does something, for as long as this module runs.

        `make` returns a `whimbrel.screens.menu_entries.MenuEntry`. Raises ValueError as `offer_screen` does.
        """
        self._offer(ScreenOffer(name, make, place, (), self.name, is_entry=True))

    def _offer(self, offer: ScreenOffer) -> None:
        self.screens.add(offer)
        self.publish(ScreenOffered(name=offer.name))

    def wanted(self, kind: type) -> bool:
        """Tell whether anybody listens to `kind`; for what would cost something to say."""
        return self.bus.wanted(kind)

    def stop(self) -> None:
        """Ask the module to end: let it read what waits, give it nothing new."""
        self.stopping.set()
        for sub in self._subscriptions:
            sub.close()

    def release(self) -> None:
        """Take everything back that the module left behind. Called by the supervisor after each run."""
        self.stop()
        self.verbs.drop(self.name)
        self.screens.drop(self.name)
        self.warnings.clear()
        self._sender.retire()


class Module(Generic[S]):
    """One concern of the daemon. Subclasses set `Settings` and `stage` and write `run`."""

    Settings: ClassVar[type] = NoSettings
    """An attrs class; every attribute made by `whimbrel.settings.setting`."""
    stage: ClassVar[Stage] = Stage.SINK
    critical: ClassVar[bool] = False
    """Whether the daemon is no use without it: READY waits for it, and its lasting failure ends the process."""

    def __init__(self, ctx: Context[S]) -> None:
        self.ctx = ctx
        self.settings = ctx.settings

    async def run(self) -> None:
        """Do the work until it is done or the context says `stopping`. Call `ctx.ready()` once it is being done.

        Raises `NotReady` to be tried again later; any other exception is a failure: it is reported, and the module
        is started again after a while.
        """
        raise NotImplementedError

    @classmethod
    def check(cls, settings: S) -> Iterable[str | tuple[str, str]]:
        """Say what `settings` name and this machine does not have, for ``whimbrel check``; nothing where all is there.

        Each finding is one line: what is missing and what to do. With the path of a setting before it, as
        ``("source.interface", "…")``, it is shown with that setting's line. Quick, changes nothing, needs no loop.
        """
        return ()

    @classmethod
    def claims(cls, settings: S) -> Iterable[tuple[str, str]]:
        """Yield what nobody else can have while this module does: the path of a setting, and what it names.

        As ``("led", "GPIO line 17")``. Two settings that claim the same are a mistake, which ``whimbrel check`` tells.
        """
        return ()

    def dead(self) -> str | None:
        """Say why the device needs the watchdog because of this module; None while it does not. Polled."""
        return None


class Verbs:
    """What the control socket can be asked, by name; each verb belongs to the module that answers it."""

    def __init__(self) -> None:
        self._verbs: dict[str, tuple[Verb[Any], Answer[Any], str]] = {}

    def add(self, verb: Verb[T], answer: Answer[T], owner: str) -> None:
        """Answer `verb`. Raises ValueError where another module does already."""
        if verb.name in self._verbs and self._verbs[verb.name][2] != owner:
            raise ValueError(f"the verb {verb.name!r} of {owner} is already answered by {self._verbs[verb.name][2]}")
        self._verbs[verb.name] = (verb, answer, owner)

    def drop(self, owner: str) -> None:
        """Forget the verbs of `owner`."""
        self._verbs = {name: entry for name, entry in self._verbs.items() if entry[2] != owner}

    def find(self, name: str) -> Answer[Any] | None:
        """Return what answers the verb of this name."""
        entry = self._verbs.get(name)
        return entry[1] if entry else None

    def summaries(self) -> dict[str, str]:
        """Return every verb's name with its one-line summary, in alphabetical order."""
        return {name: entry[0].summary for name, entry in sorted(self._verbs.items())}


def _nothing() -> None:
    pass

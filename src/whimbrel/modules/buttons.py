"""The buttons: turns the keypad's edges into gestures, and publishes presses."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from whimbrel.bus import Closed, Lagged, Subscription
from whimbrel.drivers.choice import DriverSettings, choice, chooses
from whimbrel.drivers.ports import Keypad, is_telling
from whimbrel.drivers.registry import KEYPADS
from whimbrel.events.base import Event
from whimbrel.events.keys import KEYS, KeyEdge, KeyTrouble, Press
from whimbrel.gestures import Gestures, Step
from whimbrel.module import Context, Module, Stage, VerbError
from whimbrel.precedence import people
from whimbrel.settings import Duration, setting, settings_of
from whimbrel.tasks import first_to_end
from whimbrel.verbs.device import PRESS, Pressed

if TYPE_CHECKING:
    from whimbrel.drivers.keypad.script import Stroke

_TAP = 0.05
"""Seconds that a key is down when the control socket presses it."""
_PICTURE = 0.1
"""Seconds for which a change of a key has precedence over frames: until the picture that it brings."""
_PATIENCE = 5.0
"""Seconds, in addition to the time of holding, after which such a press must have become a gesture."""
_ADVICE = {
    "stuck": "is held down, or its line has the wrong pull or active level; it does not count until it is released",
    "bouncing": "changes faster than a finger can: a bad contact, or a line without pull; it does not count meanwhile",
}


@chooses(driver=KEYPADS)
class ButtonsSettings(DriverSettings):
    """The keys of the device."""

    driver: str = choice(KEYPADS, "none", help="The driver of the keys, in addition to `whimbrel press`")
    debounce: Duration = setting(
        Duration(0.01),
        low=0.0,
        high=0.1,
        help="Changes of the contact within this time after a change are ignored. It delays no press.",
    )
    long: Duration = setting(
        Duration(0.5),
        low=0.15,
        high=5.0,
        help="After this time a held key gives a long press; a key released earlier gives a short press.",
    )
    repeat: Duration = setting(
        Duration(0.12), low=0.03, high=2.0, help="Time between two repeats of a key that is held on after that."
    )
    stuck: Duration = setting(
        Duration(20.0),
        low=6.0,
        high=600.0,
        help="A key held for longer is stuck: it is reported, and does not count until it is released.",
    )

    def check(self) -> None:
        """Refuse a keypad without keys, and long presses that would be short; raises ValueError."""
        if self.driver == "gpio" and not self.gpio.keys:
            raise ValueError("driver: gpio needs keys: set gpio.keys, such as {up: 17, down: 22, ok: 4}")
        section = self.section("driver")
        hold = getattr(section, "hold", math.inf)  # the length of a press that the keypad itself makes long
        if hold <= self.long:
            default = hold == settings_of(type(section))["hold"].default
            name, bound = ("long", "less") if default else (f"{self.driver}.hold", "more")
            other = f"{self.driver}.hold, {hold:g}s" if default else f"long, {self.long:g}s"
            raise ValueError(f"{name}: expected {bound} than {other}, found {self.long if default else hold:g}s")


class Buttons(Module[ButtonsSettings]):
    """Turns keys into presses: short, long, repeated. Answers the control verb press."""

    Settings = ButtonsSettings
    stage = Stage.WORKER

    def __init__(self, ctx: Context[ButtonsSettings]) -> None:
        super().__init__(ctx)
        settings = self.settings
        self._loop = asyncio.get_running_loop()
        self._gestures = Gestures(
            debounce=settings.debounce, long=settings.long, repeat=settings.repeat, stuck=settings.stuck
        )
        self._edges: Subscription
        self._timer: asyncio.TimerHandle | None = None
        self._missed: dict[str, KeyEdge] = {}
        """The newest edge of each key that was lost because the door was full."""
        self._taps: dict[str, float] = {}
        """When each key is released that a program presses for a short time."""

    @classmethod
    def check(cls, settings: ButtonsSettings) -> Iterable[tuple[str, str]]:
        """Yield the obstacles to using the keypad."""
        for path, problem in KEYPADS.load(settings.driver).check(settings.section("driver")):
            yield f"{settings.driver}.{path}", problem

    @classmethod
    def claims(cls, settings: ButtonsSettings) -> Iterable[tuple[str, str]]:
        """Yield the lines of the keys."""
        for path, taken in KEYPADS.load(settings.driver).claims(settings.section("driver")):
            yield f"{settings.driver}.{path}", taken

    async def run(self) -> None:
        """Publish presses until asked to stop. Raises `NotReady` without a keypad."""
        settings = self.settings
        keypad = KEYPADS.load(settings.driver)(settings.section("driver"))
        if is_telling(keypad):
            keypad.on_event = self.ctx.post
        self.ctx.open_door()
        self._edges = self.ctx.subscribe(KeyEdge, own=True)
        try:
            await keypad.open()
            self._gestures.held(keypad.held(), self._loop.time())
            self._arm()
            self.ctx.serve(PRESS, self._press)
            self.ctx.ready()
            await first_to_end((self._take_edges(), self._listen(keypad)))
        finally:
            if self._timer is not None:
                self._timer.cancel()
            await keypad.close()
            self._publish(self._gestures.finish())

    async def _listen(self, keypad: Keypad) -> None:
        """Let the keypad report; after its end, the control socket still does."""
        await keypad.run(self._edge)
        self.ctx.warn(
            "closed", f"{keypad.description}: closed, so there are no keys; restart this module to look again"
        )
        await self.ctx.stopping.wait()

    def _edge(self, key: str, down: bool, at: float) -> None:
        """Take a change; called from any thread."""
        body = KeyEdge(key=key, down=down, at=at)
        if not self.ctx.post(body):
            self._missed[key] = body

    def _move(self, key: str, down: bool, at: float) -> None:
        """Take a change that a program makes; it waits to be read from now on, also for what is due in this turn."""
        self.ctx.publish(KeyEdge(key=key, down=down, at=at))

    def _let_go(self) -> None:
        """Release the keys that programs have pressed for long enough, each at its own time."""
        now = self._loop.time()
        for key, at in [*self._taps.items()]:
            if at <= now:
                del self._taps[key]
                self._move(key, False, at)

    async def _take_edges(self) -> None:
        with contextlib.suppress(Closed):
            while True:
                self._take(await self._edges.read_all())

    def _take(self, events: Sequence[Event | Lagged]) -> None:
        """Convert edges to steps, and wake up again when the next one is due."""
        edges = [event.body for event in events if isinstance(event, Event)]
        while self._missed:
            edges.append(self._missed.popitem()[1])
        if edges:
            people().expect(self, _PICTURE)
        # A lost edge may be older than waiting ones.
        for edge in sorted(edges, key=lambda edge: edge.at):
            # The sender has seen it by now.
            self._publish(self._gestures.edge(edge.key, edge.down, min(edge.at, self._loop.time())))
        self._tell_troubles()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self._gestures.due()
        self._timer = None if due is None else self._loop.call_at(due, self.ctx.timed(self._wake))

    def _wake(self) -> None:
        """Execute due actions, after the earlier edges that are waiting: something may have held the loop up."""
        self._let_go()
        with contextlib.suppress(Closed):
            self._take(self._edges.read_waiting())
        self._publish(self._gestures.advance(self._loop.time()))
        self._tell_troubles()
        self._arm()

    def _publish(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self.ctx.publish(step)

    def _tell_troubles(self) -> None:
        troubles = self._gestures.troubles
        for key in KEYS:
            if key in troubles:
                self.ctx.warn(f"key-{key}", f"the key {key} {_ADVICE[troubles[key]]}")
            else:
                self.ctx.clear(f"key-{key}")

    async def _press(self, request: dict[str, Any]) -> Pressed:
        """Press a key like a finger; answer once it was released. Raises `VerbError`."""
        stroke = _stroke(request)
        if reason := self._gestures.troubles.get(stroke.key):
            raise VerbError(f"the key {stroke.key} is {reason}: it does not count at the moment")
        # Programs are faster than fingers, and are not a bad contact.
        await asyncio.sleep(max(self._gestures.free_at(stroke.key) - self._loop.time(), 0.0))
        if self._gestures.is_down(stroke.key):
            raise VerbError(f"the key {stroke.key} is being held")
        said = self.ctx.subscribe(Press, KeyTrouble, own=True)
        try:
            async with asyncio.timeout(_PATIENCE + self.settings.long):
                return await self._hold(stroke, said)
        except TimeoutError:
            raise VerbError(f"the key {stroke.key} was pressed, and nothing came of it") from None
        finally:
            said.close()

    async def _hold(self, stroke: Stroke, said: Subscription) -> Pressed:
        began = self._loop.time()
        self._move(stroke.key, True, began)
        if not stroke.long:
            self._taps[stroke.key] = began + min(_TAP, self.settings.long / 2)
            self._loop.call_at(self._taps[stroke.key], self._let_go)
        try:
            became = await _step_of(stroke.key, ("long", "short"), said)
        finally:
            if stroke.long or self._taps.pop(stroke.key, None) is not None:
                self._move(stroke.key, False, self._loop.time())
        released = await _step_of(stroke.key, ("release",), said)
        return Pressed(
            key=stroke.key, gesture=became.gesture, gesture_id=released.gesture_id, held=round(released.held, 3)
        )


async def _step_of(key: str, gestures: Sequence[str], said: Subscription) -> Press:
    """Return the next step of `key` that is one of `gestures`. Raises `VerbError` if there will be none."""
    async for event in said:
        if isinstance(event, Lagged) or event.body.key != key:
            continue
        if isinstance(event.body, KeyTrouble):
            raise VerbError(f"the key {key} is {event.body.problem}")
        step: Press = event.body
        if step.gesture in gestures:
            return step
    raise VerbError("the buttons were stopped meanwhile")


def _stroke(request: dict[str, Any]) -> Stroke:
    """Return the press that a request names. Raises `VerbError`."""
    from whimbrel.drivers.keypad.script import parse_stroke

    key, gesture = request.get("key"), request.get("gesture", "short")
    if not isinstance(key, str) or not isinstance(gesture, str):
        raise VerbError(f'"key": expected one of {", ".join(KEYS)}; "gesture": short or long')
    try:
        return parse_stroke(f"{key}:{gesture}")
    except ValueError as error:
        raise VerbError(str(error)) from error

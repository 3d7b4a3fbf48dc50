"""Which radio a receiver listens with, where the settings leave that open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.drivers.radios import names_of, radio_in
from whimbrel.errors import NotReady
from whimbrel.events.radio import RadioOpened
from whimbrel.module import BeginAgain, Context
from whimbrel.radio.set_aside import SetAside, Use
from whimbrel.radio.sharing import open_receivers
from whimbrel.settings import evolve

if TYPE_CHECKING:
    from whimbrel.drivers.nl80211.choosing import Chooser, Chosen

AUTO = "auto"
"""In the place of a source: the choice between two of them."""
_MONITORING, _SCANNING = "linux", "scan"
_VERSION = 1
"""Of what one run hands over to the next one: the radios that are left alone."""
_ASIDE = "set-aside"
"""The warning of a radio that is left alone."""
_SEEK = 5.0
"""Seconds between two looks whether the radio is deaf."""
_FIRST = 3.0
"""Seconds for which a further receiver leaves the choice to the first one; a radio that is there is open by then."""


class ChosenSource(NamedTuple):
    """A frame source with its settings."""

    driver: str
    settings: Any
    """None if it has none."""
    reason: str = ""
    """Why, if the settings leave it open."""


def make_chooser(
    settings: Any,
    sources: Collection[str],
    taken: Callable[[], Collection[str]],
    aside: Callable[[], Mapping[Use, str]],
) -> Chooser:
    """Return what asks the kernel, which is imported only for that."""
    from whimbrel.drivers.nl80211.choosing import Chooser

    return Chooser(settings.linux, settings.scan, sources=sources, taken=taken, aside=aside)


def named_radios(settings: Any) -> Iterator[tuple[str, str]]:
    """Yield each radio or interface that the settings of a sniffer name, with the path of the setting."""
    told: set[str] = set()
    for source in (_MONITORING, _SCANNING) if settings.source == AUTO else (settings.source,):
        own = getattr(settings, source, None)
        for key in ("interface", "radio"):
            name = getattr(own, key, None)
            if isinstance(name, str) and name and name not in told:
                told.add(name)
                yield f"{source}.{key}", f"the radio {name}"


class RadioChoice:
    """The choice of one receiver. `settings` are those of the sniffer; `number` is 0 for the first receiver."""

    def __init__(self, ctx: Context[Any], settings: Any, number: int) -> None:
        self._ctx = ctx
        self._settings = settings
        self._number = number
        self._chooser: Chooser | None = None
        self._chosen: Chosen | None = None
        self._clock = asyncio.get_running_loop().time
        self._aside: SetAside = ctx.handover.take(_VERSION) or SetAside()
        ctx.handover.leave(_VERSION, self._aside)
        self._trial: Mapping[Use, str] = {}
        self._tried = False

    async def choose(self) -> ChosenSource:
        """Return the source. Raises `NotReady` if there is no radio left for it."""
        settings = self._settings
        source: str = settings.source
        if source == AUTO:
            sources: tuple[str, ...] = (_MONITORING, _SCANNING)
        elif source in {_MONITORING, _SCANNING} and not self._is_named(source) and (self._number or self.taken()):
            sources = (source,)
        else:
            return ChosenSource(source, getattr(settings, source, None))
        if self._number:
            await self._let_the_first_choose()
        aside = self._left_alone()
        self._chooser = make_chooser(settings, sources, self.taken, self._left_alone)
        self._chosen = chosen = await self._chooser.choose()
        if self._chooser.left_alone:
            self._ctx.warn(_ASIDE, "; ".join(self._chooser.left_alone))
        own = getattr(settings, chosen.source)
        if (self._number or self.taken() or aside) and not self._is_named(chosen.source):
            own = evolve(own, radio=chosen.radio)
        return ChosenSource(chosen.source, own, chosen.reason)

    @property
    def may_improve(self) -> bool:
        """Whether a radio in monitor mode would be taken instead of scanning."""
        return bool(self._settings.source == AUTO)

    async def await_better(self) -> None:
        """Raise `BeginAgain` once a radio in monitor mode could be used."""
        assert self._chooser is not None
        chosen = await self._chooser.better()
        raise BeginAgain(f"there is a better radio: {chosen.reason}")

    @property
    def may_change(self) -> bool:
        """Whether there may be another radio for one that is deaf."""
        return self._chooser is not None and not self._tried

    async def seek_another(self, exhausted: Callable[[], str | None]) -> None:
        """Leave the radio alone once there is a reason to, if there is another one: raises `BeginAgain`."""
        while True:
            await asyncio.sleep(_SEEK)
            if reason := exhausted():
                await self.give_up(reason)
            else:
                self._tried = False
                if not self._aside.reasons(self._clock()):
                    self._ctx.clear(_ASIDE)

    async def failed(self, reason: str) -> None:
        """Note that the radio could not be opened. Raises `BeginAgain` if that was enough, and there is another."""
        if self._chosen is not None and self._aside.failed(self._use(self._chosen), self._clock()):
            await self.give_up(reason)

    async def give_up(self, reason: str) -> None:
        """Leave the radio alone for a while, until it is plugged in again at most. Raises `BeginAgain` if there is
        another one, or another way to listen with it."""
        chosen = self._chosen
        if self._chooser is None or chosen is None:
            return
        use = self._use(chosen)
        self._trial = {use: reason}
        try:
            other = await self._chooser.choose()
        except NotReady:
            other = chosen
        finally:
            self._trial = {}
        if (other.source, other.radio) != (chosen.source, chosen.radio):
            self._aside.put(use, reason, self._clock())
            raise BeginAgain(f"{chosen.radio} is left alone for a while: {reason}")
        self._tried = True

    def taken(self) -> list[str]:
        """Return the names of the other receivers' radios."""
        return list(self._radios())

    def refuse_taken(self, description: str) -> None:
        """Raise `NotReady` if the source of this description is on another receiver's radio."""
        radio = radio_in(description)
        if owner := self._radios().get(radio):
            raise NotReady(f"{radio} is the radio of {owner} already: name another one for {self._ctx.name}")

    def _radios(self) -> dict[str, str]:
        """Return the names of the other receivers by those of their radios."""
        others = open_receivers(self._ctx.bus, apart_from=self._ctx.name)
        found = {radio_in(opened.body.description): name for name, opened in others.items()}
        return {radio: name for radio, name in found.items() if radio}

    def _left_alone(self) -> Mapping[Use, str]:
        return {**self._aside.reasons(self._clock()), **self._trial}

    def _use(self, chosen: Chosen) -> Use:
        return chosen.source, names_of(chosen.radio).identity

    def _is_named(self, source: str) -> bool:
        own = getattr(self._settings, source)
        return bool(own.radio or getattr(own, "interface", None))

    async def _let_the_first_choose(self) -> None:
        """Return once another receiver has opened its radio, or has had the time to."""
        opened = self._ctx.subscribe(RadioOpened)
        try:
            if not open_receivers(self._ctx.bus, apart_from=self._ctx.name):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_FIRST):
                        async for _ in opened:
                            break
        finally:
            opened.close()

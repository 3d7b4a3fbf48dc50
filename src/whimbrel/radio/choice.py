"""Which radio a receiver listens with, where the settings leave that open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.drivers.radios import radio_in
from whimbrel.errors import NotReady
from whimbrel.events.radio import RadioOpened
from whimbrel.module import BeginAgain, Context
from whimbrel.radio.sharing import open_receivers
from whimbrel.settings import evolve

if TYPE_CHECKING:
    from whimbrel.drivers.nl80211.choosing import Chooser

AUTO = "auto"
"""In the place of a source: the choice between two of them."""
_MONITORING, _SCANNING = "linux", "scan"
_FIRST = 3.0
"""Seconds for which a further receiver leaves the choice to the first one; a radio that is there is open by then."""


class ChosenSource(NamedTuple):
    """A frame source with its settings."""

    driver: str
    settings: Any
    """None if it has none."""
    reason: str = ""
    """Why, if the settings leave it open."""


def make_chooser(settings: Any, sources: Collection[str], taken: Callable[[], Collection[str]]) -> Chooser:
    """Return what asks the kernel, which is imported only for that."""
    from whimbrel.drivers.nl80211.choosing import Chooser

    return Chooser(settings.linux, settings.scan, sources=sources, taken=taken)


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
        self._chooser = make_chooser(settings, sources, self.taken)
        chosen = await self._chooser.choose()
        own = getattr(settings, chosen.source)
        if (self._number or self.taken()) and not self._is_named(chosen.source):
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

"""The radio's verbs of the control socket: lock, unlock, camp."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from whimbrel.bus import Lagged, Subscription
from whimbrel.drivers.ports import TuneError
from whimbrel.events.base import Event
from whimbrel.events.radio import CampOn, HoppingChanged, LockChannel, Tuned, TuneFailed, UnlockChannel
from whimbrel.events.system import CommandRefused
from whimbrel.module import Context, VerbError
from whimbrel.radio.conductor import TUNER_PATIENCE, Command, Conductor
from whimbrel.radio.sharing import Sharing
from whimbrel.verbs.radio import CAMP, LOCK, UNLOCK, Posture
from whimbrel.wifi.channels import Channel, parse_channel

_PATIENCE = 1.5 * TUNER_PATIENCE
"""Limit in seconds until the radio has arrived on the channel: a previous request may have to end first."""
_REASON = "requested on the control socket"


class RadioVerbs:
    """The radio's verbs; `conductor` is None if the radio cannot be tuned, for the reason `why_not`.

    Of several receivers the first answers, also for the others, which are asked by events.
    """

    def __init__(self, ctx: Context[Any], conductor: Conductor | None, sharing: Sharing, why_not: str = "") -> None:
        self._ctx = ctx
        self._sharing = sharing
        self._conductor = conductor
        self._why_not = why_not

    def serve(self) -> None:
        """Answer for as long as the module runs."""
        self._ctx.serve(LOCK, self._lock, shared=True)
        self._ctx.serve(UNLOCK, self._unlock, shared=True)
        self._ctx.serve(CAMP, self._camp, shared=True)

    async def _lock(self, args: dict[str, Any]) -> Posture:
        return await self._obeyed(LockChannel(channel=_channel(args), reason=_REASON))

    async def _unlock(self, _args: dict[str, Any]) -> Posture:
        command = UnlockChannel(reason=_REASON)
        if others := self._sharing.others():
            self._ctx.publish(command)
            if self._conductor is None:
                return Posture(mode="hopping", channel=None, seconds=None, receiver=others[0])
        conductor = self._tunable()
        conductor.obey(command)
        return self._answer(conductor)

    async def _camp(self, args: dict[str, Any]) -> Posture:
        command = CampOn(channel=_channel(args), seconds=_seconds(args), reason=_REASON)
        owner = self._sharing.owner(command.channel)
        mode, channel = self._tunable().posture[:2] if owner == self._ctx.name else self._told(owner)
        if mode == "locked":
            raise VerbError(f"the radio is locked on {channel}; unlock it first")
        return await self._obeyed(command)

    async def _obeyed(self, command: LockChannel | CampOn) -> Posture:
        """Have the command executed, and answer once the radio has arrived. Raises `VerbError`."""
        owner = self._sharing.owner(command.channel)
        if owner != self._ctx.name:
            return await self._pass_on(command, owner)
        conductor = self._tunable()
        said = self._ctx.subscribe(Tuned, TuneFailed, HoppingChanged, own=True)
        try:
            if _obey(conductor, command):
                async with asyncio.timeout(_PATIENCE):
                    await _arrival(said, self._ctx.name, command.channel, conductor)
        except TimeoutError:
            raise VerbError(f"the radio has not gone to {command.channel} within {_PATIENCE:g} s") from None
        finally:
            said.close()
        return self._answer(conductor)

    async def _pass_on(self, command: LockChannel | CampOn, owner: str) -> Posture:
        """Have the receiver `owner` execute the command, and answer once it has arrived. Raises `VerbError`."""
        mode = "locked" if isinstance(command, LockChannel) else "camping"
        answer = Posture(
            mode=mode, channel=str(command.channel), seconds=getattr(command, "seconds", None), receiver=owner
        )
        if self._told(owner) == (mode, command.channel):
            return answer
        said = self._ctx.subscribe(Tuned, TuneFailed, CommandRefused)
        try:
            asked = self._ctx.publish(command)
            async with asyncio.timeout(_PATIENCE):
                await _others_arrival(said, asked, owner)
        except TimeoutError:
            raise VerbError(f"{owner} has not gone to {command.channel} within {_PATIENCE:g} s") from None
        finally:
            said.close()
        return answer

    def _told(self, owner: str) -> tuple[str, Channel | None]:
        """Return the mode and the channel that another receiver has told last."""
        for event in self._ctx.latest_of_each(HoppingChanged):
            if event.source == owner:
                return event.body.mode, event.body.channel
        return "", None

    def _tunable(self) -> Conductor:
        if self._conductor is None:
            raise VerbError(f"this radio cannot be tuned from here: {self._why_not}")
        return self._conductor

    def _answer(self, conductor: Conductor) -> Posture:
        posture = conductor.posture
        channel = str(posture.channel) if posture.channel else None
        return Posture(mode=posture.mode, channel=channel, seconds=conductor.remaining, receiver=self._ctx.name)


def _obey(conductor: Conductor, command: Command) -> bool:
    try:
        return conductor.obey(command)
    except TuneError as error:
        raise VerbError(str(error)) from error


async def _arrival(said: Subscription, own: str, channel: Channel, conductor: Conductor) -> None:
    """Return once the radio was tuned to `channel`. Raises `VerbError` if that fails, or another command follows."""
    async for event in said:
        if isinstance(event, Lagged) or event.source != own:
            continue
        body = event.body
        if body.channel != channel:
            if isinstance(body, HoppingChanged):
                raise VerbError(f"another command came meanwhile: the radio is {body.mode}")
        elif isinstance(body, TuneFailed):
            trying = "; it goes on trying" if conductor.posture.channel == channel else ""
            raise VerbError(f"{body.reason}{trying}")
        elif isinstance(body, Tuned):
            return
    raise VerbError("the radio was closed meanwhile")


async def _others_arrival(said: Subscription, asked: Event, owner: str) -> None:
    """Return once the receiver `owner` was tuned to the channel that it was asked for. Raises `VerbError`."""
    async for event in said:
        if isinstance(event, Lagged) or event.source != owner:
            continue
        body = event.body
        if isinstance(body, CommandRefused):
            if body.answers == asked.seq:
                raise VerbError(body.text)
        elif body.channel == asked.body.channel:
            if isinstance(body, TuneFailed):
                raise VerbError(body.reason)
            return
    raise VerbError("the radio was closed meanwhile")


def _channel(args: dict[str, Any]) -> Channel:
    """Return the channel in a request. Raises `VerbError`."""
    value = args.get("channel")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise VerbError('"channel": expected a channel such as "6", "36/80" or "6GHz:37"')
    try:
        return parse_channel(value)
    except ValueError as error:
        raise VerbError(str(error)) from error


def _seconds(args: dict[str, Any]) -> float:
    """Return the time in a request. Raises `VerbError`."""
    value = args.get("seconds")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise VerbError('"seconds": expected a number of more than 0')
    return float(value)

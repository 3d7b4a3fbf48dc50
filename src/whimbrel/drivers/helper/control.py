"""The control of a radio that the helper has opened."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Unpack

from whimbrel.drivers.helper.link import START_UP, HelperAway, HelperLink, RequestParts
from whimbrel.drivers.helper.protocol import Ask, HelperAnswer, Outcome
from whimbrel.drivers.ports import TuneError
from whimbrel.wifi.channels import Channel


class HelperControl:
    """A `RadioControl` at the other end of a link."""

    start_up = START_UP

    def __init__(self, link: HelperLink, interface: str = "") -> None:
        self.interface = interface
        self.description = ""
        self.left: tuple[str, ...] = ()
        self._link = link
        self._wanted = interface
        self._channels: tuple[Channel, ...] = ()

    def open(self) -> None:
        """Have a monitor interface made ready. Raises `NotReady` with the missing thing."""
        answer = self._link.obtain(Ask.OPEN, name=self._wanted).answer
        self.interface, self.description = answer.lines
        self._learn(answer)

    def channels(self) -> Sequence[Channel]:
        """Return every 20 MHz channel that radio and regulatory domain allow to receive, by frequency."""
        return self._channels

    def set_channel(self, channel: Channel) -> None:
        """Tune to `channel` at its width. Raises `TuneError`."""
        self._ask(Ask.SET_CHANNEL, channel=channel)

    def cycle(self) -> None:
        """Set the interface down and up. Raises `TuneError`."""
        self._ask(Ask.CYCLE)

    def recreate(self) -> None:
        """Have the monitor interface deleted and made anew. Raises `TuneError`."""
        self._ask(Ask.RECREATE)

    def close(self) -> None:
        """Have the interfaces restored, and hang up. Idempotent; never raises."""
        self._channels = ()
        with contextlib.suppress(HelperAway):
            self.left = self._link.ask(Ask.CLOSE).answer.lines
        self._link.close()

    def _ask(self, ask: Ask, **parts: Unpack[RequestParts]) -> None:
        try:
            answer = self._link.ask(ask, **parts).answer
        except HelperAway as error:
            raise TuneError(str(error)) from error
        self._learn(answer)
        if answer.outcome is not Outcome.DONE:
            raise TuneError(" ".join(answer.lines), forbidden=answer.outcome is Outcome.FORBIDDEN)

    def _learn(self, answer: HelperAnswer) -> None:
        if answer.channels:
            self._channels = tuple(map(Channel, answer.channels))

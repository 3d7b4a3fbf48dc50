"""The `Tuner` port for a radio of this machine: its control, on a thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from whimbrel.drivers.nl80211.control import Kernel, Nl80211Control, RadioControl, connect
from whimbrel.drivers.nl80211.worker import Stuck, Worker
from whimbrel.drivers.ports import TuneError
from whimbrel.errors import NotReady
from whimbrel.wifi.channels import Channel

T = TypeVar("T")


class RadioTuner:
    """Tunes the radio of `control`, whose requests take up to `timeout` seconds each.

    After `open`, `interface` is the monitor interface to capture from; `recreate` deletes it and makes it anew under
    the same name.
    """

    name = "nl80211"

    def __init__(self, control: RadioControl, *, timeout: float = 3.0) -> None:
        self._control = control
        self._timeout = timeout
        self._worker: Worker | None = None

    @property
    def interface(self) -> str:
        """The monitor interface; before `open` the wanted one."""
        return self._control.interface

    @property
    def description(self) -> str:
        """One line for a person, after `open`."""
        return self._control.description

    @property
    def left(self) -> tuple[str, ...]:
        """The changes that `close` could not undo, in a sentence each."""
        return self._control.left

    async def open(self) -> None:
        """Find the radio, get a monitor interface and set it up. Raises `NotReady` with the missing thing."""
        self._worker = Worker("tuner")
        try:
            await self._call(self._control.open, self._control.start_up)
        except BaseException as error:
            await self.close()
            if isinstance(error, TuneError):
                raise NotReady(str(error)) from error
            raise

    def channels(self) -> Sequence[Channel]:
        """Return every 20 MHz channel that radio and regulatory domain allow to receive, by frequency."""
        return self._control.channels()

    async def tune(self, channel: Channel) -> None:
        """Tune to `channel` at its width. Raises `TuneError`."""
        await self._call(lambda: self._control.set_channel(channel))

    async def cycle(self) -> None:
        """Set the interface down and up. Raises `TuneError`."""
        await self._call(self._control.cycle)

    async def recreate(self) -> None:
        """Delete the monitor interface and recreate it. Raises `TuneError`."""
        await self._call(self._control.recreate)

    async def close(self) -> None:
        """Restore the interfaces. Idempotent; never raises."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with contextlib.suppress(TimeoutError, Stuck):
            await worker.call(self._control.close, timeout=3 * self._timeout)
        worker.stop()

    async def _call(self, function: Callable[[], T], longer: float = 0.0) -> T:
        """Run `function`, which makes a few requests, on the worker. Raises `TuneError` if it hangs."""
        if self._worker is None:
            raise TuneError("the tuner is not open")
        limit = 2 * self._timeout + longer
        try:
            return await self._worker.call(function, timeout=limit)
        except TimeoutError:
            raise TuneError(f"the kernel has not come back for {limit:g} s: the radio is stalled") from None
        except Stuck:
            raise TuneError("the kernel has not come back from an earlier request: the radio is stalled") from None


class Nl80211Tuner(RadioTuner):
    """Tunes a radio by this process's own sockets; `interface` is that of `Monitor`."""

    def __init__(
        self, interface: str = "", *, timeout: float = 3.0, connect: Callable[[float], Kernel] = connect
    ) -> None:
        super().__init__(Nl80211Control(interface, timeout=timeout, connect=connect), timeout=timeout)

"""gpiozero's pins on the kernel's own interface, because Debian has no lgpio, and gpiozero's other libraries cannot
detect edges with current kernels. Works with gpiozero 1.6.2 (Debian 12 and 13) and 2.0.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from typing import Any

from gpiozero.exc import PinFixedPull, PinInvalidBounce, PinInvalidFunction, PinInvalidPull, PinSetInput
from gpiozero.pins.local import LocalPiFactory, LocalPiPin

from whimbrel.drivers import gpiochip
from whimbrel.drivers.gpiochip import LineHandle

_PULLS = {"up": gpiochip.PULL_UP, "down": gpiochip.PULL_DOWN, "floating": gpiochip.NO_PULL}
_EDGES = {
    "both": gpiochip.RISING | gpiochip.FALLING,
    "rising": gpiochip.RISING,
    "falling": gpiochip.FALLING,
    "none": 0,
}


class ChipFactory(LocalPiFactory):  # type: ignore[misc]  # gpiozero has no types
    """Pins of ``/dev/gpiochipN``. One thread reports the changes of all."""

    def __init__(self, chip: int = 0) -> None:
        """Raises OSError for a chip that cannot be opened, and gpiozero's error if this is no Raspberry Pi."""
        super().__init__()
        self._get_revision()  # gpiozero itself would check this only at the first pin
        self.pin_class = ChipPin
        self.device = os.open(f"/dev/gpiochip{chip}", os.O_RDWR | os.O_CLOEXEC)
        self._poll = select.epoll()
        self._watched: dict[int, ChipPin] = {}
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._poll.register(self._wake, select.EPOLLIN)
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Release every line, and end the thread."""
        super().close()
        if self.device < 0:
            return
        if self._thread is not None:
            os.eventfd_write(self._wake, 1)
            if self._thread is not threading.current_thread():
                self._thread.join()
        self._poll.close()
        os.close(self._wake)
        os.close(self.device)
        self.device = -1

    def watch(self, pin: ChipPin, descriptor: int) -> None:
        """Report the events of the pin's line to `pin` from now on."""
        self._watched[descriptor] = pin
        self._poll.register(descriptor, select.EPOLLIN)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gpio", daemon=True)
            self._thread.start()

    def ignore(self, descriptor: int) -> None:
        """Stop reporting the events of a line."""
        if self._watched.pop(descriptor, None) is not None:
            with contextlib.suppress(OSError):
                self._poll.unregister(descriptor)

    def _run(self) -> None:
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._wake:
                    return
                if (pin := self._watched.get(descriptor)) is not None:
                    pin.look()


class ChipPin(LocalPiPin):  # type: ignore[misc]
    """One line. It is claimed at its first use, and released when it is closed."""

    def __init__(self, factory: ChipFactory, *which: Any) -> None:
        super().__init__(factory, *which)  # a number, or the pin's description with gpiozero 2
        self._line: LineHandle | None = None
        self._direction = gpiochip.INPUT
        self._bias = gpiochip.NO_PULL
        self._bounce = 0
        self._edges = "both"
        self._watching = False

    def close(self) -> None:
        """Release the line."""
        self.when_changed = None
        self.factory.ignore(self._line.fileno() if self._line else -1)
        if self._line is not None:
            self._line.close()
        self._line = None
        self._direction, self._bias, self._bounce = gpiochip.INPUT, gpiochip.NO_PULL, 0

    def output_with_state(self, state: bool) -> None:
        """Make it an output with the initial level `state`, without a glitch on the line."""
        self._direction = gpiochip.OUTPUT
        self._apply(bool(state))

    def look(self) -> None:
        """Report the waiting changes. An error of one listener does not affect the other pins."""
        line = self._line
        if line is None:
            return
        with contextlib.suppress(Exception):
            for at, level in line.events():
                self._call_when_changed(at, int(level))

    def _apply(self, state: bool = False) -> LineHandle:
        flags = self._direction
        if flags == gpiochip.INPUT:
            flags |= self._bias | (_EDGES[self._edges] if self._watching else 0)
        if self._line is None:
            self._line = LineHandle(self.factory.device, self._number, flags, value=state, debounce=self._bounce)
        else:
            self._line.configure(flags, value=state, debounce=self._bounce)
        return self._line

    def _claimed(self) -> LineHandle:
        return self._line or self._apply()

    def _get_function(self) -> str:
        return "output" if self._direction == gpiochip.OUTPUT else "input"

    def _set_function(self, value: str) -> None:
        if value not in {"input", "output"}:
            raise PinInvalidFunction(f'invalid function "{value}" for pin {self!r}')
        self.when_changed = None
        self._direction = gpiochip.OUTPUT if value == "output" else gpiochip.INPUT
        self._apply()

    def _get_state(self) -> int:
        return int(self._claimed().read())

    def _set_state(self, value: bool) -> None:
        if self._direction != gpiochip.OUTPUT:
            raise PinSetInput(f"cannot set state of pin {self!r}")
        self._claimed().write(bool(value))

    def _get_pull(self) -> str:
        return next(name for name, flag in _PULLS.items() if flag == self._bias)

    def _set_pull(self, value: str) -> None:
        if self._direction != gpiochip.INPUT:
            raise PinFixedPull(f"cannot set pull on non-input pin {self!r}")
        if value not in _PULLS:
            raise PinInvalidPull(f'invalid pull "{value}" for pin {self!r}')
        self._bias = _PULLS[value]
        self._apply()

    def _get_bounce(self) -> float | None:
        return self._bounce / 1e6 if self._bounce else None

    def _set_bounce(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise PinInvalidBounce("bounce must be 0 or greater")
        self._bounce = int((value or 0) * 1e6)
        self._apply()

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        listener, self.when_changed = self.when_changed, None
        self._edges = value
        self.when_changed = listener

    def _enable_event_detect(self) -> None:
        self._watching = True
        self.factory.watch(self, self._apply().fileno())

    def _disable_event_detect(self) -> None:
        self._watching = False
        if self._line is not None:
            self.factory.ignore(self._line.fileno())
            self._apply()

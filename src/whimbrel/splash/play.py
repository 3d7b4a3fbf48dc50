"""Plays to a panel what its driver would send: the picture of a start, or of the end.

``python3 -I -S play.py TAPE [hold|fork]``; ``hold`` keeps the lines of an LCD until the daemon wants them, and ``fork``
has another process keep them.

Run by path, before there is more than a root file system, when every import takes time: nothing of the package, nothing
but what Python has built in. Whatever is missing or does not answer, it says nothing: the daemon will.
"""

from __future__ import annotations

import os
import sys
from binascii import crc32
from fcntl import ioctl
from struct import Struct, pack
from time import monotonic, sleep

MAGIC = b"WPT2"
HEAD = Struct("<4sBBIIIBBBBB")
"""Magic; bus; I2C address; clock of an SPI bus; length and CRC-32 of the settings; GPIO lines of SPI: data/command,
reset, backlight, busy (`NONE` for none); length of the name of the bus, which follows."""
STEP = Struct("<BI")
"""A step: kind, and length of what follows."""
I2C, SPI = 0, 1
COMMAND, DATA, LINE, WAIT = 0, 1, 2, 3
"""Kinds of steps: octets of a command, octets of data, number and level of a GPIO line, until the panel is not busy."""
NONE = 255
SETTINGS = "/etc/whimbrel/whimbrel.yaml"
NAME = b"whimbrel-splash"
"""What the kernel says of a line that is held here."""
WANTED = "/run/whimbrel/panel"
"""The file by which the daemon asks for the lines."""
_HELD = 180.0
"""Seconds for which the lines are held at most: a released one may fall, and with it the light of an LCD."""
_LONGEST = 30.0
"""Seconds that a refresh of e-paper takes at most."""
_CHUNK = 4096
_I2C_SLAVE = 0x0703
_SPI_MODE, _SPI_SPEED = 0x40016B01, 0x40046B04
GET_LINE, SET_VALUES, OUTPUT, VALUE = 0xC250B407, 0xC010B40F, 1 << 3, 2
"""Of the kernel's GPIO interface; as in `whimbrel.drivers.gpiochip`."""
GET_VALUES, INPUT = 0xC010B40E, 1 << 2
REQUEST = Struct("=256s32sQI20x" + "I4xQQ" * 10 + "II20xi")


class I2cWire:
    """A panel on I2C: each message begins with an octet that says what follows (SSD1306 datasheet, 8.1.5.2)."""

    def __init__(self, node: str, address: int) -> None:
        """Raises OSError."""
        self._bus = os.open(node, os.O_RDWR | os.O_CLOEXEC)
        ioctl(self._bus, _I2C_SLAVE, address)

    def command(self, octets: bytes) -> None:
        """Send a command. Raises OSError."""
        os.write(self._bus, b"\x00" + octets)

    def data(self, octets: bytes) -> None:
        """Send data. Raises OSError."""
        for at in range(0, len(octets), _CHUNK):
            os.write(self._bus, b"\x40" + octets[at : at + _CHUNK])

    def line(self, number: int, level: int) -> None:
        """There is none."""

    def wait(self) -> None:
        """It is never busy."""


class SpiWire:
    """A panel on SPI: a line says whether what is sent is a command."""

    def __init__(self, node: str, speed: int, lines: tuple[int, ...], dc: int, busy: int = NONE) -> None:
        """Raises OSError, also where somebody else has a line."""
        self._bus = os.open(node, os.O_RDWR | os.O_CLOEXEC)
        ioctl(self._bus, _SPI_MODE, b"\0")
        ioctl(self._bus, _SPI_SPEED, pack("=I", speed))
        chip = os.open("/dev/gpiochip0", os.O_RDWR | os.O_CLOEXEC)
        self._lines = {number: _claim(chip, number, OUTPUT) for number in lines if number != NONE}
        self._busy = NONE if busy == NONE else _claim(chip, busy, INPUT)
        self._dc = dc

    def command(self, octets: bytes) -> None:
        """Send a command. Raises OSError."""
        self.line(self._dc, 0)
        os.write(self._bus, octets)

    def data(self, octets: bytes) -> None:
        """Send data. Raises OSError."""
        self.line(self._dc, 1)
        for at in range(0, len(octets), _CHUNK):
            os.write(self._bus, octets[at : at + _CHUNK])

    def line(self, number: int, level: int) -> None:
        """Set a line, and let the panel notice. Raises OSError."""
        ioctl(self._lines[number], SET_VALUES, pack("=QQ", level, 1))
        if number != self._dc:
            sleep(0.01)

    def wait(self) -> None:
        """Return when e-paper is not busy. Raises OSError, also if it stays so, as without a panel."""
        until = monotonic() + _LONGEST
        while self._busy != NONE:
            values = bytearray(pack("=QQ", 0, 1))
            ioctl(self._busy, GET_VALUES, values)
            if not values[0] & 1:
                return
            if monotonic() > until:
                raise TimeoutError
            sleep(0.02)


def _claim(chip: int, number: int, flags: int) -> int:
    """Return the descriptor of a line. Raises OSError."""
    asked = bytearray(REQUEST.pack(pack("=I", number), NAME, flags, 0, *(0, 0, 0) * 10, 1, 0, -1))
    ioctl(chip, GET_LINE, asked)
    line: int = REQUEST.unpack(asked)[-1]
    return line


def is_of(tape: bytes, settings: bytes) -> bool:
    """Return whether a tape was recorded for these settings: with others, other things may be on these lines."""
    return HEAD.unpack_from(tape)[4:6] == (len(settings), crc32(settings))


def node_of(tape: bytes) -> str:
    """Return the device node of the bus."""
    return "/dev/" + tape[HEAD.size : HEAD.size + HEAD.unpack_from(tape)[-1]].decode()


def open_wire(tape: bytes) -> I2cWire | SpiWire:
    """Return the wire that a tape is for. Raises OSError."""
    _, bus, address, speed, _, _, dc, reset, light, busy, _ = HEAD.unpack_from(tape)
    if bus == I2C:
        return I2cWire(node_of(tape), address)
    return SpiWire(node_of(tape), speed, (dc, reset, light), dc, busy)


def play(tape: bytes, wire: I2cWire | SpiWire) -> None:
    """Send a tape. Raises OSError."""
    at = HEAD.size + HEAD.unpack_from(tape)[-1]
    while at < len(tape):
        kind, length = STEP.unpack_from(tape, at)
        at += STEP.size
        octets = tape[at : at + length]
        at += length
        if kind == COMMAND:
            wire.command(octets)
        elif kind == DATA:
            wire.data(octets)
        elif kind == WAIT:
            wire.wait()
        else:
            wire.line(octets[0], octets[1])


def _hold() -> None:
    """Keep the lines until the daemon wants them."""
    until = monotonic() + _HELD
    while monotonic() < until and not os.path.exists(WANTED):  # noqa: PTH110  # pathlib is an import
        sleep(0.05)


def main(argv: list[str]) -> int:
    """Play the tape `argv` names; return the exit status, which is 0 where there is nothing to play."""
    try:
        with open(argv[0], "rb") as file, open(SETTINGS, "rb") as now:  # noqa: PTH123  # as above
            tape, settings = file.read(), now.read()
        if tape[:4] != MAGIC or not is_of(tape, settings):
            return 0
        wire = open_wire(tape)  # its lines are held for as long as this process lives
        play(tape, wire)
    except OSError:
        return 0
    if HEAD.unpack_from(tape)[8] != NONE and (argv[1:] == ["hold"] or (argv[1:] == ["fork"] and os.fork() == 0)):
        _hold()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

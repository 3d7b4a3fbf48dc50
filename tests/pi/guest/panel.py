"""Buses with a panel on each, out of CUSE: runs in the guest, as root, from the first seconds of its start.

usage: panel.py FOLDER NODE…, NODE as ``i2c-1`` or ``spidev0.0``; each is served as ``/dev/panel-NODE``.

The emulated board's own controllers answer nothing. Whatever is sent is kept in FOLDER/NODE, one record a message:
seconds since the start, levels of the GPIO lines 0 to 31 (of a bus on SPI: they say what is a command), length, octets.
While there is a file FOLDER/aloud, it is written to the serial line as well, for what is sent at the very end.

Messages are those of <linux/fuse.h> (a `fuse_in_header` and what its opcode brings), of <linux/i2c-dev.h>,
<linux/i2c.h> and <linux/spi/spidev.h>.
"""

import binascii
import os
import socket
import struct
import sys
import threading
import time
from pathlib import Path

_INIT, _OPEN, _WRITE, _IOCTL, _RELEASE, _FLUSH, _INTERRUPT = 4096, 14, 16, 39, 18, 25, 36
_FUNCS, _SLAVE, _SLAVE_FORCE, _RDWR, _SMBUS = 0x0705, 0x0703, 0x0706, 0x0707, 0x0720
_UNRESTRICTED_IOCTL, _IOCTL_RETRY = 1, 4
_CAN = 0x0EFF0001 | 0x8  # I2C_FUNC_I2C, I2C_FUNC_SMBUS_EMUL, and blocks with a length of the caller's
_READ = 1
_NO_DEVICE, _NO_SUCH_CALL, _NOT_IMPLEMENTED = -121, -25, -38
_WORD = struct.calcsize("P")
_TRANSFER = struct.Struct("<II" if _WORD == 4 else "<QI4x")
_MESSAGE = struct.Struct("<HHHxxI" if _WORD == 4 else "<HHHxxQ")
_SMBUS_DATA = struct.Struct("<BBxxII" if _WORD == 4 else "<BBxxIQ")
_BLOCK, _I2C_BLOCK, _BYTE_DATA = 5, 8, 2
ADDRESS = 0x3C
"""Of the panels on I2C."""
RECORD = struct.Struct("<dII")
_LINES = Path("/sys/kernel/debug/gpio")
_SPI_IOC = 0x6B
_CONSOLE = Path("/dev/ttyS1")


def levels() -> int:
    """Return the levels of the lines 0 to 31 that somebody has claimed, as the kernel reads them."""
    found = base = 0
    with _LINES.open() as file:
        for line in file:
            if line.startswith("gpiochip"):
                base = int(line.split("GPIOs ", 1)[1].split("-", 1)[0])
            elif line.startswith(" gpio-") and ") out hi" in line:
                number = int(line[6:].split(None, 1)[0]) - base
                if number < 32:
                    found |= 1 << number
    return found


class Bus:
    """Serves one node; every message to the panel is kept, no other address answers."""

    def __init__(self, folder: Path, name: str) -> None:
        self._cuse = os.open("/dev/cuse", os.O_RDWR)
        self._name = name
        self._spi = name.startswith("spidev")
        self._kept = folder / name
        self._aloud = folder / "aloud"
        self._chosen: dict[int, int] = {}
        self._set: dict[int, bytes] = {}

    def serve(self) -> None:
        """Answer the kernel for ever."""
        while True:
            request = os.read(self._cuse, 1 << 18)
            length, code, unique = struct.unpack_from("<IIQ", request)
            body = request[40:length]
            if code == _INIT:
                sizes = struct.pack("<IIIIIIII40x", 7, 31, 0, _UNRESTRICTED_IOCTL, 65536, 65536, 0, 0)
                self._reply(unique, sizes + b"DEVNAME=panel-%s\0" % self._name.encode())
            elif code == _OPEN:
                self._reply(unique, struct.pack("<QII", unique, 0, 0))
            elif code in (_RELEASE, _FLUSH):
                self._reply(unique)
            elif code == _WRITE:
                self._write(unique, body)
            elif code == _IOCTL:
                self._ioctl(unique, body)
            elif code != _INTERRUPT:
                self._reply(unique, error=_NOT_IMPLEMENTED)

    def _keep(self, octets: bytes) -> None:
        record = RECORD.pack(time.monotonic(), levels() if self._spi else 0, len(octets)) + octets
        with self._kept.open("ab") as file:
            file.write(record)
        if self._aloud.exists():
            with _CONSOLE.open("wb", buffering=0) as line:
                line.write(b"\n@%s %s\n" % (self._name.encode(), binascii.b2a_base64(record, newline=False)))

    def _write(self, unique: int, body: bytes) -> None:
        handle, _, size = struct.unpack_from("<QQI", body)
        if not self._spi and self._chosen.get(handle) != ADDRESS:
            self._reply(unique, error=_NO_DEVICE)
            return
        self._keep(body[40 : 40 + size])
        self._reply(unique, struct.pack("<II", size, 0))

    def _ioctl(self, unique: int, body: bytes) -> None:
        handle, _, command, argument, given, wanted = struct.unpack_from("<QIIQII", body)
        data = body[32 : 32 + given]
        if self._spi:
            self._configure(unique, command, argument, data, wanted)
        elif command in (_SLAVE, _SLAVE_FORCE):
            self._chosen[handle] = argument
            self._done(unique)
        elif command == _FUNCS:
            if wanted:
                self._done(unique, struct.pack("<Q", _CAN)[:_WORD])
            else:
                self._again(unique, [], [(argument, _WORD)])
        elif command == _RDWR:
            self._transfer(unique, argument, data, wanted)
        elif command == _SMBUS:
            self._smbus(unique, argument, data, self._chosen.get(handle))
        else:
            self._reply(unique, error=_NO_SUCH_CALL)

    def _configure(self, unique: int, command: int, argument: int, data: bytes, wanted: int) -> None:
        """Keep what spidev's requests set (mode, bits, speed), and answer with it."""
        number, size = command & 0xFF, command >> 16 & 0x3FFF
        if command >> 8 & 0xFF != _SPI_IOC or not number:
            self._reply(unique, error=_NO_SUCH_CALL)
        elif command >> 30 & 1:  # written by the caller
            if data:
                self._set[number] = data
                self._done(unique)
            else:
                self._again(unique, [(argument, size)], [])
        elif wanted:
            self._done(unique, self._set.get(number, b"").ljust(wanted, b"\0")[:wanted])
        else:
            self._again(unique, [], [(argument, size)])

    def _transfer(self, unique: int, argument: int, data: bytes, wanted: int) -> None:
        """Take what I2C_RDWR points at in three steps: the call, its messages, what these hold."""
        if not data:
            self._again(unique, [(argument, _TRANSFER.size)], [])
            return
        where, count = _TRANSFER.unpack_from(data)
        head = (argument, _TRANSFER.size), (where, _MESSAGE.size * count)
        held = _TRANSFER.size + _MESSAGE.size * count
        if len(data) < held:
            self._again(unique, [*head], [])
            return
        messages = [_MESSAGE.unpack_from(data, _TRANSFER.size + _MESSAGE.size * each) for each in range(count)]
        writes = [(pointer, size) for _, flags, size, pointer in messages if not flags & _READ]
        reads = [(pointer, size) for _, flags, size, pointer in messages if flags & _READ]
        if len(data) == held and not wanted and sum(size for _, size in writes + reads):
            self._again(unique, [*head, *writes], reads)
            return
        if any(address != ADDRESS for address, *_ in messages):
            self._reply(unique, error=_NO_DEVICE)
            return
        for _, size in writes:
            self._keep(data[held : held + size])
            held += size
        self._done(unique, bytes(wanted), count)

    def _smbus(self, unique: int, argument: int, data: bytes, address: int | None) -> None:
        """Take the writes that panels are sent; a read answers nothing that a panel would."""
        if not data:
            self._again(unique, [(argument, _SMBUS_DATA.size)], [])
            return
        direction, command, kind, pointer = _SMBUS_DATA.unpack_from(data)
        needed = {_BLOCK: 34, _I2C_BLOCK: 34, _BYTE_DATA: 1}.get(kind, 0)
        if direction == _READ or address != ADDRESS:
            self._reply(unique, error=_NO_DEVICE)
        elif needed and len(data) == _SMBUS_DATA.size:
            self._again(unique, [(argument, _SMBUS_DATA.size), (pointer, needed)], [])
        else:
            held = data[_SMBUS_DATA.size :]
            octets = held[1 : 1 + held[0]] if needed > 1 else held
            self._keep(bytes([command]) + octets)
            self._done(unique)

    def _done(self, unique: int, data: bytes = b"", result: int = 0) -> None:
        self._reply(unique, struct.pack("<iIII", result, 0, 0, 0) + data)

    def _again(self, unique: int, inputs: list[tuple[int, int]], outputs: list[tuple[int, int]]) -> None:
        """Ask the kernel to call again, with these pieces of the caller's memory."""
        pieces = b"".join(struct.pack("<QQ", *piece) for piece in inputs + outputs)
        self._reply(unique, struct.pack("<iIII", 0, _IOCTL_RETRY, len(inputs), len(outputs)) + pieces)

    def _reply(self, unique: int, body: bytes = b"", error: int = 0) -> None:
        os.write(self._cuse, struct.pack("<IiQ", 16 + len(body), error, unique) + body)


def main() -> None:
    """Serve every bus, and tell systemd when all nodes are there."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(exist_ok=True)
    for name in names:
        threading.Thread(target=Bus(folder, name).serve).start()
    for name in names:
        node = Path(f"/dev/panel-{name}")
        while not node.exists():
            time.sleep(0.01)
        node.chmod(0o666)
    if told := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.sendto(b"READY=1", told.replace("@", "\0", 1))


if __name__ == "__main__":
    main()

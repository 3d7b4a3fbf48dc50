"""An I2C bus with an SSD1306 panel on it, out of CUSE: runs in the guest, as root. usage: panel.py BUS ADDRESS PICTURE.

The emulated board's own I2C controller answers nothing. What the panel shows is kept in PICTURE as it lies in the
panel's memory: 8 pages of 128 columns, the lowest bit of each octet on top (SSD1306 data sheet, 8.7).

Messages are those of <linux/fuse.h> (a `fuse_in_header` and what its opcode brings), of <linux/i2c-dev.h> and of
<linux/i2c.h>.
"""

import os
import struct
import sys
from pathlib import Path
from typing import ClassVar

_INIT, _OPEN, _IOCTL, _RELEASE, _FLUSH, _INTERRUPT = 4096, 14, 39, 18, 25, 36
_FUNCS, _SLAVE, _SLAVE_FORCE, _RDWR, _SMBUS = 0x0705, 0x0703, 0x0706, 0x0707, 0x0720
_UNRESTRICTED_IOCTL, _IOCTL_RETRY = 1, 4
_CAN = 0x0EFF0001 | 0x8  # I2C_FUNC_I2C, I2C_FUNC_SMBUS_EMUL, and blocks with a length of the caller's
_READ = 1
_NO_DEVICE, _NO_SUCH_CALL, _NOT_IMPLEMENTED = -121, -25, -38
_WORD = struct.calcsize("P")
_TRANSFER = struct.Struct("<II" if _WORD == 4 else "<QI4x")
_MESSAGE = struct.Struct("<HHHxxI" if _WORD == 4 else "<HHHxxQ")
_SMBUS_DATA = struct.Struct("<BBxxII" if _WORD == 4 else "<BBxxIQ")
_BLOCK, _I2C_BLOCK, _BYTE_DATA, _BYTE = 5, 8, 2, 1


class Panel:
    """The memory of an SSD1306 and its commands as far as they decide what is where."""

    # Octets that follow a command.
    ARGUMENTS: ClassVar = {
        0x20: 1,
        0x21: 2,
        0x22: 2,
        0x81: 1,
        0x8D: 1,
        0xA8: 1,
        0xD3: 1,
        0xD5: 1,
        0xD9: 1,
        0xDA: 1,
        0xDB: 1,
    }

    def __init__(self, picture: Path) -> None:
        self._picture = picture
        self._memory = bytearray(1024)
        self._columns, self._pages = (0, 127), (0, 7)
        self._column = self._page = 0
        self._pending: list[int] = []

    def take(self, octets: bytes) -> None:
        """Take one message: the first octet says whether commands or pixels follow."""
        if octets[:1] == b"\x40":
            for octet in octets[1:]:
                self._put(octet)
            self._picture.write_bytes(self._memory)
        else:
            for octet in octets[1:]:
                self._command(octet)

    def _put(self, octet: int) -> None:
        self._memory[self._page * 128 + self._column] = octet
        self._column += 1
        if self._column > self._columns[1]:
            self._column = self._columns[0]
            self._page = self._page + 1 if self._page < self._pages[1] else self._pages[0]

    def _command(self, octet: int) -> None:
        self._pending.append(octet)
        code, *given = self._pending
        if len(given) < self.ARGUMENTS.get(code, 0):
            return
        self._pending = []
        if code == 0x21:
            self._columns = (given[0] & 127, given[1] & 127)
            self._column = self._columns[0]
        elif code == 0x22:
            self._pages = (given[0] & 7, given[1] & 7)
            self._page = self._pages[0]


class Bus:
    """Serves ``/dev/i2c-N``; every message to the panel's address reaches the panel, no other address answers."""

    def __init__(self, number: int, address: int, panel: Panel) -> None:
        self._cuse = os.open("/dev/cuse", os.O_RDWR)
        self._number, self._address, self._panel = number, address, panel
        self._chosen: dict[int, int] = {}

    def serve(self) -> None:
        while True:
            request = os.read(self._cuse, 1 << 18)
            length, code, unique = struct.unpack_from("<IIQ", request)
            body = request[40:length]
            if code == _INIT:
                sizes = struct.pack("<IIIIIIII40x", 7, 31, 0, _UNRESTRICTED_IOCTL, 65536, 65536, 0, 0)
                self._reply(unique, sizes + b"DEVNAME=i2c-%d\0" % self._number)
            elif code == _OPEN:
                self._reply(unique, struct.pack("<QII", unique, 0, 0))
            elif code in (_RELEASE, _FLUSH):
                self._reply(unique)
            elif code == _IOCTL:
                self._ioctl(unique, body)
            elif code != _INTERRUPT:
                self._reply(unique, error=_NOT_IMPLEMENTED)

    def _ioctl(self, unique: int, body: bytes) -> None:
        handle, _, command, argument, given, wanted = struct.unpack_from("<QIIQII", body)
        data = body[32 : 32 + given]
        if command in (_SLAVE, _SLAVE_FORCE):
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
        if any(address != self._address for address, *_ in messages):
            self._reply(unique, error=_NO_DEVICE)
            return
        for _, size in writes:
            self._panel.take(data[held : held + size])
            held += size
        self._done(unique, bytes(wanted), count)

    def _smbus(self, unique: int, argument: int, data: bytes, address: int | None) -> None:
        """Take the writes that panels are sent; a read answers nothing that a panel would."""
        if not data:
            self._again(unique, [(argument, _SMBUS_DATA.size)], [])
            return
        direction, command, kind, pointer = _SMBUS_DATA.unpack_from(data)
        needed = {_BLOCK: 34, _I2C_BLOCK: 34, _BYTE_DATA: 1}.get(kind, 0)
        if direction == _READ or address != self._address:
            self._reply(unique, error=_NO_DEVICE)
        elif needed and len(data) == _SMBUS_DATA.size:
            self._again(unique, [(argument, _SMBUS_DATA.size), (pointer, needed)], [])
        else:
            held = data[_SMBUS_DATA.size :]
            octets = held[1 : 1 + held[0]] if needed > 1 else held
            self._panel.take(bytes([command]) + octets)
            self._done(unique)

    def _done(self, unique: int, data: bytes = b"", result: int = 0) -> None:
        self._reply(unique, struct.pack("<iIII", result, 0, 0, 0) + data)

    def _again(self, unique: int, inputs: list[tuple[int, int]], outputs: list[tuple[int, int]]) -> None:
        """Ask the kernel to call again, with these pieces of the caller's memory."""
        pieces = b"".join(struct.pack("<QQ", *piece) for piece in inputs + outputs)
        self._reply(unique, struct.pack("<iIII", 0, _IOCTL_RETRY, len(inputs), len(outputs)) + pieces)

    def _reply(self, unique: int, body: bytes = b"", error: int = 0) -> None:
        os.write(self._cuse, struct.pack("<IiQ", 16 + len(body), error, unique) + body)


if __name__ == "__main__":
    Bus(int(sys.argv[1]), int(sys.argv[2], 0), Panel(Path(sys.argv[3]))).serve()

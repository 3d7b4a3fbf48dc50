"""An SSD1306 as its bus sees it, by the datasheet: messages in, the picture out. Knows nothing of luma."""

from __future__ import annotations

WIDTH, PAGES = 128, 8
_CONTROL_DATA = 0x40
_ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2, 0xA8: 1, 0xD3: 1,
    0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
"""Octets that follow a command (table 9-1); none for the others."""


class Panel:
    """Display memory, and the window that is being filled (horizontal addressing, section 10.1.3)."""

    def __init__(self) -> None:
        self.on = False
        self._memory = bytearray(WIDTH * PAGES)
        self._columns = (0, WIDTH - 1)
        self._pages = (0, PAGES - 1)
        self._column = self._page = 0
        self._command = b""

    def take(self, message: bytes) -> None:
        """Take one I2C message: a control octet (section 8.1.5.2), then commands or data."""
        if not message:
            return
        for octet in message[1:]:
            if message[0] & _CONTROL_DATA:
                self._store(octet)
            else:
                self._command += bytes([octet])
                if len(self._command) > _ARGUMENTS.get(self._command[0], 0):
                    self._obey(self._command[0], self._command[1:])
                    self._command = b""

    def picture(self) -> bytes:
        """Return the memory, page by page; black where the panel is off."""
        return bytes(self._memory) if self.on else bytes(len(self._memory))

    def _store(self, octet: int) -> None:
        self._memory[self._page * WIDTH + self._column] = octet
        self._column += 1
        if self._column > self._columns[1]:
            self._column = self._columns[0]
            self._page = self._page + 1 if self._page < self._pages[1] else self._pages[0]

    def _obey(self, command: int, arguments: bytes) -> None:
        if command == 0x21:
            self._columns = (arguments[0] & 127, arguments[1] & 127)
            self._column = self._columns[0]
        elif command == 0x22:
            self._pages = (arguments[0] & 7, arguments[1] & 7)
            self._page = self._pages[0]
        elif command in {0xAE, 0xAF}:
            self.on = command == 0xAF


def pages_of(width: int, height: int, rows: bytes) -> bytes:
    """Return a picture given row by row, eight pixels an octet, the leftmost in the highest bit, as pages."""
    pages = bytearray(width * height // 8)
    for y in range(height):
        for x in range(width):
            if rows[(y * width + x) // 8] >> (7 - x % 8) & 1:
                pages[y // 8 * width + x] |= 1 << y % 8
    return bytes(pages)


def text_of(picture: bytes) -> str:
    """Return a picture as lines of text, for a person who has to see why a check failed."""
    return "\n".join(
        "".join(" ▀▄█"[picture[y // 4 * WIDTH + x] >> (y % 4 * 2) & 3] for x in range(WIDTH)).rstrip()
        for y in range(PAGES * 4)
    )

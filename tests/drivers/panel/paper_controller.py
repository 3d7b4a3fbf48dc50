"""An e-paper controller that decodes its input: SSD1680, by its datasheet's table of commands (section 7)."""

from __future__ import annotations

from PIL import Image

LINES = 250


class Paper:
    """Two memories, a glass, and the refreshes that have happened."""

    def __init__(self, columns: int = 128) -> None:
        self.coloured = columns == 136
        """Whether it is Inky's: a bit of the second memory is a pixel in red or yellow, whatever the first says."""
        self.stride = columns // 8
        self.refreshes: list[str] = []
        """full or partial, in order."""
        self.octets = 0
        self.memories = {0x24: bytearray(b"\x5a" * self.stride * LINES), 0x26: bytearray(b"\xa5" * self.stride * LINES)}
        self.glass = bytearray(b"\x33" * self.stride * LINES)
        """A bit for each pixel, 1 for white."""
        self.forget()

    def forget(self) -> None:
        """Be as after a reset: the glass keeps its picture."""
        self._code = 0
        self._arguments = bytearray()
        self._sequence = 0xFF
        self._mode = 0
        self._window = (0, self.stride - 1, 0, LINES - 1)
        self._at = [0, 0]
        self.source = 0
        self.lines = 0

    def command(self, octets: bytes) -> None:
        self.octets += len(octets)
        (self._code,) = octets
        self._arguments = bytearray()
        if self._code == 0x12:
            self.forget()
        elif self._code == 0x20:
            self._refresh()

    def data(self, octets: bytes) -> None:
        self.octets += len(octets)
        if self._code in self.memories:
            for octet in octets:
                self._store(octet)
            return
        self._arguments += octets
        given = bytes(self._arguments)
        left, right, top, bottom = self._window
        if self._code == 0x01 and len(given) == 3:
            self.lines = int.from_bytes(given[:2], "little") + 1
        elif self._code == 0x11:
            self._mode = given[0]
        elif self._code == 0x44 and len(given) == 2:
            self._window = (given[0], given[1], top, bottom)
            assert given[1] < self.stride
        elif self._code == 0x45 and len(given) == 4:
            self._window = (left, right, int.from_bytes(given[:2], "little"), int.from_bytes(given[2:], "little"))
        elif self._code == 0x4E:
            self._at[0] = given[0]
        elif self._code == 0x4F and len(given) == 2:
            self._at[1] = int.from_bytes(given, "little")
        elif self._code == 0x21 and len(given) == 2:
            self.source = given[1]
        elif self._code == 0x22:
            self._sequence = given[0]

    def _store(self, octet: int) -> None:
        assert self._mode == 0x03, "X grows, then Y"
        left, right, _top, bottom = self._window
        x, y = self._at
        assert y <= bottom, "more octets than the window has"
        self.memories[self._code][y * self.stride + x] = octet
        self._at = [x + 1, y] if x < right else [left, y + 1]

    def _refresh(self) -> None:
        assert self.lines == LINES
        new, old = self.memories[0x24], self.memories[0x26]
        if self._sequence == 0xF7:
            self.refreshes.append("full")
            assert not self.coloured or not any(old), "pixels in the panel's colour"
            self.glass[:] = new
        else:
            assert self._sequence == 0xFF
            self.refreshes.append("partial")
            # Only a pixel that differs between the two memories is driven.
            self.glass[:] = bytes(
                (glass & ~(was ^ wanted)) | (wanted & (was ^ wanted))
                for glass, was, wanted in zip(self.glass, old, new, strict=True)
            )

    def waveshare(self) -> Image.Image:
        """Return the ink on Waveshare's glass: 122 columns of 128, turned to landscape as their examples turn it."""
        ink = Image.frombytes("1", (8 * self.stride, LINES), bytes(octet ^ 0xFF for octet in self.glass))
        return ink.crop((0, 0, 122, LINES)).rotate(-90, expand=True)

    def inky(self) -> Image.Image:
        """Return the ink on Inky's glass: rows 6 to 127 of 136, turned by a quarter the other way."""
        ink = Image.frombytes("1", (8 * self.stride, LINES), bytes(octet ^ 0xFF for octet in self.glass))
        return ink.rotate(90, expand=True).crop((0, 6, LINES, 128))

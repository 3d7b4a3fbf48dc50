"""OLED controllers that decode their input: SSD1306 and SH1106, by their datasheets' tables of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from PIL import Image


class Controller:
    """The commands that an SSD1306 and an SH1106 share: their datasheets, tables of commands."""

    columns = 128
    left = 0
    """First column that is wired to the glass."""
    arguments: ClassVar[dict[int, int]] = {0x81: 1, 0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}

    def __init__(self, width: int = 128, height: int = 64) -> None:
        self.size = (width, height)
        self.forget()

    def forget(self) -> None:
        """Be as after power-on: off, with anything in the memory."""
        self.memory = [bytearray(b"\xa5" * self.columns) for _ in range(8)]
        self.lit = False
        self.contrast = 0x7F
        self.octets = 0
        self.page = self.column = 0
        self._pending: list[int] = []

    def command(self, octets: bytes) -> None:
        self.octets += len(octets)
        for octet in octets:
            self._pending.append(octet)
            code, arguments = self._pending[0], self._pending[1:]
            if len(arguments) == self.arguments.get(code, 0):
                self._pending = []
                self.obey(code, arguments)

    def obey(self, code: int, arguments: list[int]) -> None:
        if code in (0xAE, 0xAF):
            self.lit = code == 0xAF
        elif code == 0x81:
            self.contrast = arguments[0]

    def data(self, octets: bytes) -> None:
        self.octets += len(octets)
        for octet in octets:
            self.memory[self.page][self.column] = octet
            self.advance()

    def advance(self) -> None:
        raise NotImplementedError

    @property
    def image(self) -> Image.Image:
        """The image on the display."""
        from PIL import Image  # `make e2e-pi` decodes without it

        width, height = self.size
        image = Image.new("1", self.size)
        for y in range(height):
            for x in range(width):
                image.putpixel((x, y), self.memory[y // 8][self.left + x] >> y % 8 & 1)
        return image


class Ssd1306(Controller):
    arguments: ClassVar = Controller.arguments | {0x20: 1, 0x21: 2, 0x22: 2, 0x8D: 1}

    def forget(self) -> None:
        super().forget()
        self.columns_used, self.pages_used = (0, 127), (0, 7)

    def obey(self, code: int, arguments: list[int]) -> None:
        super().obey(code, arguments)
        if code == 0x20:
            assert arguments == [0], "horizontal addressing"
        elif code == 0x21:
            self.columns_used = (arguments[0], arguments[1])
            self.column = arguments[0]
        elif code == 0x22:
            self.pages_used = (arguments[0], arguments[1])
            self.page = arguments[0]

    def advance(self) -> None:
        self.column += 1
        if self.column > self.columns_used[1]:
            self.column = self.columns_used[0]
            self.page = self.page + 1 if self.page < self.pages_used[1] else self.pages_used[0]


class Sh1106(Controller):
    columns = 132
    left = 2

    def obey(self, code: int, arguments: list[int]) -> None:
        super().obey(code, arguments)
        if code < 0x10:
            self.column = self.column & 0xF0 | code
        elif code < 0x20:
            self.column = self.column & 0x0F | (code & 0x0F) << 4
        elif 0xB0 <= code < 0xB8:
            self.page = code & 7

    def advance(self) -> None:
        if self.column < self.columns - 1:
            self.column += 1

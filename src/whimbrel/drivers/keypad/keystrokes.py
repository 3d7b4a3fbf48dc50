"""Parses the input of a terminal into keystrokes, and turns keystrokes into presses and releases. Pure.

A terminal reports no releases. It sends a stroke at once, and repeats a held key after 0.2 to 0.7 s, about 10 to 40
times a second. So a single stroke is released at once; a key that was struck just before may be at the beginning of
repeats, and is released after silence.
"""

from __future__ import annotations

from typing import NamedTuple

TAP = 0.03
"""Seconds for which a single stroke is down."""
LONGEST_DELAY = 0.75
"""Seconds until a terminal begins to repeat a held key; the longest is 0.66, X11's old default."""
LONGEST_SEQUENCE = 32
"""Limit of octets of an escape sequence; no key sends a longer one."""
_ESC = 0x1B

_PLAIN = {
    ord("\r"): ("ok", False), ord("\n"): ("ok", False), 0x7F: ("back", False), 0x08: ("back", False),
    ord("a"): ("back", False), ord("b"): ("menu", False), ord("A"): ("back", True), ord("B"): ("menu", True),
}  # fmt: skip
HELP, QUIT = "help", "quit"
"""Actions with a key on a terminal, but not on the device."""
_ASIDE = {ord("?"): HELP, ord("q"): QUIT}
_FINAL = {ord("A"): "up", ord("B"): "down", ord("C"): "right", ord("D"): "left", ord("M"): "ok"}
"""The last octet of ``CSI`` and ``SS3`` sequences (ECMA-48, DEC VT220 application mode; SS3 M: the keypad's Enter)."""


class Keystroke(NamedTuple):
    """A struck key; `held` if Shift or Alt was down."""

    key: str
    held: bool


class KeystrokeParser:
    """Parses terminal input in pieces of any size; keeps only the incomplete sequence."""

    def __init__(self) -> None:
        self._sequence = bytearray()
        self._skip = 0

    @property
    def pending(self) -> bool:
        """Whether an Esc waits for the rest of a sequence."""
        return bool(self._sequence)

    def feed(self, octets: bytes) -> list[Keystroke]:
        """Return the keys in `octets`; other input is left out."""
        found = []
        for octet in octets:
            if self._skip:
                self._skip -= 1
            elif stroke := self._plain(octet) if not self._sequence else self._within(octet):
                found.append(stroke)
        return found

    def flush(self) -> list[Keystroke]:
        """Note that nothing followed: a waiting Esc was the key itself."""
        alone = len(self._sequence) == 1
        self._sequence.clear()
        return [Keystroke("back", False)] if alone else []

    def _plain(self, octet: int) -> Keystroke | None:
        if octet == _ESC:
            self._sequence.append(octet)
            return None
        if octet in _ASIDE:
            return Keystroke(_ASIDE[octet], False)
        return Keystroke(*_PLAIN[octet]) if octet in _PLAIN else None

    def _within(self, octet: int) -> Keystroke | None:
        """Process the next octet of a sequence."""
        sequence = self._sequence
        if octet == _ESC:
            # Esc, and then a key or another Esc; a sequence that breaks off is dropped.
            was_key = len(sequence) == 1
            sequence[:] = b"\x1b"
            return Keystroke("back", False) if was_key else None
        if len(sequence) == 1:
            if octet in b"[O":
                sequence.append(octet)
                return None
            sequence.clear()
            return Keystroke(_PLAIN[octet][0], True) if octet in _PLAIN else None
        if 0x40 <= octet <= 0x7E:
            return self._end(octet)
        sequence.append(octet)
        if len(sequence) > LONGEST_SEQUENCE or not 0x20 <= octet <= 0x3F:
            sequence.clear()
        return None

    def _end(self, final: int) -> Keystroke | None:
        introducer, parameters = self._sequence[1], bytes(self._sequence[2:])
        self._sequence.clear()
        if introducer == ord("[") and not parameters and final == ord("["):
            self._skip = 1  # the Linux console's F1 to F5 are ESC [ [ A to E
            return None
        key = _FINAL.get(final)
        if key is None or (key == "ok" and introducer != ord("O")):
            return None
        if not parameters:
            return Keystroke(key, False)
        # CSI 1 ; modifiers A, where modifiers is 1 and the sum of Shift 1, Alt 2, Control 4 (xterm); SS3 5 A is older.
        modifiers = parameters.rpartition(b";")[2]
        return Keystroke(key, modifiers not in (b"", b"1"))


Change = tuple[str, bool]
"""A key, and whether it is down now."""


class Typist:
    """Adds the releases that terminals do not report. `gap` and `hold` are seconds (`KeyboardSettings`)."""

    def __init__(self, *, gap: float, hold: float) -> None:
        self.gap = gap
        self.hold = hold
        self._key: str | None = None
        self._until = 0.0
        self._last: str | None = None
        self._last_at = 0.0

    def strike(self, stroke: Keystroke, now: float) -> list[Change]:
        """Process a keystroke; return the changes. Only one key is down at a time: terminals repeat only the last."""
        changes = self.advance(now)
        if self._key is not None and self._key != stroke.key:
            changes += self.let_go()
        recent = self._last == stroke.key and now - self._last_at <= LONGEST_DELAY
        wait = self.hold if stroke.held else self.gap if recent else TAP
        self._last, self._last_at = stroke.key, now
        if self._key is None:
            self._key = stroke.key
            self._until = now + wait
            changes.append((stroke.key, True))
        else:
            self._until = max(self._until, now + self.gap)
        return changes

    def advance(self, now: float) -> list[Change]:
        """Return the changes caused by silence until `now`."""
        return self.let_go() if self._key is not None and now >= self._until else []

    def due(self) -> float | None:
        """Return the time of the next call of `advance`; None if no key is down."""
        return self._until if self._key is not None else None

    def let_go(self) -> list[Change]:
        """Release the key that is down."""
        key, self._key = self._key, None
        return [] if key is None else [(key, False)]

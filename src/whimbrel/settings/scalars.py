"""Single values: the notation of each type in YAML."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from whimbrel.late import late_pattern
from whimbrel.settings import Duration, Mac, Size, Ssid
from whimbrel.wifi.channels import Channel, parse_channel

_INT = late_pattern(r"[-+]?(0|[1-9][0-9_]{0,30}|0x[0-9a-fA-F]{1,16}|0o[0-7]{1,22})")
_FLOAT = late_pattern(r"[-+]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][-+]?[0-9]{1,3})?")
_DURATION = late_pattern(r"(?P<number>[0-9]{1,40}(\.[0-9]{0,40})?([eE][-+]?[0-9]{1,3})?) ?(?P<unit>[a-zµ]+)")
_SIZE = late_pattern(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([A-Za-z]+)")
_MAC = late_pattern(r"[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4}")
_DURATION_UNITS = {"d": (86400, 1), "h": (3600, 1), "min": (60, 1), "s": (1, 1), "ms": (1, 1000), "us": (1, 1_000_000)}
_SIZE_UNITS = {"TiB": 1 << 40, "GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "B": 1}
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_WORDS = _TRUE | _FALSE | {"y", "n"}
# Text that any YAML parser reads as a string of one line, inside brackets too.
_PLAIN = late_pattern(r"[A-Za-z0-9_/](?:[A-Za-z0-9_/.+ -]*[A-Za-z0-9_/.+-])?")


class Scalar(NamedTuple):
    """The notation of the values of one type."""

    noun: str
    """The name of the type with its article: ``a duration``."""
    example: str
    """An example in this notation."""
    parse: Callable[[str], Any]
    """Converts text to a value; raises ValueError with advice, or with no message."""
    write: Callable[[Any], str]
    """Converts a value to text that `parse` converts back to the same value."""
    bare: bool = False
    """Whether it must be unquoted: a number, a truth value."""
    free: bool = False
    """Whether any text is valid; then text that looks like a number or a truth value is quoted, for clarity."""


_scalars: dict[Any, Scalar] = {}


def register(kind: Any, scalar: Scalar) -> None:
    """Allow settings of type `kind`, a class or a NewType. The module that defines the type calls it when imported."""
    _scalars[kind] = scalar


def find(kind: Any) -> Scalar | None:
    """Return the notation of `kind`; None if it is no single value."""
    if kind.__class__.__hash__ is None:
        return None
    return _scalars.get(kind)


def quote(text: str, *, free: bool = True) -> str:
    """Quote text so that YAML reads exactly this text, also between commas and brackets; `free` as in `Scalar`."""
    if _PLAIN.fullmatch(text) and text.lower() != "null" and not (free and _misleading(text)):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _misleading(text: str) -> bool:
    return text.lower() in _WORDS or (text[0].isdigit() and re.fullmatch(r"[-+0-9_.xXoOa-fA-F]*", text) is not None)


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and char != "\ufeff":
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _bool(text: str) -> bool:
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("write true or false")


def _int(text: str) -> int:
    if _INT.fullmatch(text):
        digits = text.lstrip("+-")
        return int(text, 10 if digits.isdigit() or "_" in digits else 0)
    if re.fullmatch(r"0[0-7]{1,22}", text):
        raise ValueError(f"write 0o{text[1:]} if it is octal, or leave the leading zero out")
    raise ValueError


def _float(text: str) -> float:
    if _FLOAT.fullmatch(text) and math.isfinite(value := float(text)):
        return value
    raise ValueError


def _duration(text: str) -> Duration:
    if match := _DURATION.fullmatch(text):
        times, parts = _DURATION_UNITS.get(match["unit"], (0, 0))
        if not parts:
            raise ValueError("the units are " + ", ".join(reversed(_DURATION_UNITS)))
        return Duration(_float(match["number"]) * times / parts)
    if not _FLOAT.fullmatch(text):
        raise ValueError
    if float(text) == 0:
        return Duration(0.0)
    raise ValueError(f"give the unit: {text}ms, {text}s, {text}min")


def _write_duration(value: float) -> str:
    for unit, (times, parts) in _DURATION_UNITS.items():
        count = value * parts / times
        if 0 < count < 1 << 53 and count == int(count) and int(count) * times / parts == value:
            return f"{int(count)}{unit}"
    return f"{value!r}s" if value else "0s"


def _size(text: str) -> Size:
    if match := _SIZE.fullmatch(text):
        if match[2] not in _SIZE_UNITS:
            raise ValueError("the units are " + ", ".join(reversed(_SIZE_UNITS)))
        octets = (float if "." in match[1] else int)(match[1]) * _SIZE_UNITS[match[2]]
        if octets != int(octets):
            raise ValueError("it is not a whole number of octets")
        return Size(int(octets))
    if text == "0":
        return Size(0)
    raise ValueError(f"give the unit: {text}KiB, {text}MiB" if text.isdecimal() else "")


def write_size(value: int) -> str:
    """Return octets as a setting has them: ``256MiB``."""
    for unit, octets in _SIZE_UNITS.items():
        if value and value % octets == 0:
            return f"{value // octets}{unit}"
    return "0B"


def _mac(text: str) -> Mac:
    if _MAC.fullmatch(text):
        return Mac(bytes.fromhex(text.replace("-", ":").replace(":", "")))
    raise ValueError("six pairs of hexadecimal digits")


def _ssid(text: str) -> Ssid:
    try:
        name = bytes.fromhex(text.removeprefix("hex:")) if text.startswith("hex:") else text.encode()
    except ValueError:
        raise ValueError("hex: must be followed by pairs of hexadecimal digits") from None
    if len(name) > 32:
        raise ValueError(f"it has {len(name)} octets; an SSID has at most 32")
    return Ssid(name)


def _write_ssid(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return f"hex:{value.hex()}"
    return text if text.isprintable() and not text.startswith("hex:") else f"hex:{value.hex()}"


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError
    return Path(text)


def _channel(text: str) -> Channel:
    try:
        return parse_channel(text)
    except ValueError as error:
        raise ValueError(str(error).partition(": ")[2]) from None


register(bool, Scalar("true or false", "true", _bool, lambda value: "true" if value else "false", bare=True))
register(int, Scalar("a whole number", "10", _int, str, bare=True))
register(float, Scalar("a number", "0.5", _float, lambda value: repr(value).removesuffix(".0"), bare=True))
register(str, Scalar("text", "text", str, str, free=True))
register(Path, Scalar("a path", "/var/log", _path, str, free=True))
register(Duration, Scalar("a duration", "250ms", _duration, _write_duration))
register(Size, Scalar("a size", "64KiB", _size, write_size))
register(Mac, Scalar("an address", "aa:bb:cc:dd:ee:ff", _mac, lambda value: value.hex(":")))
register(Ssid, Scalar("the name of a network", "home", _ssid, _write_ssid, free=True))
register(Channel, Scalar("a channel", "36/80", _channel, str))

"""Signatures of devices that watch people: their form, and the comparison with what is heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from whimbrel.settings import frozen, setting

_CONFIDENCES = ("low", "medium", "high")
_OWN_PART = 4
"""Octets of an address that are no whole maker's."""
_HEX = "0123456789abcdef"


@frozen
class Signature:
    """The mark of one kind of device. A device matches if everything that is given matches."""

    name: str = setting(help="The kind of device.")
    ssids: tuple[str, ...] = setting(
        (), help="Names of its network: # is a hexadecimal digit, * at the end is anything."
    )
    address: str = setting("", help="The first octets of its address: four to six; or fewer, in addition to names.")
    element: str = setting("", help="The first octets of one of its vendor elements in hexadecimal, at least four.")
    source: str = setting(help="Where it comes from, so that others can check it.")
    date: str = setting(help="The day on which it was last checked: 2026-11-30.")
    confidence: str = setting("low", choices=_CONFIDENCES, help="low, medium or high.")

    def check(self) -> None:
        """Raise ValueError for a signature that could not match, or would match too much."""
        if not self.name.strip() or not self.source.strip():
            raise ValueError("name and source: expected a text, found none")
        if not _is_day(self.date):
            raise ValueError(f"date: expected a day such as 2026-11-30, found {self.date!r}")
        for name in self.ssids:
            if len(name.strip("*# ")) < _OWN_PART or "*" in name[:-1]:
                raise ValueError(
                    f"ssids: expected four characters or more and at most one * at the end, found {name!r}"
                )
        octets = _octets("address", self.address)
        if len(octets) > 6 or (octets and len(octets) < _OWN_PART and not (self.ssids or self.element)):
            raise ValueError(
                f"address: expected 4 to 6 octets, because fewer are a whole maker's, found {self.address!r}"
            )
        if self.element and len(_octets("element", self.element)) < _OWN_PART:
            raise ValueError(f"element: expected the OUI and the type, 4 octets or more, found {self.element!r}")
        if not (self.ssids or octets or self.element):
            raise ValueError("expected ssids, address or element, found none of them")


def _is_day(text: str) -> bool:
    year, _, rest = text.partition("-")
    month, _, day = rest.partition("-")
    digits = (year + month + day).isascii() and (year + month + day).isdigit()
    return digits and (len(year), len(month), len(day)) == (4, 2, 2) and 0 < int(month) <= 12 and 0 < int(day) <= 31


def _octets(key: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text.replace(":", ""))
    except ValueError as error:
        raise ValueError(f"{key}: expected octets in hexadecimal, found {text!r}") from error


class Matcher:
    """Signatures, ready to be compared."""

    def __init__(self, signatures: Iterable[Signature]) -> None:
        self._signatures = [
            (
                one,
                # What a name must begin with is compared first: it rules out nearly all.
                tuple(name.lower().partition("*")[0].partition("#")[0] for name in one.ssids),
                [name.lower() for name in one.ssids],
                _octets("", one.address),
                _octets("", one.element),
            )
            for one in signatures
        ]

    def find(self, address: bytes, name: bytes, elements: Callable[[], Sequence[bytes]] | None) -> Signature | None:
        """Return the first signature that a device matches; None if there is none. `elements` returns the payloads of
        its vendor elements, which hardly any signature asks for; None if they are not known."""
        text = name.decode("utf-8", "replace").lower()
        for one, begins, names, prefix, element in self._signatures:
            if prefix and not address.startswith(prefix):
                continue
            if names and not (text.startswith(begins) and any(matches(text, pattern) for pattern in names)):
                continue
            if element and (elements is None or not any(payload.startswith(element) for payload in elements())):
                continue
            return one
        return None


def matches(text: str, pattern: str) -> bool:
    """Return whether a name matches a pattern, both in lower case."""
    if pattern.endswith("*"):
        pattern = pattern[:-1]
        text = text[: len(pattern)]
    if len(text) != len(pattern):
        return False
    return all(char == wanted or (wanted == "#" and char in _HEX) for char, wanted in zip(text, pattern, strict=True))

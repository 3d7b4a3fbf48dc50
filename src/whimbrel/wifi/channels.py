"""Channels of the 2.4, 5, 6 and 60 GHz bands: number, centre frequency, width.

Numbers and frequencies after IEEE 802.11-2020, annex E and 15.4.4.3, 17.3.8.4.3, 20.3.1; 6 GHz after IEEE
802.11ax-2021, 27.3.23.2. Three bands have a channel 1, so a number needs its band. A number alone is read as a channel
of 2.4 or 5 GHz, which share no number in use; channels of the other bands are written with the band: ``6GHz:37``.
"""

from __future__ import annotations

from typing import NamedTuple

BANDS = ("2.4", "5", "6", "60")
"""Names of the bands, in GHz."""

NUMBERS: dict[str, tuple[int, ...]] = {
    "2.4": tuple(range(1, 15)),
    "5": (32, *range(36, 69, 4), 96, *range(100, 145, 4), *range(149, 178, 4), 184, 188, 192, 196),
    "6": (1, 2, *range(5, 234, 4)),
    "60": tuple(range(1, 9)),
}
"""The channels of each band, 20 MHz wide (60 GHz: 2160 MHz), that are allowed anywhere in the world."""

_NAMED_BANDS = ("6", "60")  # bands that share channel numbers with other bands

WIDTHS = (20, 40, 80, 160)
"""Channel widths in MHz that a radio can be tuned to."""

# First and last number of each run of adjacent channels that wider channels are made of (annex E).
_RUNS = {"5": ((36, 64), (100, 144), (149, 177)), "6": ((1, 233),)}

# Operating classes used in RNR and extended channel switches (annex E, table E-4).
_CLASS_BANDS = ((81, 84, "2.4"), (115, 130, "5"), (131, 137, "6"), (180, 186, "60"))


def frequency(band: str, number: int) -> int:
    """Return the centre in MHz of a channel number, also of a wide channel's such as 42; 0 if the band has none."""
    if band == "2.4":
        return 2484 if number == 14 else 2407 + 5 * number if 1 <= number <= 13 else 0
    if band == "5":
        # 182 to 196 lie below the others, in the Japanese 4.9 GHz band.
        return 5000 + 5 * number if 1 <= number <= 181 else 4000 + 5 * number if 182 <= number <= 196 else 0
    if band == "6":
        return 5935 if number == 2 else 5950 + 5 * number if 1 <= number <= 233 else 0
    if band == "60":
        return 56160 + 2160 * number if 1 <= number <= 8 else 0
    return 0


def band_of(freq: int) -> str:
    """Return the band (one of `BANDS`) that contains `freq` in MHz; empty for none."""
    if 2400 < freq < 2500:
        return "2.4"
    if 4900 < freq < 5930:
        return "5"
    if 5930 < freq < 7125:
        return "6"
    if 57000 < freq < 75000:
        return "60"
    return ""


def channel_number(freq: int) -> int:
    """Return the number of the channel whose centre is `freq` in MHz; 0 if there is none."""
    if freq < 2484:
        offset, base, step = freq - 2407, 0, 5
        if not 5 <= offset <= 65:
            return 0
    elif freq < 5000:
        if freq == 2484:
            return 14
        offset, base, step = freq - 4910, 182, 5
        if not 0 <= offset <= 70:
            return 0
    elif freq < 5950:
        if freq == 5935:
            return 2
        offset, base, step = freq - 5000, 0, 5
        if not 5 <= offset <= 905:
            return 0
    elif freq <= 7115:
        offset, base, step = freq - 5950, 0, 5
    else:
        offset, base, step = freq - 56160, 0, 2160
        if not 0 < offset <= 8 * 2160:
            return 0
    return 0 if offset % step else base + offset // step


def numbered(band: str, number: int) -> str:
    """Return channel `number` of `band` in the notation of `parse_channel`: ``6``, ``6GHz:37``."""
    return f"{band}GHz:{number}" if band in _NAMED_BANDS else str(number)


def channel_label(freq: int, number: int = 0) -> str:
    """Return the channel at `freq` in MHz as text, or `number` if there is none; empty if both are unknown (0)."""
    number = channel_number(freq) or number
    return numbered(band_of(freq), number) if number else ""


def class_band(operating_class: int) -> str:
    """Return the band of a global operating class (IEEE 802.11-2020, table E-4; 802.11ax); empty if unknown."""
    for first, last, band in _CLASS_BANDS:
        if first <= operating_class <= last:
            return band
    return ""


def center_of(band: str, number: int, width: int) -> int:
    """Return the centre in MHz of the `width` MHz channel with primary `number` in 5 or 6 GHz; 0 if there is none."""
    span = width // 5
    for first, last in _RUNS.get(band, ()):
        if first <= number <= last and not (number - first) % 4:
            low = first + (number - first) // span * span
            return frequency(band, low + span // 2 - 2) if low + span - 4 <= last else 0
    return 0


class Channel(NamedTuple):
    """A channel that a radio can be tuned to. Ordered by frequency."""

    freq: int
    """MHz, centre of the primary 20 MHz channel."""
    width: int = 20
    """MHz: 20, 40, 80 or 160."""
    center: int = 0
    """MHz, centre of the whole width; 0 if the width is 20 (then it is `freq`)."""

    @property
    def number(self) -> int:
        """Number of the primary channel; 0 if no channel has that frequency."""
        return channel_number(self.freq)

    @property
    def band(self) -> str:
        """One of `BANDS`; empty if the frequency lies in none."""
        return band_of(self.freq)

    def __str__(self) -> str:
        """Return the notation of `parse_channel`: ``6``, ``6/40+``, ``36/80``, ``6GHz:37``; else ``2410MHz``."""
        number, band = self.number, self.band
        if not number or not band:
            return f"{self.freq}MHz"
        text = numbered(band, number)
        if self.width == 20 or band == "60":
            return text
        side = "" if band != "2.4" else "+" if self.center > self.freq else "-"
        return f"{text}/{self.width}{side}"


def parse_channel(text: str) -> Channel:
    """Parse a channel in the notation of settings and commands.

    ``6``, ``36/80``, ``6GHz:37``, ``6GHz:37/160``; 40 MHz in 2.4 GHz names the side of the second half: ``6/40+``.
    Raises ValueError with the correct notation in the message.
    """
    name, colon, rest = text.strip().rpartition(":")
    digits, slash, width_text = rest.partition("/")
    band = name.strip().lower().removesuffix("ghz").strip()
    if colon and band not in BANDS:
        raise ValueError(
            f"channel {text!r}: expected a band of 2.4GHz, 5GHz, 6GHz or 60GHz before the colon, found {name!r}"
        )
    if not _is_number(digits):
        raise ValueError(f"channel {text!r}: expected a channel number such as 6, 36/80 or 6GHz:37, found {digits!r}")
    number = int(digits)
    if not band:
        band = "2.4" if number in NUMBERS["2.4"] else "5"
    if number not in NUMBERS[band]:
        hint = "; channels of 6 GHz are written 6GHz:37" if not colon else ""
        raise ValueError(f"channel {text!r}: {number} is not a channel of {band} GHz{hint}")
    freq = frequency(band, number)
    if not slash:
        return Channel(freq)
    return _widened(text, band, number, width_text.strip())


def _is_number(digits: str) -> bool:
    digits = digits.strip()
    return digits.isascii() and digits.isdigit() and len(digits) <= 3


def _widened(text: str, band: str, number: int, width_text: str) -> Channel:
    """Return channel `number` of `band` with the width in `width_text`: ``80``, ``40+``. Raises ValueError."""
    freq = frequency(band, number)
    side = width_text[-1:] if width_text[-1:] in {"+", "-"} else ""
    digits = width_text.removesuffix(side) if side else width_text
    width = int(digits) if _is_number(digits) else 0
    if width not in WIDTHS or band == "60":
        raise ValueError(
            f"channel {text!r}: expected a width of 20, 40, 80 or 160 MHz below 60 GHz, found {width_text!r}"
        )
    if width == 20 and not side:
        return Channel(freq)
    if band == "2.4":
        return _forty(text, number, width, side)
    center = center_of(band, number, width)
    if side or not center:
        raise ValueError(f"channel {text!r}: {band} GHz has no channel {width_text} MHz wide around {number}")
    return Channel(freq, width, center)


def _forty(text: str, number: int, width: int, side: str) -> Channel:
    """Return the 40 MHz channel of 2.4 GHz with its second half above (+) or below (-). Raises ValueError."""
    if width != 40 or not side:
        raise ValueError(
            f"channel {text!r}: 2.4 GHz has 20 MHz, 40+ (second half above) and 40- (below), as {number}/40+"
        )
    second = number + 4 if side == "+" else number - 4
    if number == 14 or not 1 <= second <= 13:
        raise ValueError(f"channel {text!r}: no room for a second half on that side of channel {number}")
    freq = frequency("2.4", number)
    return Channel(freq, 40, freq + 10 if side == "+" else freq - 10)

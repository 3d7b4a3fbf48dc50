"""The offsets of the fields in a radiotap header (radiotap.org, "Radiotap", and the pages of its fields)."""

from __future__ import annotations

from struct import unpack_from

# Alignment and size in octets of each field by its number; alignment counts from the start of the header.
SIZES = (
    *((8, 8), (1, 1), (1, 1), (2, 4)),  # TSFT, flags, rate, channel
    *((2, 2), (1, 1), (1, 1), (2, 2)),  # FHSS, signal, noise, lock quality
    *((2, 2), (2, 2), (1, 1), (1, 1)),  # TX attenuation, in dB, power, antenna
    *((1, 1), (1, 1), (2, 2), (2, 2)),  # signal and noise in dB, RX flags, TX flags
    *((1, 1), (1, 1), (4, 8), (1, 3)),  # RTS retries, data retries, XChannel, MCS
    *((4, 8), (2, 12), (8, 12), (2, 12)),  # A-MPDU status, VHT, timestamp, HE
    *((2, 12), (2, 6), (1, 1), (2, 4)),  # HE-MU, HE-MU other user, 0-length PSDU, L-SIG
)
TSFT, FLAGS, RATE, CHANNEL, SIGNAL, NOISE, ANTENNA, RX_FLAGS = 0, 1, 2, 3, 5, 6, 11, 14
XCHANNEL, MCS, VHT, TIMESTAMP, HE, NO_PSDU, TLV, VENDOR, USIG, EHT = 18, 19, 21, 22, 23, 26, 28, 30, 33, 34

FROM_SCAN = b"\x02\x57\x42\x01\x00\x00"
"""Our own vendor namespace: a local OUI, sub-namespace 1, no data. The frame was made of an entry of the kernel's table
of networks, so its sequence number is unknown, and a timestamp of 0 means that it is unknown."""

_TLV_MODE, _RADIOTAP_NEXT, _VENDOR_NEXT = 1 << TLV, 1 << 29, 1 << 30

_WORDS = 32
"""Limit of presence words; a header with more counts as broken. mac80211 writes one, and one for each antenna."""

Field = tuple[int, int, int]
"""Index of the presence word, number of the field, offset of the field."""


def fields(raw: bytes) -> tuple[list[Field], bool, bool] | None:
    """Find the fields of the header at the start of `raw`, in the order of their offsets.

    Of a vendor namespace there is only the beginning, as `VENDOR`.

    Returns the fields, whether all announced fields lie within the header, and whether their offsets are the same in
    every header with this length and these presence words; None if the header as a whole is broken.
    """
    captured = len(raw)
    if captured < 8 or raw[0]:
        return None
    length = raw[2] | raw[3] << 8
    first_field = words_end(raw)
    if not first_field <= length <= captured or raw[first_field - 1] & 0x80:
        return None
    words = unpack_from(f"<{first_field // 4 - 1}I", raw, 4)
    found: list[Field] = []
    whole = _walk(raw, words, first_field, length, found)
    # The size of vendor data is part of the data.
    vendor = next((index for index, word in enumerate(words) if word & _VENDOR_NEXT), len(words))
    return found, whole, all(word <= vendor for word, _, _ in found) and (whole or vendor == len(words))


def words_end(raw: bytes) -> int:
    """Return the end of the presence words; a bit in each announces another."""
    end = 8
    limit = min(len(raw), 4 + 4 * _WORDS) - 4
    while raw[end - 1] & 0x80 and end <= limit:
        end += 4
    return end


def _walk(raw: bytes, words: tuple[int, ...], offset: int, length: int, found: list[Field]) -> bool:
    """Add the fields of the radiotap namespace to `found`; return False if a field lies beyond `length`."""
    vendor = continued = False
    for index, word in enumerate(words):
        if not vendor:
            # Fields from 32 on exist only as TLVs, so the sizes of fields in a further word are unknown unless the
            # namespace changes.
            if continued and word & (_RADIOTAP_NEXT - 1):
                return True
            offset = _place(index, word, offset, length, found)
            if offset > length:
                return False
            if word & _TLV_MODE:
                return True
        if word & _VENDOR_NEXT:
            offset += offset & 1
            if offset + 6 > length:
                return False
            found.append((index, VENDOR, offset))
            offset += 6 + (raw[offset + 4] | raw[offset + 5] << 8)
            if offset > length:
                return False
            vendor = True
        elif word & _RADIOTAP_NEXT:
            vendor = continued = False
        else:
            continued = True
    return True


def _place(index: int, word: int, offset: int, length: int, found: list[Field]) -> int:
    """Add one word's fields to `found` while they lie within `length`; return the offset of the next word's fields."""
    for number, (alignment, size) in enumerate(SIZES):
        if word >> number & 1:
            offset += -offset % alignment
            if offset + size > length:
                return length + 1
            found.append((index, number, offset))
            offset += size
    if word & _TLV_MODE:
        offset += -offset % 4
        found.append((index, TLV, offset))
    return offset

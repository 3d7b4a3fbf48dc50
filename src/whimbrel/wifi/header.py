"""The MAC header of every frame type, read in one pass (IEEE 802.11-2020, 9.2.3 and 9.3).

`read` handles management and data frames itself, since most frames are of these types; the functions below it handle
the others. `whimbrel.wifi.kinds` names the values decoded from Frame Control.
"""

from __future__ import annotations

from struct import Struct

from whimbrel.wifi import kinds
from whimbrel.wifi.fcs import ends_with_fcs
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.reading import FCS

_HEADER = Struct("<BBH6s6s6sH").unpack_from

# Octets of the fixed fields of management bodies by subtype (9.3.3 and 9.4.1); for a reserved subtype, too many for
# any frame.
_RESERVED = 1 << 30
FIXED = (4, 6, 10, 6, 0, 12, 10, _RESERVED, 12, 0, 2, 6, 2, 1, 1, _RESERVED)

_RECEIVER = Struct("<BBH6s").unpack_from
_BOTH = Struct("<BBH6s6s").unpack_from

# Control frames by their first octet: kind, whether there is a transmitter, octets of fixed fields after the
# addresses (9.3.1).
_CONTROL = {
    (kind & 0x0F) << 4 | 0x04: (kind, transmitter, fixed)
    for kind, transmitter, fixed in (
        (kinds.TRIGGER, True, 8),  # common info
        (kinds.BEAMFORMING_POLL, True, 1),  # segment retransmission bitmap
        (kinds.NDP_ANNOUNCE, True, 1),  # sounding dialog token
        (kinds.CONTROL_EXTENSION, True, 0),
        (kinds.CONTROL_WRAPPER, False, 6),  # carried Frame Control, HT control
        (kinds.BLOCK_ACK_REQ, True, 2),  # BAR control
        (kinds.BLOCK_ACK, True, 2),  # BA control
        (kinds.PS_POLL, True, 0),
        (kinds.RTS, True, 0),
        (kinds.CTS, False, 0),
        (kinds.ACK, False, 0),
        (kinds.CF_END, True, 0),
        (kinds.CF_END_ACK, True, 0),
    )
}


def read(frame: Frame, raw: bytes, start: int, end: int) -> None:
    """Fill in `frame` from ``raw[start:end]``, a frame without its FCS. Total: `malformed` reports faults."""
    frame.start = start
    frame.end = end
    if end - start < 24:
        _read_short(frame, raw, start, end)
        return
    control, flags, duration, ra, ta, addr3, sequence = _HEADER(raw, start)
    if control & 0x07:
        _read_short(frame, raw, start, end)
        return
    frame.flags = flags
    frame.duration = duration
    frame.ra = ra
    frame.ta = ta
    frame.addr3 = addr3
    frame.seq = sequence >> 4
    frame.fragment = sequence & 0x0F
    if control & 0x08:
        read_data(frame, raw, control, flags, end)
        return
    frame.kind = kind = control >> 4
    frame.bssid = addr3
    frame.body = body = start + (28 if flags & 0x80 else 24)
    if body + FIXED[kind] > end:
        unfit_body(frame)


def read_record(frame: Frame, start: int, original: int, trailer: int | None) -> None:
    """Read the frame at `start` of its record, which was `original` octets long; `trailer`: octets after the frame.

    `trailer` is None if the capture header does not tell whether there is an FCS. Programs differ: airodump leaves it
    out, MadWifi's Prism header has it. An intact FCS is recognized by its CRC; a damaged or truncated one cannot be
    distinguished from the body and counts as part of it.
    """
    raw = frame.raw
    captured = len(raw)
    if captured < original:
        frame.cut = True
    else:
        original = captured
        if trailer is None and ends_with_fcs(raw, start, captured):
            trailer = FCS
    trailer = trailer or 0
    frame.length = original - start - trailer + FCS
    read(frame, raw, start, min(captured, original - trailer))


def unfit_body(frame: Frame) -> None:
    """Set `malformed` of a management frame whose body is too short for its fixed fields, unless it is encrypted."""
    if FIXED[frame.kind] == _RESERVED:
        frame.malformed = Malformed.RESERVED
    elif frame.body > frame.end:
        frame.malformed = Malformed.TOO_SHORT
    elif not frame.protected:
        frame.malformed = Malformed.BODY
    if frame.body > frame.end:
        frame.body = frame.end


def read_data(frame: Frame, raw: bytes, control: int, flags: int, end: int) -> None:
    """Finish a data frame whose three addresses are read: set its kind, its body and the fields that depend on both."""
    frame.kind = 0x20 | control >> 4
    ds = flags & 0x03
    body = frame.start + (30 if ds == 3 else 24)
    if control & 0x80:
        if body + 2 <= end:
            qos = raw[body]
            frame.tid = qos & 0x0F
            # These bits are reserved in frames without data.
            if qos & 0x80 and not control & 0x40:
                frame.amsdu = True
        body += 6 if flags & 0x80 else 2
        if control == 0xD8:
            frame.malformed = Malformed.RESERVED
    if body > end:
        frame.malformed = Malformed.TOO_SHORT
        body = end
    frame.body = body
    # Table 9-30; data between two access points have no BSSID.
    if ds == 1:
        frame.bssid = frame.ra
    elif ds == 2:
        frame.bssid = frame.ta
    elif ds == 0:
        frame.bssid = frame.addr3


def _read_short(frame: Frame, raw: bytes, start: int, end: int) -> None:
    """Read frames without a management header: control and extension frames, truncated frames, other versions."""
    size = end - start
    shape = _CONTROL.get(raw[start]) if size >= 10 else None
    if shape is None:
        _read_odd(frame, raw, start, end)
        return
    frame.kind, transmitter, fixed = shape
    body = start + 16
    if transmitter and size >= 16:
        _, frame.flags, frame.duration, frame.ra, ta = _BOTH(raw, start)
        # The group bit of a transmitter marks a "bandwidth signaling TA" here (9.2.4.3.8), not a group.
        frame.ta = ta if not ta[0] & 1 else bytes((ta[0] & 0xFE,)) + ta[1:]
    else:
        _, frame.flags, frame.duration, frame.ra = _RECEIVER(raw, start)
        body = start + 10
        if transmitter:
            frame.malformed = Malformed.TOO_SHORT
            body = end
    frame.body = body
    if frame.malformed is None and body + fixed > end:
        frame.malformed = Malformed.BODY
    elif frame.kind in _FURTHER:
        _FURTHER[frame.kind](frame, raw, start, end)


def _read_poll(frame: Frame, _raw: bytes, _start: int, _end: int) -> None:
    """Read a PS-Poll (9.3.1.5), whose receiver is the BSSID."""
    frame.bssid = frame.ra


def _read_control_extension(frame: Frame, raw: bytes, start: int, end: int) -> None:
    """Read a control frame of DMG, whose subtype extends into four of the flags (9.2.4.1.3, table 9-2)."""
    extension = frame.flags & 0x0F
    frame.flags &= 0xF0
    if not 2 <= extension <= 10:
        frame.malformed = frame.malformed or Malformed.RESERVED
    elif extension == 6:
        # DMG DTS has the two stations concerned after the receiver, and no transmitter (9.3.1.16).
        frame.ta = None
        frame.body = start + 10
        if frame.body + 12 > end:
            frame.malformed = Malformed.BODY


def _read_wrapper(frame: Frame, raw: bytes, start: int, end: int) -> None:
    """Read the rest of a control wrapper (9.3.1.9): the carried Frame Control, HT control, the carried frame."""
    frame.body = body = start + 16
    carried = _CONTROL.get(raw[start + 10])
    if carried is not None and carried[1] and body + 6 <= end:
        frame.ta = bytes((raw[body] & 0xFE,)) + raw[body + 1 : body + 6]


_FURTHER = {
    kinds.CONTROL_EXTENSION: _read_control_extension,
    kinds.CONTROL_WRAPPER: _read_wrapper,
    kinds.PS_POLL: _read_poll,
}


def _read_odd(frame: Frame, raw: bytes, start: int, end: int) -> None:
    """Read extension frames, and set `malformed` of all others; the body is empty."""
    size = end - start
    if size < 2:
        frame.end = frame.body = max(start, end)
        frame.malformed = Malformed.TOO_SHORT
        return
    frame.body = end
    control = raw[start]
    if control & 0x03:
        # Version 1 (S1G, 9.8) has a different header; 2 and 3 are not defined.
        frame.malformed = Malformed.VERSION
        return
    frame.kind = kind = (control & 0x0C) << 2 | control >> 4
    frame.flags = raw[start + 1]
    if size >= 4:
        frame.duration = raw[start + 2] | raw[start + 3] << 8
    if kind in (kinds.DMG_BEACON, kinds.S1G_BEACON):
        _read_extension(frame, raw, start, end)
        return
    known = not control & 0x04 or control in _CONTROL
    frame.malformed = Malformed.TOO_SHORT if known else Malformed.RESERVED
    if known and size >= 10:
        frame.ra = raw[start + 4 : start + 10]
    if known and size >= 16:
        frame.ta = raw[start + 10 : start + 16]


def _read_extension(frame: Frame, raw: bytes, start: int, end: int) -> None:
    """Read a DMG Beacon (9.3.4.2) or an S1G Beacon (9.3.4.3), whose only address is the transmitter's."""
    dmg = frame.kind == kinds.DMG_BEACON
    if not dmg:
        frame.flags = 0  # the octet announces optional fields instead
    if start + 10 > end:
        frame.malformed = Malformed.TOO_SHORT
        return
    frame.ta = frame.bssid = raw[start + 4 : start + 10]
    frame.body = start + 10
    # DMG: timestamp, sector sweep, interval, interval control, parameters; S1G: timestamp, change sequence.
    if frame.body + (20 if dmg else 5) > end:
        frame.malformed = Malformed.BODY

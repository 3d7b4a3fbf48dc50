"""The packets in a data frame: a single one, those of an A-MSDU, or those after the header of a mesh.

Everything that examines data frames uses this module, so that all rules and counts know the same encapsulations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.eapol import Eapol, parse_eapol
from whimbrel.wifi.kinds import DATA_FRAMES, FROM_DS, NO_PAYLOAD, PROTECTED, TO_DS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.wifi.frames import Frame

    Span = tuple[int, int]
    """Start and end of a packet in `Frame.raw`."""

SNAP = b"\xaa\xaa\x03\x00\x00\x00"
"""The first octets of a packet: LLC and SNAP headers, up to the EtherType (IEEE 802.2, RFC 1042)."""

_QOS = 0x08  # bit of a data frame's subtype (IEEE 802.11-2020, table 9-1)
_DS = TO_DS | FROM_DS
_HEADER, _ADDRESS = 24, 6
_MESH_CONTROL_PRESENT = 0x01  # bit of QoS control's second octet (9.2.4.5.10)
_SUBFRAME = 14  # destination, source, length (9.3.2.2.2)
_LENGTH_AT = 12
_MESH_CONTROL = 6  # flags, TTL, sequence number (9.2.4.7.3)
_ADDRESSES = (0, 6, 12)  # octets of address extension, by the two lowest bits of the flags


def payloads(frame: Frame) -> Sequence[Span]:
    """Return the positions of the packets in a data frame, each from its LLC header on; none if the frame is encrypted
    or carries no data.

    In a fragment after the first one, the span covers whatever octets are there. A packet whose length exceeds the
    frame ends at the end of the frame. A frame that is marked as an A-MSDU but begins like a plain packet is read as
    both (`poses_as_amsdu`). Total: it accepts any octets.
    """
    kind = frame.kind
    if kind not in DATA_FRAMES or kind & NO_PAYLOAD or frame.flags & PROTECTED:
        return ()
    body, end = frame.body, frame.end
    if body >= end:
        return ()
    mesh = bool(kind & _QOS) and _is_mesh(frame)
    if not frame.amsdu:
        start = body + _mesh_control(frame.raw, body, end) if mesh else body
        return ((start, end),) if start < end else ()
    whole = ((body, end),) if poses_as_amsdu(frame) else ()
    return (*whole, *_subframes(frame.raw, body, end, mesh=mesh))


def poses_as_amsdu(frame: Frame) -> bool:
    """Return whether a frame is marked as an A-MSDU but begins like a plain packet: a receiver that trusts the mark
    extracts other packets than one that does not (CVE-2020-24588, CVE-2020-26144)."""
    return frame.amsdu and frame.raw.startswith(SNAP, frame.body, frame.end)


def fills_as_amsdu(frame: Frame) -> bool:
    """Return whether a frame that begins like a plain packet was made to be read as an A-MSDU: the lengths of two or
    more subframes fit into it exactly."""
    body, end = frame.body, frame.end
    spans, fits = _walk(frame.raw, body, end, mesh=False, counted=False)
    return fits and len(spans) > 1


def ethertype(raw: bytes, start: int, end: int) -> bytes:
    """Return the EtherType of the packet ``raw[start:end]``, 2 octets; empty if it has no SNAP header."""
    at = start + len(SNAP)
    return raw[at : at + 2] if at + 2 <= end and raw.startswith(SNAP, start) else b""


def eapol_packets(frame: Frame) -> Sequence[Eapol]:
    """Return the EAPOL packets that a data frame carries in the clear."""
    raw = frame.raw
    return [packet for start, end in payloads(frame) if (packet := parse_eapol(raw, start, end)) is not None]


def _is_mesh(frame: Frame) -> bool:
    """Return whether mesh control precedes the packets of a QoS frame.

    The bit for mesh control has another meaning outside of a mesh, so the addresses must fit a mesh too: four
    addresses, or a group address from a mesh station (table 9-37).
    """
    ds = frame.flags & _DS
    if ds != _DS and not (ds == FROM_DS and frame.ra is not None and frame.ra[0] & 1):
        return False
    qos = frame.start + _HEADER + (_ADDRESS if ds == _DS else 0)
    return bool(frame.raw[qos + 1] & _MESH_CONTROL_PRESENT)


def _mesh_control(raw: bytes, at: int, end: int) -> int:
    """Return the length of the mesh control at `at`; 0 if it cannot be mesh control, for example between access points
    that report a queue size."""
    if at >= end or raw[at] >= len(_ADDRESSES):
        return 0  # reserved bits are set, as at the start of an LLC header
    return _MESH_CONTROL + _ADDRESSES[raw[at]]


def _subframes(raw: bytes, body: int, end: int, *, mesh: bool) -> Sequence[Span]:
    """Return the packets of an A-MSDU."""
    spans, fits = _walk(raw, body, end, mesh=mesh, counted=False)
    if mesh and not fits:
        # Until 6.3, Linux counted mesh control as part of the packet; the standard puts it in the subframe's header.
        others, fits = _walk(raw, body, end, mesh=True, counted=True)
        spans = others if fits else spans
    return spans


def _walk(raw: bytes, at: int, end: int, *, mesh: bool, counted: bool) -> tuple[Sequence[Span], bool]:
    """Return the packets of an A-MSDU, and whether their lengths fit; `counted`: lengths include mesh control."""
    spans: list[Span] = []
    while at + _SUBFRAME <= end:
        start = at + _SUBFRAME
        size = raw[at + _LENGTH_AT] << 8 | raw[at + _LENGTH_AT + 1]
        header = _mesh_control(raw, start, end) if mesh else 0
        stop = start + size + (0 if counted else header)
        start += header
        if start < end and start < stop:
            spans.append((start, min(stop, end)))
        if stop > end:
            return spans, False
        at += (stop - at + 3) & ~3
    return spans, at >= end

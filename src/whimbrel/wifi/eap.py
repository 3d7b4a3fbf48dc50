"""EAP packets inside EAPOL (RFC 3748, 4), and the progress of Wi-Fi Protected Setup.

WPS uses the expanded type 254 of vendor 00-37-2A, type 1 (Wi-Fi Simple Configuration 2.0.5, 7.7): an operation, flags,
and attributes; the second attribute is the message type.
"""

from __future__ import annotations

from whimbrel.wifi.value import Value

_LLC = 8  # LLC and SNAP
_PACKET = 4  # EAPOL: version, type, length
_EXPANDED = 254
_WSC = b"\x00\x37\x2a\x00\x00\x00\x01"
_HAS_LENGTH = 0x02
_MESSAGE_TYPE = 0x1022
_IDENTITY = 1
_IDENTITY_MAX = 255
_ATTRIBUTES = 4  # attributes searched for the message type, which is the second

OPERATIONS = {1: "start", 2: "ack", 3: "nack", 4: "message", 5: "done", 6: "fragment ack"}
MESSAGES = {
    0x04: "M1", 0x05: "M2", 0x06: "M2D", 0x07: "M3", 0x08: "M4", 0x09: "M5", 0x0A: "M6", 0x0B: "M7", 0x0C: "M8",
    0x0D: "ack", 0x0E: "nack", 0x0F: "done",
}  # fmt: skip


class Eap(Value):
    """One EAP packet. Fields missing from a packet that was cut short have their defaults."""

    code: int
    """1 request, 2 response, 3 success, 4 failure."""
    identifier: int = 0
    """The number that pairs a response with its request."""
    type: int = 0
    """1 identity, 13 TLS, 25 PEAP, 254 expanded…; 0 if there is none."""
    identity: bytes = b""
    """Identity in an identity response, at most 255 octets."""
    wps: str = ""
    """Operation of WPS: start, ack, nack, message, done; empty for all others."""
    message: str = ""
    """Message of WPS: M1 to M8, M2D; empty for all others."""


def parse_eap(raw: bytes, start: int, end: int) -> Eap | None:
    """Parse the EAP packet in the EAPOL packet ``raw[start:end]``, LLC header included; None if there is none. Total.

    The caller makes sure that it is EAPOL (`whimbrel.wifi.payloads.eapol_packets`).
    """
    end = min(end, len(raw))
    packet = start + _LLC
    at = packet + _PACKET
    if start < 0 or at + 4 > end or raw[packet + 1] != 0:
        return None
    code, identifier = raw[at], raw[at + 1]
    end = min(end, at + (raw[at + 2] << 8 | raw[at + 3]))
    if not 1 <= code <= 2 or at + 5 > end:
        return Eap(code, identifier)
    kind = raw[at + 4]
    data = at + 5
    if kind == _IDENTITY:
        return Eap(code, identifier, kind, raw[data : min(end, data + _IDENTITY_MAX)] if code == 2 else b"")
    if kind != _EXPANDED or not raw.startswith(_WSC, data, end) or data + 9 > end:
        return Eap(code, identifier, kind)
    attributes = data + 9 + (2 if raw[data + 8] & _HAS_LENGTH else 0)
    operation = OPERATIONS.get(raw[data + 7], "")
    return Eap(code, identifier, kind, b"", operation, _message(raw, attributes, end))


def _message(raw: bytes, at: int, end: int) -> str:
    """Return the message type, found among the first attributes."""
    for _ in range(_ATTRIBUTES):
        if at + 5 > end:
            return ""
        if raw[at] << 8 | raw[at + 1] == _MESSAGE_TYPE:
            return MESSAGES.get(raw[at + 4], "")
        at += 4 + (raw[at + 2] << 8 | raw[at + 3])
    return ""

"""EAPOL, the protocol of authentication and key agreement, as far as it is visible in the clear.

IEEE 802.1X-2020, 11.3 (the packet) and IEEE 802.11-2020, 12.7.2 (key frames), 12.7.6 and 12.7.7 (the two handshakes).
All numbers are big-endian. Nothing is decrypted.
"""

from __future__ import annotations

from whimbrel.wifi.value import Value

# LLC and SNAP headers of EAPOL and of EAPOL for pre-authentication (EtherTypes 888E and 88C7).
_SNAPS = (b"\xaa\xaa\x03\x00\x00\x00\x88\x8e", b"\xaa\xaa\x03\x00\x00\x00\x88\xc7")
_SNAP_SIZE = 8
_HEADER_SIZE = 4

_TYPES = {0: "eap", 1: "start", 2: "logoff", 3: "key", 4: "alert"}

RSN_DESCRIPTOR = 2
WPA_DESCRIPTOR = 254

PAIRWISE = 0x0008
INSTALL = 0x0040
ACK = 0x0080
MIC = 0x0100
SECURE = 0x0200
ERROR = 0x0400
REQUEST = 0x0800
ENCRYPTED = 0x1000
"""Bits of Key Information (12.7.2)."""

# Offsets in a key descriptor. The MIC between them has 16 octets, or the size that `_mic_size` finds.
_INFO, _REPLAY, _NONCE, _MIC = 1, 5, 13, 77
_NONCE_SIZE = 32
_NO_NONCE = bytes(_NONCE_SIZE)
_MIC_SIZES = (16, 24, 0, 32)

_PMKID_KDE = b"\x00\x0f\xac\x04"
_PMKID_SIZE = 16
_PADDING = 0xDD
"""Followed by zeros, it fills the key data up (12.7.2)."""


class Eapol(Value):
    """One EAPOL packet. Fields missing from a packet that was cut short have their defaults."""

    type: str
    """eap, start, logoff, key, alert, or other."""
    message: str = ""
    """M1 to M4 of the 4-way handshake, G1 and G2 of the group handshake; empty for all others."""
    descriptor: int = 0
    """Descriptor type: 2 for RSN, 254 for WPA, 1 for WEP (the rest is not read); 0 if it is not a key frame."""
    key_info: int = 0
    """The Key Information field."""
    replay: int | None = None
    """The replay counter."""
    nonce: bytes = b""
    """32 octets; all zero if the message carries none."""
    has_mic: bool = False
    """Whether the message has a MIC."""
    key_data_length: int | None = None
    """Octets of key data that the frame announces."""
    pmkid: bytes | None = None
    """The PMKID in an M1, 16 octets, from which a password can be guessed; None if it is missing or all zero."""
    preauth: bool = False
    """Whether it is pre-authentication, for an access point that the station is not associated with yet."""
    start: int = 0
    """Offset of the packet's LLC header in the octets that it was parsed from."""
    end: int = 0
    """Offset of the end of those octets."""
    data: int = 0
    """Offset of the key data in them; 0 where there are none."""

    @property
    def version(self) -> int:
        """Key descriptor version: 1 MD5 and RC4, 2 SHA-1 and AES, 3 AES-CMAC, 0 as defined by the AKM."""
        return self.key_info & 7


def parse_eapol(raw: bytes, start: int, end: int) -> Eapol | None:
    """Parse the EAPOL packet in ``raw[start:end]``, LLC header included; None if there is none. Total."""
    if not raw.startswith(_SNAPS, start, end):
        return None
    preauth = raw[start + 7] == 0xC7
    end = min(end, len(raw))
    packet = start + _SNAP_SIZE
    if packet + 2 > end:
        return Eapol("other", preauth=preauth, start=start, end=end)
    kind = _TYPES.get(raw[packet + 1], "other")
    key = packet + _HEADER_SIZE
    if kind != "key" or key >= end:
        return Eapol(kind, preauth=preauth, start=start, end=end)
    if raw[key] not in {RSN_DESCRIPTOR, WPA_DESCRIPTOR} or key + _INFO + 2 > end:
        return Eapol(kind, descriptor=raw[key], preauth=preauth, start=start, end=end)
    return _key(raw, start, end, preauth)


def _key(raw: bytes, start: int, end: int, preauth: bool) -> Eapol:
    """Parse a packet with a key descriptor."""
    key = start + _SNAP_SIZE + _HEADER_SIZE
    size = int.from_bytes(raw[key - 2 : key], "big")
    info = raw[key + _INFO] << 8 | raw[key + _INFO + 1]
    replay_end = key + _REPLAY + 8
    nonce = raw[key + _NONCE : key + _NONCE + _NONCE_SIZE] if key + _NONCE + _NONCE_SIZE <= end else b""
    data = key + _MIC + _mic_size(raw, key, end, size) + 2
    data_length = int.from_bytes(raw[data - 2 : data], "big") if data <= end else None
    message = _message(info, nonce, data_length, size)
    pmkid = None
    if message == "M1" and raw[key] == RSN_DESCRIPTOR and data_length:
        pmkid = _pmkid(raw, data, min(data + data_length, end))
    return Eapol(
        "key",
        message,
        raw[key],
        info,
        int.from_bytes(raw[key + _REPLAY : replay_end], "big") if replay_end <= end else None,
        nonce,
        bool(info & MIC),
        data_length,
        pmkid,
        preauth,
        start,
        end,
        data if data_length else 0,
    )


def _mic_size(raw: bytes, key: int, end: int, size: int) -> int:
    """Return the size of the MIC: 24, 32 or no octets with some AKMs (table 12-10), 16 with all others.

    The frame does not name its AKM; the right size is the one for which the frame's two lengths agree.
    """
    for mic in _MIC_SIZES:
        data = key + _MIC + mic + 2
        if data <= end and _MIC + mic + 2 + (raw[data - 2] << 8 | raw[data - 1]) == size:
            return mic
    return _MIC_SIZES[0]


def _message(info: int, nonce: bytes, data_length: int | None, size: int) -> str:
    """Return the name of the handshake message, ``M1`` to ``M4``, ``G1``, ``G2``, or an empty string.

    The rules are those of Wireshark 4: M1, M3 and G1 request an answer (Ack), and M3 has Install set; M2 carries an
    element, M4 no key data. The Secure bit is no criterion: Windows sets it in an M2 when it renews keys, and WPA's M4
    lacks it. Three rules are added: Install with neither MIC nor Secure is no M3, in which keys are proven and may be
    used, but a bad M1; a message without a nonce is M4 (FILS puts an encrypted blank there), and if the
    frame was cut before the length of its key data, the length of the packet decides.
    """
    if info & REQUEST:
        return ""
    if not info & PAIRWISE:
        return "G1" if info & ACK else "G2"
    if info & ACK:
        return "M3" if info & INSTALL and info & (MIC | SECURE) else "M1"
    if nonce == _NO_NONCE:
        return "M4"
    if data_length is None:
        data_length = size - (_MIC + 16 + 2)
    return "M2" if data_length > 0 else "M4"


def key_data_fit(raw: bytes, packet: Eapol) -> bool:
    """Return whether the elements in a packet's key data end where those end; True where they are encrypted, or not
    captured whole."""
    at, size = packet.data, packet.key_data_length or 0
    end = at + size
    if not at or end > packet.end or packet.key_info & ENCRYPTED:
        return True
    while at + 2 <= end:
        if raw[at] == _PADDING and not raw[at + 1]:
            return True
        at += 2 + raw[at + 1]
    return at == end or (at < end and raw[at] == _PADDING)


def _pmkid(raw: bytes, at: int, end: int) -> bytes | None:
    """Return the PMKID in the key data (12.7.2, figure 12-36: DD, length, OUI and type, data)."""
    while at + 2 <= end:
        stop = at + 2 + raw[at + 1]
        if raw[at] == 0xDD and stop <= end and raw.startswith(_PMKID_KDE, at + 2, stop):
            pmkid = raw[at + 6 : at + 6 + _PMKID_SIZE]
            return pmkid if stop - at >= 6 + _PMKID_SIZE and any(pmkid) else None
        at = stop
    return None

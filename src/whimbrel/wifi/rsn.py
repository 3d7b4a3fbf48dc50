"""The security elements of a network: RSN (IEEE 802.11-2020, 9.4.2.24), its predecessor WPA, and WAPI.

An element may be cut short or count more suites than it holds; then `cut` is set and the rest is returned.
"""

from __future__ import annotations

from whimbrel.wifi.value import Value

Suite = bytes
"""A suite selector as transmitted, 4 octets: OUI and type. Empty if the element ends before it."""

CIPHERS: dict[Suite, str] = {
    b"\x00\x0f\xac\x00": "group",
    b"\x00\x0f\xac\x01": "WEP-40",
    b"\x00\x0f\xac\x02": "TKIP",
    b"\x00\x0f\xac\x04": "CCMP-128",
    b"\x00\x0f\xac\x05": "WEP-104",
    b"\x00\x0f\xac\x06": "BIP-CMAC-128",
    b"\x00\x0f\xac\x07": "none",
    b"\x00\x0f\xac\x08": "GCMP-128",
    b"\x00\x0f\xac\x09": "GCMP-256",
    b"\x00\x0f\xac\x0a": "CCMP-256",
    b"\x00\x0f\xac\x0b": "BIP-GMAC-128",
    b"\x00\x0f\xac\x0c": "BIP-GMAC-256",
    b"\x00\x0f\xac\x0d": "BIP-CMAC-256",
    b"\x00\x50\xf2\x00": "group",
    b"\x00\x50\xf2\x01": "WEP-40",
    b"\x00\x50\xf2\x02": "TKIP",
    b"\x00\x50\xf2\x04": "CCMP-128",
    b"\x00\x50\xf2\x05": "WEP-104",
    b"\x00\x14\x72\x01": "SMS4",
}
"""Names of the cipher suites (IEEE 802.11-2020, table 9-149; WPA's with Microsoft's OUI; WAPI's)."""

_OSEN_SUITE = b"\x50\x6f\x9a\x01"

AKMS: dict[Suite, str] = {
    b"\x00\x0f\xac\x01": "802.1X",
    b"\x00\x0f\xac\x02": "PSK",
    b"\x00\x0f\xac\x03": "FT-802.1X",
    b"\x00\x0f\xac\x04": "FT-PSK",
    b"\x00\x0f\xac\x05": "802.1X-SHA256",
    b"\x00\x0f\xac\x06": "PSK-SHA256",
    b"\x00\x0f\xac\x07": "TDLS",
    b"\x00\x0f\xac\x08": "SAE",
    b"\x00\x0f\xac\x09": "FT-SAE",
    b"\x00\x0f\xac\x0a": "AP-PEER-KEY",
    b"\x00\x0f\xac\x0b": "802.1X-SUITE-B",
    b"\x00\x0f\xac\x0c": "802.1X-SUITE-B-192",
    b"\x00\x0f\xac\x0d": "FT-802.1X-SHA384",
    b"\x00\x0f\xac\x0e": "FILS-SHA256",
    b"\x00\x0f\xac\x0f": "FILS-SHA384",
    b"\x00\x0f\xac\x10": "FT-FILS-SHA256",
    b"\x00\x0f\xac\x11": "FT-FILS-SHA384",
    b"\x00\x0f\xac\x12": "OWE",
    b"\x00\x0f\xac\x13": "FT-PSK-SHA384",
    b"\x00\x0f\xac\x14": "PSK-SHA384",
    b"\x00\x0f\xac\x15": "PASN",
    b"\x00\x0f\xac\x16": "FT-802.1X-SHA384-UNRESTRICTED",
    b"\x00\x0f\xac\x17": "802.1X-SHA384",
    b"\x00\x0f\xac\x18": "SAE-EXT-KEY",
    b"\x00\x0f\xac\x19": "FT-SAE-EXT-KEY",
    b"\x00\x50\xf2\x01": "802.1X",
    b"\x00\x50\xf2\x02": "PSK",
    _OSEN_SUITE: "OSEN",
    b"\x50\x6f\x9a\x02": "DPP",
    b"\x00\x40\x96\x00": "CCKM",
    b"\x00\x14\x72\x01": "WAPI-CERT",
    b"\x00\x14\x72\x02": "WAPI-PSK",
}
"""Names of the AKMs (table 9-151; from 22 on IEEE 802.11be; those of the Wi-Fi Alliance, Cisco, WPA and WAPI)."""

_PMF_REQUIRED = 0x0040
_PMF_CAPABLE = 0x0080


def cipher_name(suite: Suite) -> str:
    """Return the name of a cipher suite; ``00-0F-AC:99`` if it has no name, empty for an empty one."""
    return CIPHERS.get(suite) or _number(suite)


def akm_name(suite: Suite) -> str:
    """Return the name of an AKM suite; ``00-0F-AC:99`` if it has no name, empty for an empty one."""
    return AKMS.get(suite) or _number(suite)


def _number(suite: Suite) -> str:
    return f"{suite[:3].hex('-').upper()}:{suite[3]}" if len(suite) == 4 else ""


class Rsn(Value):
    """An RSN element."""

    version: int
    """1; 0 if the element is empty."""
    group: Suite
    """Cipher of group traffic."""
    pairwise: tuple[Suite, ...]
    """Ciphers of unicast traffic, as many as could be read."""
    akms: tuple[Suite, ...]
    """Authentication and key managements, as many as could be read."""
    capabilities: int
    """RSN Capabilities (9.4.2.24.4); 0 if absent."""
    pmkid_count: int
    """Number of PMKIDs that the element announces."""
    group_mgmt: Suite
    """Cipher of group management frames; empty if absent."""
    cut: bool
    """Whether the element ends inside a field or lists fewer suites than it counts."""

    @property
    def pmf_capable(self) -> bool:
        """Whether management frames can be protected (MFPC)."""
        return bool(self.capabilities & _PMF_CAPABLE)

    @property
    def pmf_required(self) -> bool:
        """Whether management frames must be protected (MFPR)."""
        return bool(self.capabilities & _PMF_REQUIRED)


class Wpa(Value):
    """The vendor element of WPA (00-50-F2 type 1), the predecessor of RSN."""

    version: int
    """1; 0 if the element is empty."""
    group: Suite
    """Cipher of group traffic."""
    pairwise: tuple[Suite, ...]
    """Ciphers of unicast traffic, as many as could be read."""
    akms: tuple[Suite, ...]
    """Key managements, as many as could be read."""
    cut: bool
    """Whether the element ends inside a field or lists fewer suites than it counts."""


class Wapi(Value):
    """A WAPI element (68; GB 15629.11-2003/XG1-2006, 7.3.2.25), the Chinese standard of WLAN security."""

    version: int
    """1; 0 if the element is empty."""
    akms: tuple[Suite, ...]
    """Authentication and key managements, as many as could be read."""
    pairwise: tuple[Suite, ...]
    """Ciphers of unicast traffic, as many as could be read."""
    group: Suite
    """Cipher of group traffic."""
    cut: bool
    """Whether the element ends inside a field or lists fewer suites than it counts."""


def _suites(raw: bytes, at: int, end: int) -> tuple[tuple[Suite, ...], int, bool]:
    """Read a count and that many suites at `at`: return the suites, their end, and whether some are missing."""
    if at + 2 > end:
        return (), end, at < end
    stop = at + 2 + 4 * (raw[at] | raw[at + 1] << 8)
    if stop <= end:
        return tuple([raw[i : i + 4] for i in range(at + 2, stop, 4)]), stop, False
    return tuple([raw[i : i + 4] for i in range(at + 2, end - 3, 4)]), end, True


def _heading(raw: bytes, at: int, end: int) -> tuple[int, Suite, int, bool]:
    """Return the version, the group cipher, their end, and whether the element is cut inside them."""
    if at + 2 > end:
        return 0, b"", end, True
    version = raw[at] | raw[at + 1] << 8
    at += 2
    if at + 4 > end:
        return version, b"", end, at < end
    return version, raw[at : at + 4], at + 4, False


def parse_rsn(raw: bytes, start: int, end: int) -> Rsn:
    """Parse the payload `raw[start:end]` of an RSN element, from the version on. Total: any bytes give an `Rsn`."""
    end = min(end, len(raw))
    version, group, at, cut = _heading(raw, start, end)
    pairwise, at, short = _suites(raw, at, end)
    akms, at, shorter = _suites(raw, at, end)
    cut = cut or short or shorter
    capabilities = pmkid_count = 0
    if at + 2 <= end:
        capabilities = raw[at] | raw[at + 1] << 8
        at += 2
    group_mgmt = b""
    if at + 2 <= end:
        pmkid_count = raw[at] | raw[at + 1] << 8
        at += 2 + 16 * pmkid_count
        if at + 4 <= end:
            group_mgmt = raw[at : at + 4]
            at += 4
        cut = cut or at > end or at + 4 > end > at
    elif at < end:
        cut = True
    return Rsn(version, group, pairwise, akms, capabilities, pmkid_count, group_mgmt, cut)


def parse_osen(raw: bytes, start: int, end: int) -> Rsn:
    """Parse `raw[start:end]`, the payload of an OSEN element after its OUI and type: an RSN element without the version
    (Wi-Fi Alliance, Hotspot 2.0 2.0, 3.2.1). Total: any bytes give an `Rsn`, of version 0."""
    payload = b"\0\0" + raw[start:end]
    read = parse_rsn(payload, 0, len(payload))
    # Unlike in an RSN element, a missing suite does not mean 802.1X.
    akms = read.akms or (_OSEN_SUITE,)
    return Rsn(0, read.group, read.pairwise, akms, read.capabilities, read.pmkid_count, read.group_mgmt, read.cut)


def parse_wpa(raw: bytes, start: int, end: int) -> Wpa:
    """Parse `raw[start:end]`, the payload of a WPA element after its OUI and type. Total: any bytes give a `Wpa`."""
    end = min(end, len(raw))
    version, group, at, cut = _heading(raw, start, end)
    pairwise, at, short = _suites(raw, at, end)
    akms, at, shorter = _suites(raw, at, end)
    return Wpa(version, group, pairwise, akms, cut or short or shorter)


def parse_wapi(raw: bytes, start: int, end: int) -> Wapi:
    """Parse the payload `raw[start:end]` of a WAPI element. Total: any bytes give a `Wapi`."""
    end = min(end, len(raw))
    if start + 2 > end:
        return Wapi(0, (), (), b"", True)
    akms, at, short = _suites(raw, start + 2, end)
    pairwise, at, shorter = _suites(raw, at, end)
    group = raw[at : at + 4] if at + 4 <= end else b""
    return Wapi(raw[start] | raw[start + 1] << 8, akms, pairwise, group, short or shorter or not group)

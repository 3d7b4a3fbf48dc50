"""The kinds of security that a scene can name, and the elements that announce them."""

from __future__ import annotations

import functools
import struct
from typing import NamedTuple

CCMP, TKIP, GCMP_256, BIP_CMAC_128, BIP_GMAC_256 = 4, 2, 9, 6, 12
_MICROSOFT = 0x0050F2


class SimSecurity(NamedTuple):
    """The security of a network (IEEE 802.11-2020, tables 9-149 and 9-151)."""

    akms: tuple[int, ...] = ()
    """Authentication and key management suites of the RSN element, the preferred one first; empty: no RSN."""
    pairwise: tuple[int, ...] = (CCMP,)
    group: int = CCMP
    pmf: str = "none"
    """none, optional or required."""
    wpa: bool = False
    """Whether it announces the older WPA element too (PSK, TKIP)."""
    wep: bool = False
    management: int = BIP_CMAC_128
    """Cipher of group-addressed management frames."""
    hash_to_element: bool = False
    """Whether the RSNX element allows hash-to-element for SAE."""

    @property
    def private(self) -> bool:
        """Whether the Privacy bit is set."""
        return bool(self.akms or self.wpa or self.wep)

    @property
    def sae(self) -> bool:
        """Whether stations authenticate by SAE where they can."""
        return 8 in self.akms

    @property
    def enterprise(self) -> bool:
        """Whether an EAP exchange comes before the keys."""
        return bool({1, 3, 5, 12} & set(self.akms))

    @property
    def keyed(self) -> bool:
        """Whether the 4-way handshake makes the keys."""
        return bool(self.akms) or self.wpa

    @property
    def key_version(self) -> int:
        """The descriptor version in EAPOL-Key frames (12.7.2): 1 TKIP, 2 CCMP, 3 with AES-CMAC, 0 by the AKM."""
        if self.pairwise[0] == TKIP:
            return 1
        if {8, 9, 12, 18} & set(self.akms[:1]):
            return 0
        return 3 if {3, 4, 5, 6} & set(self.akms[:1]) else 2


SECURITY: dict[str, SimSecurity] = {
    "open": SimSecurity(),
    "wep": SimSecurity(wep=True),
    "wpa-psk": SimSecurity(wpa=True, pairwise=(TKIP,), group=TKIP),
    "wpa-wpa2-psk": SimSecurity((2,), (CCMP, TKIP), TKIP, wpa=True),
    "wpa2-psk": SimSecurity((2,)),
    "wpa2-psk-tkip": SimSecurity((2,), (TKIP,), TKIP),
    "wpa2-psk-pmf": SimSecurity((2, 6), pmf="optional"),
    "wpa2-psk-pmf-required": SimSecurity((6,), pmf="required"),
    "wpa2-ft-psk": SimSecurity((4, 2)),
    "wpa2-enterprise": SimSecurity((1,)),
    "wpa2-ft-enterprise": SimSecurity((3, 1), pmf="optional"),
    "wpa3-sae": SimSecurity((8,), pmf="required", hash_to_element=True),
    "wpa2-wpa3": SimSecurity((8, 2), pmf="optional", hash_to_element=True),
    "wpa3-enterprise": SimSecurity((5,), pmf="required"),
    "wpa3-enterprise-192": SimSecurity((12,), (GCMP_256,), GCMP_256, pmf="required", management=BIP_GMAC_256),
    "owe": SimSecurity((18,), pmf="required"),
    "owe-transition": SimSecurity(),
}


@functools.cache
def elements(security: SimSecurity, *, station: bool = False) -> bytes:
    """Return the RSN, RSNX and WPA elements as an access point announces them; a station names the suites it chose."""
    out = b""
    if security.akms:
        out += _rsn(security, station=station)
        if security.hash_to_element:
            out += b"\xf4\x01\x20"
    if security.wpa and not (station and security.akms):
        out += _wpa(security)
    return out


def _rsn(security: SimSecurity, *, station: bool) -> bytes:
    from scapy.layers.dot11 import AKMSuite, Dot11EltRSN, RSNCipherSuite

    akms, pairwise = (security.akms[:1], security.pairwise[:1]) if station else (security.akms, security.pairwise)
    fields = {
        "group_cipher_suite": RSNCipherSuite(cipher=security.group),
        "pairwise_cipher_suites": [RSNCipherSuite(cipher=cipher) for cipher in pairwise],
        "akm_suites": [AKMSuite(suite=akm) for akm in akms],
        "mfp_capable": int(security.pmf != "none"),
        "mfp_required": int(security.pmf == "required"),
        "nb_pairwise_cipher_suites": len(pairwise),
        "nb_akm_suites": len(akms),
    }
    if security.pmf == "none":
        # A length given in advance is how scapy leaves the PMKID list and the management cipher out.
        return bytes(Dot11EltRSN(len=12 + 4 * len(pairwise) + 4 * len(akms), **fields))
    return bytes(Dot11EltRSN(group_management_cipher_suite=RSNCipherSuite(cipher=security.management), **fields))


def _wpa(security: SimSecurity) -> bytes:
    from scapy.layers.dot11 import AKMSuite, Dot11EltMicrosoftWPA, RSNCipherSuite

    return bytes(
        Dot11EltMicrosoftWPA(
            group_cipher_suite=RSNCipherSuite(oui=_MICROSOFT, cipher=security.group),
            pairwise_cipher_suites=[RSNCipherSuite(oui=_MICROSOFT, cipher=TKIP)],
            akm_suites=[AKMSuite(oui=_MICROSOFT, suite=2)],
        )
    )


def transition(bssid: bytes, ssid: bytes) -> bytes:
    """Return Wi-Fi Alliance's OWE Transition Mode element that names the other half of the pair."""
    body = b"\x50\x6f\x9a\x1c" + bssid + struct.pack("B", len(ssid)) + ssid
    return bytes((221, len(body))) + body

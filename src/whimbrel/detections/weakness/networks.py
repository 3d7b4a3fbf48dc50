"""Vulnerable networks, judged by their announcements."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from whimbrel.detections.base import HIGH, Claim, Clear, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.fcs import has_fcs
from whimbrel.wifi.security import Pmf, Protection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_DOUBTFUL = 64
_NAMES = 2
"""A BSSID with more names than this is no network: it answers to every name."""
_LASTING = 3
"""The least number of further beacons with the same announcement."""
_OBSOLETE = frozenset({"TKIP", "WEP", "WEP-40", "WEP-104"})


class NetworkWeakness(Detection[RuleSettings]):
    """A weakness in a network's announcement: claimed once for each network; a notice for a guarded network."""

    family = "weakness"
    severity = Severity.WEAKNESS
    once = True

    says: ClassVar[str]
    """The text about the network that follows its name."""

    def __init__(self, settings: RuleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._doubtful: dict[bytes, tuple[Frame, int]] = {}

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Examine the announcement; a change in a frame that may be damaged must persist."""
        said = ap.announced
        weak = not (said.cut or said.adhoc or len(ap.names) > _NAMES) and self.fits(ap.ssid)
        if self._doubtful and not (weak and before is not None and self.heeds(before)):
            self._doubtful.pop(ap.address, None)
        if not weak:
            return None
        if before is None or has_fcs(frame):  # a wrong one does not get here
            return self._claim(ap)
        if ap.address not in self._doubtful:
            if len(self._doubtful) >= _DOUBTFUL:
                del self._doubtful[next(iter(self._doubtful))]
            self._doubtful[ap.address] = frame, ap.beacons
        return None

    def turn(self) -> Sequence[Claim | Clear]:
        """Claim persistent weaknesses."""
        if not self._doubtful:
            return ()
        claims = []
        for address, (frame, beacons) in list(self._doubtful.items()):
            ap = self.air.access_point(address)
            if ap is None or not self.heeds(ap.announced):
                del self._doubtful[address]
            elif ap.beacons - beacons >= _LASTING:
                del self._doubtful[address]
                claims.append(self._claim(ap)._replace(frames=(frame,)))
        return claims

    def _claim(self, ap: AccessPoint) -> Claim:
        name = ap.ssid
        guarded = self.air.guard.network(name, ap.address) is not None
        return Claim(
            name or ap.announced.mesh_id or ap.address,
            f"{self._named(ap)} {self.says}",
            bssid=ap.address,
            ssid=name,
            confidence=HIGH,
            severity=Severity.NOTICE if guarded else None,
        )

    def heeds(self, said: Announcement) -> bool:
        """Return whether it has the weakness, if its name fits."""
        raise NotImplementedError

    def fits(self, name: bytes) -> bool:
        """Return whether a network of this name may have the weakness."""
        return True

    @staticmethod
    def _named(ap: AccessPoint) -> str:
        if ap.ssid:
            return f'"{ssid(ap.ssid)}" ({mac(ap.address)})'
        mesh = ap.announced.mesh_id
        return (
            f"the hidden network of {mac(ap.address)}"
            if mesh is None
            else f'the mesh "{ssid(mesh)}" ({mac(ap.address)})'
        )


class OpenNetwork(NetworkWeakness):
    """An access point announces a network without encryption that is no half of an OWE transition network."""

    rule = "open-network"
    title = "Open network"
    says = "is not encrypted"
    meaning = "Everybody near can read what is sent in it, and can offer a network of the same name unnoticed."
    advice = (
        "If it is yours, give it WPA2 or WPA3, or OWE for guests. If you use it, use a VPN, and forget it afterwards."
    )
    fooled_by = "A captive portal may encrypt at a higher layer; a network may be open on purpose."
    reference = "IEEE 802.11-2020, 12.3.3.2; RFC 8110 (OWE)"

    def heeds(self, said: Announcement) -> bool:
        """Return whether it is open."""
        return said.security.protection is Protection.OPEN


class WepNetwork(NetworkWeakness):
    """An access point announces privacy without RSN, WPA, WAPI or OSEN: that is WEP, but not with 802.11ac or later,
    nor in a mesh."""

    rule = "wep-network"
    title = "Network with WEP"
    says = "is encrypted with WEP"
    meaning = "WEP can be broken within minutes by anybody near; it is as good as open."
    advice = "If it is yours, replace the access point, or at least set it to WPA2."
    fooled_by = "A traffic generator that sets the privacy bit and nothing else."
    reference = "IEEE 802.11-2020, 12.3.1 (deprecated); Tews, Weinmann, Pyshkin 2007"

    def heeds(self, said: Announcement) -> bool:
        """Return whether it is WEP."""
        return said.security.protection is Protection.WEP


class TkipNetwork(NetworkWeakness):
    """An access point offers TKIP, or WEP for groups, beside WPA or WPA2."""

    rule = "tkip-network"
    title = "Network with TKIP"
    says = "offers TKIP, a cipher of 2003"
    meaning = "TKIP was a stopgap for hardware made for WEP. Parts of its traffic can be decrypted and forged."
    advice = "If it is yours, set it to WPA2 or WPA3 with AES (CCMP) only."
    fooled_by = "Mixed modes are kept for a single old device; stations that can do better are not forced to TKIP."
    reference = "IEEE 802.11-2020, 12.5.2 (deprecated); Beck and Tews 2008; Vanhoef and Piessens 2013"

    def heeds(self, said: Announcement) -> bool:
        """Return whether it offers TKIP."""
        security = said.security
        obsolete = not _OBSOLETE.isdisjoint((*security.ciphers, security.group))
        return obsolete and security.protection is not Protection.WEP


class WpsNetwork(NetworkWeakness):
    """An access point announces WPS that is configured and not locked, and takes PINs (or does not say how it takes
    stations in)."""

    rule = "wps-network"
    title = "WPS is on"
    says = "lets stations in by WPS"
    meaning = (
        "WPS lets a station in without the password. Its PIN of eight digits can be guessed in halves, with many "
        "access points in hours or at once."
    )
    advice = "If it is yours, switch WPS off; where you need it, leave only the button."
    fooled_by = "Newer access points lock the PIN after a few wrong ones, and do not say so before."
    reference = "Wi-Fi Simple Configuration 2.0.8; Viehboeck 2011 (VU#723755); Bongard 2014 (pixie dust)"

    def heeds(self, said: Announcement) -> bool:
        """Return whether its WPS takes PINs."""
        return said.wps_takes_pins and said.security.protection is not Protection.OPEN


class NoPmf(NetworkWeakness):
    """An access point with RSN announces that it does not protect management frames."""

    rule = "pmf-missing"
    title = "No management protection"
    says = "does not protect management frames (PMF)"
    meaning = "Anybody can throw stations out of it with forged frames, because nothing tells forged from true ones."
    advice = 'If it is yours, set PMF (802.11w, "protected management frames") to optional, better to required.'
    fooled_by = "Some access points protect with those stations that ask, and announce it only in responses."
    reference = "IEEE 802.11-2020, 9.4.2.24.4 (MFPC, MFPR), 12.2.8; 802.11w-2009"

    def heeds(self, said: Announcement) -> bool:
        """Return whether it has none."""
        security = said.security
        return security.pmf is Pmf.NONE and bool(security.akms)


DETECTIONS = (OpenNetwork, WepNetwork, TkipNetwork, WpsNetwork, NoPmf)

"""Enterprise logins that reveal the password or the user name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.eap import parse_eap
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import PROTECTED

if TYPE_CHECKING:
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_REQUEST, _RESPONSE, _IDENTITY, _MD5 = 1, 2, 1, 4
_METHODS = {4: "MD5", 5: "one-time password", 6: "GTC", 17: "LEAP", 26: "MSCHAPv2"}
"""Methods that need a tunnel, or that the standard has abandoned (IANA, EAP method types)."""
_IMSI = range(15, 17)
_ANONYMOUS = (b"", b"anonymous", b"anon", b"@")


class WeakEap(Detection[RuleSettings]):
    """An access point requests, in clear and outside a tunnel, a login by MD5, GTC, a one-time password, LEAP or bare
    MSCHAPv2: a warning for each access point. A request for MD5 is a notice until a station answers by MD5.

    No network can derive keys from MD5, GTC or a one-time password, so such a request only collects passwords; the
    passwords of the others can be guessed by every listener. WPS, and frames with a wrong check sequence, do not count.
    """

    rule = "weak-eap"
    family = "protocol"
    title = "Login that tells passwords"
    severity = Severity.WARNING
    meaning = (
        "An access point requests a login that reveals the password to everybody near, or to its operator. Imitators of"
        " company networks do that to collect passwords."
    )
    advice = "Do not log in there. Devices should check the server's certificate, and use EAP-TLS, PEAP or TTLS."
    fooled_by = (
        "Very old networks with LEAP. A login server that proposes MD5 first, as FreeRADIUS does unless it is set up"
        " otherwise, and whose devices refuse that: a notice. An imitator that requests a login inside a tunnel looks"
        " like a real network."
    )
    reference = "RFC 3748, 5.4 to 5.6; RFC 4017, 2.2; Wright: Weaknesses in LEAP, DEFCON 11, 2003"
    once = True
    packets = frozenset({"eap"})

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Check the method of a login."""
        if frame.flags & PROTECTED or packet.preauth:
            return None
        eap = parse_eap(frame.raw, packet.start, packet.end)
        if eap is None or eap.type not in _METHODS or holds(frame) is False:
            return None
        # The answer matters for MD5 only, which servers propose by default and devices refuse.
        answered = eap.type == _MD5 and eap.code == _RESPONSE and frame.ta == station
        if not answered and (eap.code != _REQUEST or frame.ta != bssid):
            return None
        proposed = eap.type == _MD5 and not answered
        name = self.air.name_of(bssid)
        said = ", which answered" if answered else ""
        return Claim(
            (bssid, eap.type, answered),
            f"{ssid(name) or 'an access point'} ({mac(bssid)}) asked {mac(station)} for a login by "
            f"{_METHODS[eap.type]}{said}.",
            bssid=bssid,
            ssid=name,
            sender=bssid,
            receiver=station,
            threshold="one",
            confidence=LOW if proposed else HIGH if holds(frame) else MEDIUM,
            severity=Severity.NOTICE if proposed else None,
        )


class IdentityInClear(Detection[RuleSettings]):
    """A station answers a request for its identity in clear with a name that is not anonymous. Reported once for each
    station."""

    rule = "identity-in-clear"
    family = "weakness"
    title = "Login tells the user's name"
    severity = Severity.WEAKNESS
    meaning = "Everybody near can read the user name with which this device logs in, and learn from it who is here."
    advice = 'If it is yours, set an anonymous identity ("outer identity") in its settings of this network.'
    fooled_by = "Machines whose names do not refer to a person, and names invented for the network."
    reference = "RFC 3748, 5.1; RFC 7542, 2.4 (anonymous names)"
    once = True
    packets = frozenset({"eap"})

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Check the identity in an answer."""
        if frame.flags & PROTECTED or frame.ta != station:
            return None
        eap = parse_eap(frame.raw, packet.start, packet.end)
        if eap is None or eap.code != _RESPONSE or eap.type != _IDENTITY or holds(frame) is False:
            return None
        user = eap.identity.partition(b"@")[0].strip(b"\0").lower()
        if user in _ANONYMOUS or eap.identity.startswith(b"WFA-SimpleConfig"):
            return None
        name = self.air.name_of(bssid)
        what = "the number of its SIM card" if _is_imsi(eap.identity) else "a user name"
        return Claim(
            station,
            f"{mac(station)} reveals {what} in its login at {ssid(name) or mac(bssid)}",
            bssid=bssid,
            ssid=name,
            receiver=station,
            confidence=LOW,
        )


def _is_imsi(identity: bytes) -> bool:
    """Return whether an identity is a SIM card's permanent one (RFC 4186, 4.2.1.6; 3GPP TS 23.003, 14.3)."""
    user, _, realm = identity.partition(b"@")
    return len(user) in _IMSI and user.isdigit() and realm.startswith(b"wlan.mnc")


DETECTIONS = (WeakEap, IdentityInClear)

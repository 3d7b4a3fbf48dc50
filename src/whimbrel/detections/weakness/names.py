"""Names that help attackers: factory names of access points, and probed names of the user's own networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, MEDIUM, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.weakness.networks import NetworkWeakness
from whimbrel.events.air import NetworkProbed
from whimbrel.events.alerts import Severity
from whimbrel.text import mac, ssid
from whimbrel.wifi.security import Protection

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_NOBODYS = Protection.ANY_OPEN | Protection.OWE
"""The protections that need no password, whose default a name could give away."""
_DIGITS, _HEX, _WORD = "0123456789", "0123456789abcdef", "0123456789abcdefghijklmnopqrstuvwxyz"

# Prefix, alphabet of the rest, and its possible lengths. Compared one by one, because compiling a regular expression of
# this size takes a third of a second on a Pi Zero.
_FACTORY = (
    ("linksys", _DIGITS, (0, 5)), ("netgear", _DIGITS, (0, 2)), ("dlink", "", (0,)), ("dlink-", _HEX, (4,)),
    ("default", "", (0,)), ("tp-link_", _HEX, (4, 6)), ("belkin", "", (0,)), ("belkin.", _HEX, (3, 4)),
    ("asus", "", (0,)), ("asus_", _HEX, (2,)), ("tenda_", _HEX, (6,)), ("mercusys_", _HEX, (4,)),
    ("zyxel", _HEX, (4, 6)), ("huawei-", _WORD, (4, 6)), ("fritz!box ", _DIGITS, (4,)), ("speedport-", _DIGITS, (6,)),
    ("wlan-", _HEX, (6,)), ("easybox-", _HEX, (6,)), ("vodafone-", _WORD, (4, 6)), ("upc", _DIGITS, (6, 7)),
    ("unitymedia", _DIGITS, (6, 7)), ("sky", _HEX, (5,)), ("bthub-", _WORD, (4,)), ("bthub3-", _WORD, (4,)),
    ("talktalk", _HEX, (6,)), ("virginmedia", _DIGITS, (7,)), ("plusnetwireless", _HEX, (6,)),
    ("livebox-", _HEX, (4,)), ("freebox-", _HEX, (6,)), ("bbox-", _HEX, (6, 8)), ("sfr_", _HEX, (4,)),
    ("movistar_", _HEX, (4,)), ("jazztel_", _HEX, (2, 4)), ("orange-", _HEX, (4,)), ("alice-", _DIGITS, (8,)),
    ("telecom-", _DIGITS, (8,)), ("thomson", _HEX, (6,)), ("speedtouch", _HEX, (6,)), ("2wire", _DIGITS, (3,)),
    ("att", _WORD, (7,)), ("verizon-", _WORD, (4, 6)), ("fios-", _WORD, (5,)), ("myspectrumwifi", _HEX, (2,)),
    ("xfsetup-", _HEX, (4,)), ("home-", _HEX, (4,)), ("ssid", _DIGITS, (0, 1)), ("wireless", "", (0,)),
    ("wifi", "", (0,)), ("router", "", (0,)), ("modem", "", (0,)), ("setup", "", (0,)),
)  # fmt: skip
_BY_LETTER = {
    letter: [each for each in _FACTORY if each[0][0] == letter] for letter in {each[0][0] for each in _FACTORY}
}
_BAND_MARKS = ("-5g", "_5g", " 5g", "-2.4g", "_2.4g", "_ext", "-guest", "-5ghz", "_5ghz")


def from_factory(name: bytes) -> bool:
    """Return whether a network has a factory or provider name."""
    if not name.isascii():
        return False
    text = name.decode().lower()
    if text.endswith(_BAND_MARKS):
        for mark in _BAND_MARKS:
            text = text.removesuffix(mark)
    for start, alphabet, lengths in _BY_LETTER.get(text[:1], ()):
        if text.startswith(start) and len(text) - len(start) in lengths and not text[len(start) :].strip(alphabet):
            return True
    return False


class DefaultName(NetworkWeakness):
    """A protected network has a factory or provider name (`from_factory`)."""

    rule = "default-name"
    title = "Name from the factory"
    says = "has its factory name"
    meaning = (
        "If the name is unchanged, the password often is too. For some makers it can be computed from the name, and"
        " precomputed tables exist for the most common names."
    )
    advice = "If it is yours, change the name, the password, and the password of the settings page."
    fooled_by = "A name proves nothing about the password."
    reference = "WPA2 derives its key from password and name (IEEE 802.11-2020, J.4.1)"

    def heeds(self, said: Announcement) -> bool:
        """Return whether it needs a password."""
        return said.security.protection not in _NOBODYS

    def fits(self, name: bytes) -> bool:
        """Return whether it is such a name."""
        return bool(name) and from_factory(name)


class ProbingInClear(Detection[RuleSettings]):
    """A trusted device asks for any network by name, or any device asks for a guarded network by name."""

    rule = "probing-in-clear"
    family = "weakness"
    title = "Device tells its networks"
    severity = Severity.WEAKNESS
    meaning = (
        "The device broadcasts the names of networks that it knows. Anybody near learns the networks that you have"
        " used, and can offer a network of that name."
    )
    advice = (
        "Delete unneeded networks from the device, above all open ones, and do not hide the name of your own network:"
        " devices have to call for a hidden name."
    )
    fooled_by = "Another person's device may know a network of the same name."
    reference = "IEEE 802.11-2020, 11.1.4.3.2 (active scanning)"
    findings = (NetworkProbed,)
    once = True

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        """Note the probes of stations."""
        if not isinstance(finding, NetworkProbed):
            return None
        own = finding.station in self.air.guard.trusted
        if not own and finding.ssid not in self.air.guard.by_ssid:
            return None
        # Not as the sender: trusted senders raise no alerts.
        return Claim(
            (finding.station, finding.ssid),
            f'{mac(finding.station)} asks for "{ssid(finding.ssid)}" by name',
            ssid=finding.ssid,
            receiver=finding.station,
            confidence=HIGH if own else MEDIUM,
        )


DETECTIONS = (DefaultName, ProbingInClear)

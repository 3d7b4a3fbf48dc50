"""An access point with a changed identity: fingerprint, country or beacon interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.impersonation.turns import ToldInTurn
from whimbrel.survey.fingerprint import Fingerprint
from whimbrel.text import printable

if TYPE_CHECKING:
    from whimbrel.survey.beacons import Announcement

_FIRM = frozenset({"capabilities", "rates", "ht", "vht", "he", "he 6 GHz", "eht", "security"})
"""Parts that depend on the radio and the settings. Others (vendor elements, WPS, the order…) come and go during
operation, in some access points with every second beacon."""


class FingerprintChange(ToldInTurn[Fingerprint]):
    """The fingerprint of a BSSID's beacons alternates between two values, or changes for good.

    Only those parts of the fingerprint are compared that depend on the radio and its settings: capabilities, rates, HT,
    VHT, HE and EHT capabilities, security. Alternating: `returns` changes (default 3) from the lasting value back to
    the same other one, with at most `within` (default 60 s) between two changes, are a warning. Changed for good: a new
    value that lasts for `settled` (default 2 min) and 20 beacons, after 20 beacons with the old one, is a notice. Not
    judged: vendor elements, WPS, the order of elements and other parts that come and go; truncated frames; probe
    responses; values that are seen only once, as in damaged frames.
    """

    rule = "fingerprint-change"
    title = "Access point looks different"
    meaning = (
        "The elements of a beacon are a fingerprint of the device and its software. They have changed. After an update"
        " or a new setting they stay changed; if two fingerprints alternate, somebody imitates the access point."
    )
    advice = (
        "If you have just updated or set up your access point, nothing. If two fingerprints alternate, do not enter"
        " passwords in this network, and look for the second sender."
    )
    fooled_by = (
        "Updates and changed settings (only a notice). Access points that announce their 40 MHz capability only now and"
        " then change it rarely. An imitator that copies the beacon octet by octet has the same fingerprint."
    )
    reference = "IEEE 802.11-2020, 9.3.3.2 (beacon) and 9.4.2 (elements)"
    nzyme = ("MONITOR_FINGERPRINT",)

    def value(self, said: Announcement) -> Fingerprint:
        """Return the parts that rarely change."""
        return tuple([part for part in said.fingerprint if part[0] in _FIRM])

    def difference(self, one: Fingerprint, other: Fingerprint) -> str:
        """Return the names of the differing parts."""
        before, after = dict(one), dict(other)
        names = [part for part in dict.fromkeys((*before, *after)) if before.get(part) != after.get(part)]
        return ", ".join(
            part + (" came" if part not in before else " left" if part not in after else "") for part in names
        )


class CountryChange(ToldInTurn[str]):
    """The country in a BSSID's beacons alternates between two values, or changes for good.

    Alternating: `returns` changes (default 3) from the lasting country back to the same other one, with at most
    `within` (default 60 s) between two changes, are a warning. Changed for good: a new country that lasts for `settled`
    (default 2 min) and 20 beacons, after 20 beacons with the old one, is a notice. Beacons without a country are not
    judged.
    """

    rule = "country-change"
    title = "Country changed"
    meaning = (
        "An access point announces the country whose radio rules it follows. It does not move between countries; two"
        " alternating countries come from two devices."
    )
    advice = (
        "If you have changed the settings of your access point, nothing. If two countries alternate, look for the"
        " second sender."
    )
    fooled_by = "Updates and changed settings, and access points on ships and trains (only a notice)."
    reference = "IEEE 802.11-2020, 9.4.2.8 (Country element)"
    kismet = ("DOT11D",)

    def value(self, said: Announcement) -> str | None:
        """Return the two letters."""
        return said.country or None

    def difference(self, one: str, other: str) -> str:
        """Return both countries."""
        return f"country {printable(one)} and {printable(other)}"


class IntervalChange(ToldInTurn[int]):
    """The beacon interval in a BSSID's beacons alternates between two values, or changes for good.

    Alternating: `returns` changes (default 3) from the lasting interval back to the same other one, with at most
    `within` (default 60 s) between two changes, are a warning. Changed for good: a new interval that lasts for
    `settled` (default 2 min) and 20 beacons, after 20 beacons with the old one, is a notice. The networks of one radio
    have different BSSIDs and may have different intervals.
    """

    rule = "interval-change"
    title = "Beacon interval changed"
    meaning = (
        "A beacon announces the time until the next one. This setting rarely changes; two alternating values come from"
        " two devices."
    )
    advice = (
        "If you have changed the settings of your access point, nothing. If two intervals alternate, look for the"
        " second sender."
    )
    fooled_by = (
        "Changed settings, and access points that beacon less often while no station is connected (only a notice)."
    )
    reference = "IEEE 802.11-2020, 9.4.1.3 and 11.1.3 (beacon interval)"
    kismet = ("BEACONRATE",)

    def value(self, said: Announcement) -> int:
        """Return the interval in time units of 1024 us."""
        return said.interval

    def difference(self, one: int, other: int) -> str:
        """Return both intervals."""
        return f"beacon interval {one} and {other}"


DETECTIONS = (FingerprintChange, CountryChange, IntervalChange)

"""An access point that is not built as it was: fingerprint, country and beacon interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.impersonation.turns import ToldInTurn
from whimbrel.text import printable

if TYPE_CHECKING:
    from whimbrel.survey.beacons import Announcement
    from whimbrel.survey.fingerprint import Fingerprint

_FIRM = frozenset({"capabilities", "rates", "ht", "vht", "he", "he 6 GHz", "eht", "security"})
"""Parts that come from the radio and the settings. Others (vendor elements, WPS, the order…) come and go with what an
access point has to say, in some with every second beacon."""


class FingerprintChange(ToldInTurn["Fingerprint"]):
    """The beacons of one BSSID are built in two ways in turn, or in another way from now on.

    Compared are the parts of the fingerprint that depend on the radio and its settings: capabilities, rates, HT, VHT,
    HE and EHT capabilities, security. Two builds in turn: back at the one that had been left for the lasting one
    `returns` times (default 3), with at most `within` (default 60 s) between two changes: a warning. Another build that
    lasts for `settled` (default 2 min) and 20 beacons,
    after 20 of the one before: a notice. Not judged: vendor elements, WPS, the order of elements
    and other parts that come and go; frames that were cut short; probe responses; builds that are seen once, as of
    damaged frames.
    """

    rule = "fingerprint-change"
    title = "Access point looks different"
    meaning = (
        "How beacons are built gives away the device and its software. These changed: after an update or another"
        " setting they stay so; if both kinds take turns, somebody imitates the access point."
    )
    advice = (
        "If you have just updated or set up your access point, nothing. If two kinds take turns, do not enter passwords"
        " in this network and look for the second sender."
    )
    fooled_by = (
        "Updates and changed settings (a notice only). Access points that announce their 40 MHz capability now and then"
        " change it seldom. An imitator that copies the beacon octet by octet has the same fingerprint."
    )
    reference = "IEEE 802.11-2020, 9.3.3.2 (beacon) and 9.4.2 (elements)"
    nzyme = ("MONITOR_FINGERPRINT",)

    def value(self, said: Announcement) -> Fingerprint:
        """Return the parts that hardly ever change."""
        return tuple([part for part in said.fingerprint if part[0] in _FIRM])

    def difference(self, one: Fingerprint, other: Fingerprint) -> str:
        """Name the parts that differ."""
        before, after = dict(one), dict(other)
        names = [part for part in dict.fromkeys((*before, *after)) if before.get(part) != after.get(part)]
        return ", ".join(
            part + (" came" if part not in before else " left" if part not in after else "") for part in names
        )


class CountryChange(ToldInTurn[str]):
    """The beacons of one BSSID name two countries in turn, or another one from now on.

    In turn: back at the one that had been left for the lasting one `returns` times (default 3), with at most `within`
    (default 60 s) between two changes: a warning. Another country for `settled` (default 2 min) and 20 beacons,
    after 20 of the one before: a notice. Beacons without a country are not judged.
    """

    rule = "country-change"
    title = "Country changed"
    meaning = (
        "An access point names the country whose radio rules it keeps. It does not move between countries; two in turn"
        " come from two devices."
    )
    advice = "If you have set your access point up anew, nothing. If two take turns, look for the second sender."
    fooled_by = "Updates and changed settings, and access points on ships and trains (a notice only)."
    reference = "IEEE 802.11-2020, 9.4.2.8 (Country element)"
    kismet = ("DOT11D",)

    def value(self, said: Announcement) -> str | None:
        """Return the two letters."""
        return said.country or None

    def difference(self, one: str, other: str) -> str:
        """Write both."""
        return f"country {printable(one)} and {printable(other)}"


class IntervalChange(ToldInTurn[int]):
    """The beacons of one BSSID state two beacon intervals in turn, or another one from now on.

    In turn: back at the one that had been left for the lasting one `returns` times (default 3), with at most `within`
    (default 60 s) between two changes: a warning. Another interval for `settled` (default 2 min) and 20 beacons,
    after 20 of the one before: a notice. Networks of one radio have each a BSSID and may differ.
    """

    rule = "interval-change"
    title = "Beacon interval changed"
    meaning = (
        "A beacon says how long it is until the next one. That is a setting and stays; two in turn come from two"
        " devices."
    )
    advice = "If you have set your access point up anew, nothing. If two take turns, look for the second sender."
    fooled_by = "Changed settings, and access points that beacon less often while nobody is connected (a notice only)."
    reference = "IEEE 802.11-2020, 9.4.1.3 and 11.1.3 (beacon interval)"
    kismet = ("BEACONRATE",)

    def value(self, said: Announcement) -> int:
        """Return time units of 1024 us."""
        return said.interval

    def difference(self, one: int, other: int) -> str:
        """Write both."""
        return f"beacon interval {one} and {other}"


DETECTIONS = (FingerprintChange, CountryChange, IntervalChange)

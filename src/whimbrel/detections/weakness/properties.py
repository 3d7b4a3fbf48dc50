"""Weaknesses as properties of an announcement, with their names in the history."""

from __future__ import annotations

from whimbrel.wifi.security import Pmf, Protection, Security

OPEN, WEP, TKIP, WPS, NO_PMF = "open", "wep", "tkip", "wps", "no-pmf"
IN_WORDS = {
    OPEN: "no encryption",
    WEP: "WEP",
    TKIP: "TKIP",
    WPS: "WPS",
    NO_PMF: "no protection of management frames",
}
"""The weaknesses in words, for a sentence about a network."""
_OBSOLETE = frozenset({"TKIP", "WEP", "WEP-40", "WEP-104"})


def weaknesses(security: Security, *, wps: bool) -> frozenset[str]:
    """Return the names of the weaknesses of a network; none if unreadable."""
    protection = security.protection
    if protection & (Protection.UNREAD | Protection.UNREAD_RSN | Protection.UNREAD_WPA):
        return frozenset()
    found = set()
    if Protection.OPEN in protection:
        found.add(OPEN)
    elif Protection.WEP in protection:
        found.add(WEP)
    elif not _OBSOLETE.isdisjoint((*security.ciphers, security.group)):
        found.add(TKIP)
    if wps and Protection.OPEN not in protection:
        found.add(WPS)
    if security.akms and security.pmf is Pmf.NONE:
        found.add(NO_PMF)
    return frozenset(found)

"""The protection of a network: facts, and a name for people.

`Protection` has a flag for each way into a network; its text (`str`, `Protection.parse`) consists of

- ``open``; ``OWE`` (encrypted without a password); ``OWE transition`` (the open half of such a network); ``WEP``;
- ``…-Personal``, a password (PSK, SAE), or ``…-Enterprise``, a login (802.1X, FILS, CCKM), after the offered
  generations: ``WPA-Personal``, ``WPA/WPA2-Personal``, ``WPA2-Personal``, ``WPA2/WPA3-Personal``, ``WPA3-Personal``,
  and likewise ``-Enterprise``; ``WPA3-Enterprise 192-bit`` for Suite B with 192 bits;
- both, joined by `` + ``, if one network offers both; likewise ``WAPI``, and ``DPP`` and ``OSEN``;
- ``encrypted``, if a truncated frame tells no more than that;
- ``RSN`` or ``WPA``, if the element is present and its key management is unreadable or none of these.

Generations after the Wi-Fi Alliance's WPA3 specification, version 3.4: WPA is Microsoft's vendor element, WPA2 the
RSN element, WPA3 means SAE for Personal; for Enterprise, 802.1X with SHA-256 and required PMF (transition: 802.1X is
offered too and PMF is optional).
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Sequence
from typing import NamedTuple

from whimbrel.wifi.rsn import (
    Rsn,
    Wapi,
    Wpa,
    akm_name,
    cipher_name,
    parse_osen,
    parse_rsn,
    parse_wapi,
    parse_wpa,
)

_SAE = frozenset({"SAE", "FT-SAE", "SAE-EXT-KEY", "FT-SAE-EXT-KEY"})
_PSK = frozenset({"PSK", "FT-PSK", "PSK-SHA256", "PSK-SHA384", "FT-PSK-SHA384"})
_ENTERPRISE_192 = frozenset({"802.1X-SUITE-B-192", "FT-802.1X-SHA384"})
_ENTERPRISE_3 = frozenset({"802.1X-SHA256", "802.1X-SUITE-B", "802.1X-SHA384", "FT-802.1X-SHA384-UNRESTRICTED"})
_ENTERPRISE_2 = frozenset(
    {"802.1X", "FT-802.1X", "FILS-SHA256", "FILS-SHA384", "FT-FILS-SHA256", "FT-FILS-SHA384", "CCKM"}
)

_OUI_TYPE = 4
"""Octets before the content of a vendor element."""


class Pmf(enum.IntEnum):
    """Protection of management frames (IEEE 802.11-2020, 9.4.2.24.4: MFPC, MFPR); more is greater."""

    NONE = 0
    OPTIONAL = 1
    REQUIRED = 2

    def __str__(self) -> str:
        """Return the word used in settings, rows and texts."""
        return self.name.lower()


class Protection(enum.Flag):
    """The ways into a network; a network may offer several.

    The flags that begin with ``UNREAD`` mean a way that could not be read."""

    OPEN = 1
    OWE_TRANSITION = 1 << 1
    """The open half of an OWE transition network, which points to the encrypted half."""
    WEP = 1 << 2
    OWE = 1 << 3
    WPA_PERSONAL = 1 << 4
    WPA2_PERSONAL = 1 << 5
    WPA3_PERSONAL = 1 << 6
    WPA_ENTERPRISE = 1 << 7
    WPA2_ENTERPRISE = 1 << 8
    WPA3_ENTERPRISE = 1 << 9
    WPA3_ENTERPRISE_192 = 1 << 10
    """Suite B with 192 bits as the only login."""
    DPP = 1 << 11
    OSEN = 1 << 12
    UNREAD_RSN = 1 << 13
    UNREAD_WPA = 1 << 14
    WAPI = 1 << 15
    UNREAD = 1 << 16
    """Encrypted; the part of the frame with the details is missing."""

    WPA = WPA_PERSONAL | WPA_ENTERPRISE
    WPA2 = WPA2_PERSONAL | WPA2_ENTERPRISE
    WPA3 = WPA3_PERSONAL | WPA3_ENTERPRISE | WPA3_ENTERPRISE_192
    ENTERPRISE = WPA_ENTERPRISE | WPA2_ENTERPRISE | WPA3_ENTERPRISE | WPA3_ENTERPRISE_192
    ANY_OPEN = OPEN | OWE_TRANSITION

    @classmethod
    def parse(cls, text: str) -> Protection:
        """Parse the text that `str` returns, in any order. Raises ValueError for anything else."""
        found = cls(0)
        for part in text.split(" + "):
            generations, dash, kind = part.rpartition("-")
            words = [f"{each}-{kind}" for each in generations.split("/")] if dash + kind in _KINDS else [part]
            for word in words:
                if word not in _WORDS:
                    raise ValueError("the words are those of `whimbrel survey`")
                found |= _WORDS[word]
        return found

    def __str__(self) -> str:
        """Return the name for people, as described at the top of this module; empty if no flag is set."""
        text = _TEXTS.get(self.value)
        if text is None:
            text = _TEXTS[self.value] = " + ".join(_parts(self))
        return text

    @property
    def is_open(self) -> bool:
        """Whether nothing is encrypted, which includes the open half of an OWE transition network."""
        return self._value_ != 0 and not self._value_ & ~_ANY_OPEN


_ANY_OPEN: int = Protection.ANY_OPEN.value
_KINDS = {
    "-Personal": {
        "WPA": Protection.WPA_PERSONAL, "WPA2": Protection.WPA2_PERSONAL, "WPA3": Protection.WPA3_PERSONAL
    },
    "-Enterprise": {
        "WPA": Protection.WPA_ENTERPRISE, "WPA2": Protection.WPA2_ENTERPRISE, "WPA3": Protection.WPA3_ENTERPRISE
    },
}  # fmt: skip
_ALONE = {
    "open": Protection.OPEN,
    "OWE transition": Protection.OWE_TRANSITION,
    "WEP": Protection.WEP,
    "WPA3-Enterprise 192-bit": Protection.WPA3_ENTERPRISE_192,
    "OWE": Protection.OWE,
    "DPP": Protection.DPP,
    "OSEN": Protection.OSEN,
    "RSN": Protection.UNREAD_RSN,
    "WPA": Protection.UNREAD_WPA,
    "WAPI": Protection.WAPI,
    "encrypted": Protection.UNREAD,
}
"""Words that are never joined with a generation, in their order in a name."""
_WORDS = _ALONE | {name + kind: way for kind, ways in _KINDS.items() for name, way in ways.items()}
_TEXTS: dict[int, str] = {}
"""A cache of names. The air can produce a few thousand combinations at most."""


def _parts(protection: Protection) -> list[str]:
    parts = []
    for kind, ways in _KINDS.items():
        if generations := [name for name, way in ways.items() if way in protection]:
            parts.append("/".join(generations) + kind)
    return parts + [word for word, way in _ALONE.items() if way in protection]


class Security(NamedTuple):
    """The protection of a network."""

    protection: Protection
    """The ways into the network."""
    pmf: Pmf
    """Protection of management frames."""
    ciphers: tuple[str, ...]
    """Names of the pairwise ciphers, RSN's first: CCMP-128, TKIP, GCMP-256…"""
    group: str
    """Name of the group cipher, RSN's if there is one; empty for none."""
    akms: tuple[str, ...]
    """Names of the key managements, RSN's first: PSK, SAE, 802.1X, FT-PSK…"""

    @property
    def name(self) -> str:
        """The name for people. For decisions, use the other attributes."""
        return str(self.protection)

    @property
    def takes_psk(self) -> bool:
        """Whether a key management derives the PMK from a pre-shared key (IEEE 802.11-2020, table 9-151; WAPI's)."""
        return not _PSK.isdisjoint(self.akms) or "WAPI-PSK" in self.akms


OPEN = Security(Protection.OPEN, Pmf.NONE, (), "", ())
_OWE_TRANSITION = OPEN._replace(protection=Protection.OWE_TRANSITION)
_ENCRYPTED = OPEN._replace(protection=Protection.UNREAD)
_WEP = Security(Protection.WEP, Pmf.NONE, ("WEP",), "WEP", ())


@functools.lru_cache(maxsize=128)
def described(payloads: tuple[bytes | None, ...], *, privacy: bool, owe_transition: bool, whole: bool) -> Security:
    """Return the protection of a network from the `payloads` of `whimbrel.wifi.elements.Elements.protecting`; for the
    other arguments see `describe`. Cached, so that it is computed once for equal octets."""
    rsn, wapi, wpa, osen, *overrides = payloads
    return describe(
        privacy,
        None if rsn is None else parse_rsn(rsn, 0, len(rsn)),
        None if wpa is None else parse_wpa(wpa, _OUI_TYPE, len(wpa)),
        owe_transition,
        overrides=[
            *(parse_rsn(each, _OUI_TYPE, len(each)) for each in overrides if each is not None),
            *([] if osen is None else [parse_osen(osen, _OUI_TYPE, len(osen))]),
        ],
        wapi=None if wapi is None else parse_wapi(wapi, 0, len(wapi)),
        whole=whole,
    )


def describe(
    privacy: bool,
    rsn: Rsn | None,
    wpa: Wpa | None,
    owe_transition: bool = False,
    *,
    overrides: Sequence[Rsn] = (),
    wapi: Wapi | None = None,
    whole: bool = True,
) -> Security:
    """Return the protection of a network.

    `privacy` is the bit of its Capability Information; `owe_transition`, whether the element is present that points
    from one half of an OWE transition network to the other; `overrides`, the additional offers to stations that know
    RSN overriding or OSEN; `whole`, whether the elements are complete and contain nothing that rules out WEP, which has
    no element of its own. A suite missing from an RSN element has its default, CCMP-128 and 802.1X (IEEE 802.11-2020,
    9.4.2.24.2 and 9.4.2.24.3).
    """
    if rsn is None and overrides:
        rsn, *overrides = overrides
    if rsn is None and wpa is None and wapi is None:
        return _without_elements(privacy, owe_transition, whole)
    ciphers: list[str] = []
    group = ""
    pmf = Pmf.NONE
    rsn_akms: list[str] = []
    other_akms: list[str] = []
    if rsn is not None:
        pmf = _pmf(rsn)
        group = cipher_name(rsn.group) or ("" if rsn.cut else "CCMP-128")
        ciphers = [cipher_name(suite) for suite in rsn.pairwise] or ([] if rsn.cut else ["CCMP-128"])
        rsn_akms = [akm_name(suite) for suite in rsn.akms] or ([] if rsn.cut else ["802.1X"])
        for other in overrides:
            ciphers += [cipher_name(suite) for suite in other.pairwise]
            rsn_akms += [akm_name(suite) for suite in other.akms]
            if _pmf(other) != pmf:
                pmf = Pmf.OPTIONAL  # whether it is required depends on the station's choice
    if wpa is not None:
        group = group or cipher_name(wpa.group)
        ciphers += [cipher_name(suite) for suite in wpa.pairwise]
        other_akms = [akm_name(suite) for suite in wpa.akms]
    protection = _protection(rsn_akms, other_akms, pmf) or _unread(rsn, wpa)
    if wapi is not None:
        group = group or cipher_name(wapi.group)
        ciphers += [cipher_name(suite) for suite in wapi.pairwise]
        other_akms += [akm_name(suite) for suite in wapi.akms]
        protection |= Protection.WAPI
    return Security(protection, pmf, _once(ciphers), group, _once(rsn_akms + other_akms))


def _without_elements(privacy: bool, owe_transition: bool, whole: bool) -> Security:
    if privacy:
        return _WEP if whole else _ENCRYPTED
    return _OWE_TRANSITION if owe_transition else OPEN


def _unread(rsn: Rsn | None, wpa: Wpa | None) -> Protection:
    """Return the protection if no suite of these elements is known."""
    if rsn is not None:
        return Protection.UNREAD_RSN
    return Protection(0) if wpa is None else Protection.UNREAD_WPA


def _pmf(rsn: Rsn) -> Pmf:
    return Pmf.REQUIRED if rsn.pmf_required else Pmf.OPTIONAL if rsn.pmf_capable else Pmf.NONE


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _protection(rsn_akms: Sequence[str], wpa_akms: Sequence[str], pmf: Pmf) -> Protection:
    """Return the protection by the AKMs of both elements; no flag if none of them is known."""
    offered = frozenset(rsn_akms)
    old = frozenset(wpa_akms)
    # Computed in plain integers: one operation on flags costs as much as all of this.
    found = _enterprise(offered, old, pmf)
    for akms, way in _OF_WPA:
        if old & akms:
            found |= way
    for akms, way in _OF_RSN:
        if offered & akms:
            found |= way
    return _flags(found)


@functools.cache
def _flags(value: int) -> Protection:
    return Protection(value)


_OF_WPA = ((_PSK, Protection.WPA_PERSONAL.value),)
_OF_RSN = (
    (_PSK, Protection.WPA2_PERSONAL.value),
    (_SAE, Protection.WPA3_PERSONAL.value),
    (frozenset({"OWE"}), Protection.OWE.value),
    (frozenset({"DPP"}), Protection.DPP.value),
    (frozenset({"OSEN"}), Protection.OSEN.value),
)
_LOGIN, _LOGIN2, _LOGIN3, _LOGIN_192 = (
    Protection.WPA_ENTERPRISE.value,
    Protection.WPA2_ENTERPRISE.value,
    Protection.WPA3_ENTERPRISE.value,
    Protection.WPA3_ENTERPRISE_192.value,
)


def _enterprise(offered: frozenset[str], old: frozenset[str], pmf: Pmf) -> int:
    """Return the enterprise logins as the value of a `Protection`; 0 if there is none."""
    if offered & _ENTERPRISE_192 and not offered & (_ENTERPRISE_2 | _ENTERPRISE_3) and not old & _ENTERPRISE_2:
        return _LOGIN_192
    third = offered & (_ENTERPRISE_3 | _ENTERPRISE_192)
    second = offered & _ENTERPRISE_2
    # SHA-256 alone means WPA3 only if PMF is required; together with 802.1X, if PMF is possible at all.
    is_third = third and (pmf is Pmf.REQUIRED or (second and pmf is Pmf.OPTIONAL))
    # FT with 802.1X uses SHA-256 too: together with SHA-256 alone it does not make a network WPA2.
    is_second = second - {"FT-802.1X"} if is_third else second or third
    return (_LOGIN if old & _ENTERPRISE_2 else 0) | (_LOGIN2 if is_second else 0) | (_LOGIN3 if is_third else 0)

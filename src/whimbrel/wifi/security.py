"""How a network is protected, in the words that people use.

The name is one of

- ``open``; ``OWE`` (encrypted without a password); ``OWE transition`` (the open half of such a network); ``WEP``;
- ``…-Personal``, a password (PSK, SAE), or ``…-Enterprise``, a login (802.1X, FILS, CCKM), after the generations that
  are offered: ``WPA-Personal``, ``WPA/WPA2-Personal``, ``WPA2-Personal``, ``WPA2/WPA3-Personal``, ``WPA3-Personal``,
  and likewise ``-Enterprise``; ``WPA3-Enterprise 192-bit`` for Suite B with 192 bits;
- both, joined by `` + ``, where one network offers both; likewise ``WAPI``, and ``DPP`` and ``OSEN``;
- ``encrypted``, where a frame that ends too early says only that;
- ``RSN`` or ``WPA``, where the element is there and its key management cannot be read or is none of these.

Generations after the Wi-Fi Alliance's WPA3 specification, version 3.4: WPA is Microsoft's vendor element, WPA2 the
RSN element, WPA3 means SAE for Personal; for Enterprise, 802.1X with SHA-256 and required PMF (transition: with
802.1X beside it and PMF optional).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from whimbrel.wifi.rsn import Rsn, Wapi, Wpa, akm_name, cipher_name

_SAE = frozenset({"SAE", "FT-SAE", "SAE-EXT-KEY", "FT-SAE-EXT-KEY"})
_PSK = frozenset({"PSK", "FT-PSK", "PSK-SHA256", "PSK-SHA384", "FT-PSK-SHA384"})
_ENTERPRISE_192 = frozenset({"802.1X-SUITE-B-192", "FT-802.1X-SHA384"})
_ENTERPRISE_3 = frozenset({"802.1X-SHA256", "802.1X-SUITE-B", "802.1X-SHA384", "FT-802.1X-SHA384-UNRESTRICTED"})
_ENTERPRISE_2 = frozenset(
    {"802.1X", "FT-802.1X", "FILS-SHA256", "FILS-SHA384", "FT-FILS-SHA256", "FT-FILS-SHA384", "CCKM"}
)
_ALONE = ("OWE", "DPP", "OSEN")


class Security(NamedTuple):
    """How a network is protected."""

    name: str
    """As people write it; the vocabulary stands at the top of this module."""
    pmf: str
    """Protection of management frames: none, optional or required."""
    ciphers: tuple[str, ...]
    """Names of the pairwise ciphers, RSN's first: CCMP-128, TKIP, GCMP-256…"""
    group: str
    """Name of the group cipher, RSN's where there is one; empty for none."""
    akms: tuple[str, ...]
    """Names of the key managements, RSN's first: PSK, SAE, 802.1X, FT-PSK…"""


OPEN = Security("open", "none", (), "", ())
_OWE_TRANSITION = OPEN._replace(name="OWE transition")
_ENCRYPTED = Security("encrypted", "none", (), "", ())
_WEP = Security("WEP", "none", ("WEP",), "WEP", ())


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
    """Say how a network is protected.

    `privacy` is the bit of its Capability Information; `owe_transition`, whether it carries the element that points
    from one half of an OWE transition network to the other; `overrides`, what it offers beside `rsn` to stations that
    know RSN overriding; `whole`, whether nothing of its elements is missing. A suite that an RSN element leaves out has
    its default, CCMP-128 and 802.1X (IEEE 802.11-2020, 9.4.2.24.2 and 9.4.2.24.3).
    """
    if rsn is None and overrides:
        rsn, *overrides = overrides
    if rsn is None and wpa is None and wapi is None:
        if privacy:
            return _WEP if whole else _ENCRYPTED
        return _OWE_TRANSITION if owe_transition else OPEN
    ciphers: list[str] = []
    group = ""
    pmf = "none"
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
                pmf = "optional"  # whether it is required depends on what the station takes
    if wpa is not None:
        group = group or cipher_name(wpa.group)
        ciphers += [cipher_name(suite) for suite in wpa.pairwise]
        other_akms = [akm_name(suite) for suite in wpa.akms]
    name = _name(rsn_akms, other_akms, pmf) or ("RSN" if rsn is not None else "WPA" if wpa is not None else "")
    if wapi is not None:
        group = group or cipher_name(wapi.group)
        ciphers += [cipher_name(suite) for suite in wapi.pairwise]
        other_akms += [akm_name(suite) for suite in wapi.akms]
        name = f"{name} + WAPI" if name else "WAPI"
    return Security(name, pmf, _once(ciphers), group, _once(rsn_akms + other_akms))


def _pmf(rsn: Rsn) -> str:
    return "required" if rsn.pmf_required else "optional" if rsn.pmf_capable else "none"


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _name(rsn_akms: Sequence[str], wpa_akms: Sequence[str], pmf: str) -> str:
    """Name the key managements of both elements; empty where none of them has a name of this vocabulary."""
    offered = frozenset(rsn_akms)
    old = frozenset(wpa_akms)
    names = []
    personal = [
        generation
        for generation, there in (("WPA", old & _PSK), ("WPA2", offered & _PSK), ("WPA3", offered & _SAE))
        if there
    ]
    if personal:
        names.append("/".join(personal) + "-Personal")
    if enterprise := _enterprise(offered, old, pmf):
        names.append(enterprise)
    names += [name for name in _ALONE if name in offered]
    return " + ".join(names)


def _enterprise(offered: frozenset[str], old: frozenset[str], pmf: str) -> str:
    """Name what lets people log in; empty where nothing does."""
    if offered & _ENTERPRISE_192 and not offered & (_ENTERPRISE_2 | _ENTERPRISE_3) and not old & _ENTERPRISE_2:
        return "WPA3-Enterprise 192-bit"
    third = offered & (_ENTERPRISE_3 | _ENTERPRISE_192)
    second = offered & _ENTERPRISE_2
    # SHA-256 alone is WPA3 only where PMF is required; beside 802.1X, where it is possible at all.
    is_third = third and (pmf == "required" or (second and pmf == "optional"))
    # FT with 802.1X is SHA-256 too: beside SHA-256 alone it does not make a network WPA2.
    is_second = second - {"FT-802.1X"} if is_third else second or third
    generations = [
        name for name, there in (("WPA", old & _ENTERPRISE_2), ("WPA2", is_second), ("WPA3", is_third)) if there
    ]
    return "/".join(generations) + "-Enterprise" if generations else ""

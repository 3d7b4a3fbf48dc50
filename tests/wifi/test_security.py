from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wifi.rsn import AKMS, CIPHERS, Rsn, Wapi, Wpa
from whimbrel.wifi.security import OPEN, Pmf, Protection, Security, describe

IEEE, MICROSOFT = b"\x00\x0f\xac", b"\x00\x50\xf2"
CAPABLE, REQUIRED = 0x80, 0xC0
WAPI = Wapi(1, (b"\x00\x14\x72\x02",), (b"\x00\x14\x72\x01",), b"\x00\x14\x72\x01", False)


def suite(names: dict[bytes, str], name: str, oui: bytes = IEEE) -> bytes:
    return next(number for number, known in names.items() if known == name and (number[:3] == oui or oui == IEEE))


def rsn(*akms: str, pmf: int = 0, pairwise: tuple[str, ...] = ("CCMP-128",), group: str = "CCMP-128") -> Rsn:
    return Rsn(
        1,
        suite(CIPHERS, group),
        tuple(suite(CIPHERS, name) for name in pairwise),
        tuple(suite(AKMS, name) for name in akms),
        pmf,
        0,
        b"",
        False,
    )


def wpa(akm: str = "PSK") -> Wpa:
    tkip = suite(CIPHERS, "TKIP", MICROSOFT)
    return Wpa(1, tkip, (tkip,), (suite(AKMS, akm, MICROSOFT),), False)


@pytest.mark.parametrize(
    ("security", "name"),
    [
        (describe(False, None, None), "open"),
        (describe(False, None, None, owe_transition=True), "OWE transition"),
        (describe(True, rsn("OWE", pmf=REQUIRED), None), "OWE"),
        (describe(True, rsn("OWE", pmf=REQUIRED), None, owe_transition=True), "OWE"),
        (describe(True, None, None), "WEP"),
        (describe(True, None, wpa()), "WPA-Personal"),
        (describe(True, rsn("PSK"), wpa()), "WPA/WPA2-Personal"),
        (describe(True, rsn("PSK"), None), "WPA2-Personal"),
        (describe(True, rsn("PSK-SHA256", "FT-PSK"), None), "WPA2-Personal"),
        (describe(True, rsn("PSK", "SAE", pmf=CAPABLE), None), "WPA2/WPA3-Personal"),
        (describe(True, rsn("PSK", "SAE", pmf=CAPABLE), wpa()), "WPA/WPA2/WPA3-Personal"),
        (describe(True, rsn("SAE", pmf=REQUIRED), None), "WPA3-Personal"),
        (describe(True, rsn("FT-SAE", "SAE-EXT-KEY", pmf=REQUIRED), None), "WPA3-Personal"),
        (describe(True, None, wpa("802.1X")), "WPA-Enterprise"),
        (describe(True, rsn("802.1X"), wpa("802.1X")), "WPA/WPA2-Enterprise"),
        (describe(True, rsn("802.1X"), None), "WPA2-Enterprise"),
        (describe(True, rsn("FT-802.1X"), None), "WPA2-Enterprise"),
        (describe(True, rsn("802.1X-SHA256", pmf=CAPABLE), None), "WPA2-Enterprise"),
        (describe(True, rsn("802.1X", pmf=REQUIRED), None), "WPA2-Enterprise"),
        (describe(True, rsn("802.1X", "802.1X-SHA256", pmf=CAPABLE), None), "WPA2/WPA3-Enterprise"),
        (describe(True, rsn("802.1X-SHA256", pmf=REQUIRED), None), "WPA3-Enterprise"),
        (describe(True, rsn("FT-802.1X", "802.1X-SHA256", pmf=REQUIRED), None), "WPA3-Enterprise"),
        (describe(True, rsn("802.1X-SUITE-B-192", pmf=REQUIRED), None), "WPA3-Enterprise 192-bit"),
        (describe(True, rsn("FT-802.1X-SHA384", "802.1X-SUITE-B-192", pmf=REQUIRED), None), "WPA3-Enterprise 192-bit"),
        (describe(True, rsn("FILS-SHA256", "802.1X"), None), "WPA2-Enterprise"),
        (describe(True, rsn("PSK", "802.1X"), None), "WPA2-Personal + WPA2-Enterprise"),
        (describe(True, rsn("DPP"), None), "DPP"),
        (describe(True, rsn("OSEN"), None), "OSEN"),
        (describe(True, rsn("PASN"), None), "RSN"),
        (describe(True, Rsn(1, b"", (), (), 0, 0, b"", False), None), "WPA2-Enterprise"),
        (describe(True, Rsn(1, b"", (), (), 0, 0, b"", True), None), "RSN"),
        (describe(True, None, Wpa(1, b"", (), (), True)), "WPA"),
        (describe(True, rsn("PSK"), None, overrides=[rsn("SAE", pmf=REQUIRED)]), "WPA2/WPA3-Personal"),
        (describe(True, None, None, overrides=[rsn("SAE", pmf=REQUIRED)]), "WPA3-Personal"),
        (
            describe(True, rsn("802.1X"), None, overrides=[rsn("802.1X-SHA256", pmf=REQUIRED)]),
            "WPA2/WPA3-Enterprise",
        ),
        (describe(True, None, None, wapi=WAPI), "WAPI"),
        (describe(True, None, None, wapi=Wapi(0, (), (), b"", True)), "WAPI"),
        (describe(True, rsn("PSK"), wpa(), wapi=WAPI), "WPA/WPA2-Personal + WAPI"),
    ],
)
def test_names(security: Security, name: str) -> None:
    assert security.name == name
    assert Protection.parse(name) is security.protection


@given(st.integers(1, (1 << 17) - 1).map(Protection))
def test_every_combination_is_read_from_its_text(protection: Protection) -> None:
    assert Protection.parse(str(protection)) is protection


@pytest.mark.parametrize(
    "text", ["", "open + ", "-Personal", "WPA4-Personal", "wpa2-personal", "open/WEP", "OWE-transition"]
)
def test_what_is_no_security(text: str) -> None:
    with pytest.raises(ValueError, match="the words"):
        Protection.parse(text)


def test_transitions() -> None:
    assert (Protection.OWE_TRANSITION.is_open, Protection.OPEN.is_open, Protection.OWE.is_open) == (True, True, False)
    assert not Protection(0).is_open


@pytest.mark.parametrize(("akms", "takes"), [(("SAE",), False), (("SAE", "FT-PSK"), True), (("802.1X",), False)])
def test_pre_shared_keys(akms: tuple[str, ...], takes: bool) -> None:
    assert describe(True, rsn(*akms), None).takes_psk is takes


@pytest.mark.parametrize(("capabilities", "pmf"), [(0, Pmf.NONE), (CAPABLE, Pmf.OPTIONAL), (REQUIRED, Pmf.REQUIRED)])
def test_management_frame_protection(capabilities: int, pmf: Pmf) -> None:
    assert describe(True, rsn("PSK", pmf=capabilities), None).pmf is pmf


def test_management_frame_protection_with_overrides() -> None:
    assert describe(True, rsn("PSK"), None, overrides=[rsn("SAE", pmf=REQUIRED)]).pmf is Pmf.OPTIONAL
    assert describe(True, rsn("SAE", pmf=REQUIRED), None, overrides=[rsn("SAE", pmf=REQUIRED)]).pmf is Pmf.REQUIRED
    assert describe(True, rsn("PSK"), None, overrides=[rsn("PSK")]).pmf is Pmf.NONE


def test_wapi_and_overrides_name_their_suites() -> None:
    wapi = describe(True, None, None, wapi=WAPI)
    assert (wapi.akms, wapi.ciphers, wapi.group, wapi.pmf) == (("WAPI-PSK",), ("SMS4",), "SMS4", Pmf.NONE)
    both = describe(True, rsn("PSK"), None, overrides=[rsn("SAE-EXT-KEY", pairwise=("GCMP-256",), pmf=REQUIRED)])
    assert (both.akms, both.ciphers) == (("PSK", "SAE-EXT-KEY"), ("CCMP-128", "GCMP-256"))


def test_ciphers_and_key_managements_of_both_elements_once_each() -> None:
    security = describe(True, rsn("PSK", "FT-PSK", pairwise=("CCMP-128", "TKIP"), group="TKIP"), wpa())
    assert security.ciphers == ("CCMP-128", "TKIP")
    assert security.group == "TKIP"
    assert security.akms == ("PSK", "FT-PSK")


def test_left_out_suites_have_their_defaults_unless_the_element_is_cut() -> None:
    left_out = describe(True, Rsn(1, b"", (), (), 0, 0, b"", False), None)
    assert (left_out.group, left_out.ciphers, left_out.akms) == ("CCMP-128", ("CCMP-128",), ("802.1X",))
    cut = describe(True, Rsn(1, b"", (), (), 0, 0, b"", True), None)
    assert (cut.group, cut.ciphers, cut.akms) == ("", (), ())


def test_equal_networks_are_equal() -> None:
    assert describe(False, None, None) == OPEN
    assert describe(True, rsn("PSK"), None) == describe(True, rsn("PSK"), None)
    assert describe(True, rsn("PSK"), None) != describe(True, rsn("PSK", pmf=CAPABLE), None)

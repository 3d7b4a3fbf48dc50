"""Protections of networks, as their beacons announce them."""

from __future__ import annotations

from typing import NamedTuple

from tools.wids_benchmark.building import elements as el


class Protection(NamedTuple):
    """A way to protect a network; `caps` are MFPC and MFPR."""

    name: str
    akms: tuple[int, ...] = ()
    caps: int = 0
    privacy: bool = True
    wpa1: bool = False

    def elements(self, akm: int | None = None, caps: int | None = None) -> bytes:
        """Return the security elements: of a beacon, or of a station that has chosen `akm` and `caps`."""
        if not self.akms:
            return b""
        suites = self.akms if akm is None else (akm,)
        return el.rsn(suites, caps=self.caps if caps is None else caps) + (
            el.wpa() if self.wpa1 and akm is None else b""
        )

    @property
    def best(self) -> int:
        """The AKM that a modern station chooses."""
        return self.akms[-1]

    @property
    def required(self) -> bool:
        """Whether management frames must be protected."""
        return bool(self.caps & el.MFPR)


OPEN = Protection("open", privacy=False)
WEP = Protection("wep")
WPA2 = Protection("wpa2", (el.PSK,))
WPA2_PMF = Protection("wpa2-pmf", (el.PSK,), el.MFPC)
WPA2_WPA1 = Protection("wpa2-wpa1", (el.PSK,), wpa1=True)
TRANSITION = Protection("transition", (el.PSK, el.SAE), el.MFPC)
WPA3 = Protection("wpa3", (el.SAE,), el.MFPC | el.MFPR)
ENTERPRISE = Protection("enterprise", (el.EAP,))
ENTERPRISE_PMF = Protection("enterprise-pmf", (el.EAP_SHA256,), el.MFPC | el.MFPR)
OWE = Protection("owe", (el.OWE,), el.MFPC | el.MFPR)

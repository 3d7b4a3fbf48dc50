"""The contents of a scene file: the inhabitants of the simulated air, their places, and the events. Pure values."""

from __future__ import annotations

from typing import Literal

from whimbrel.drivers.sim.elements import GENERATIONS
from whimbrel.drivers.sim.security import SECURITY
from whimbrel.settings import Duration, Mac, Ssid, frozen, setting

CHANNELS = {
    "2.4": range(1, 14),
    "5": (*range(36, 65, 4), *range(100, 145, 4), *range(149, 166, 4)),
    "6": range(1, 234, 4),
}
"""Numbers of the 20 MHz channels of each band."""

Habit = Literal["asleep", "idle", "browse", "stream", "call", "sensor", "upload"]
Attack = Literal[
    "deauthentication",
    "disassociation",
    "beacon-flood",
    "hostile-names",
    "evil-twin",
    "karma",
    "channel-switch",
    "authentication-flood",
    "sae-flood",
    "pmkid-harvest",
    "probe-flood",
    "reserve-air",
    "malformed",
]
Event = Literal[
    "restart",
    "crash",
    "other-channel",
    "channel-switch",
    "radar",
    "firmware",
    "security",
    "steering",
    "idle",
    "wrong-password",
    "push-button",
    "fragments",
    "reservations",
    "coexistence",
    "leaving",
    "passing",
    "adhoc",
]


@frozen
class ScriptedNetwork:
    """One name on a radio."""

    ssid: Ssid = setting(help="Its name.")
    security: str = setting("wpa2-psk", choices=tuple(SECURITY), help="What it asks of its stations.")
    hidden: bool = setting(False, help="Whether beacons hide the name; a station that probes for it still gets it.")
    wps: bool = setting(False, help="Whether it announces WPS.")
    bssid: Mac | None = setting(None, help="Its address; derived from the radio's if not given.")
    pmkid: bool = setting(True, help="Whether message 1 of its handshakes carries a PMKID.")


@frozen
class Radio:
    """One transmitter of an access point, with all the networks on it."""

    name: str = setting(help="What the scene calls it.")
    networks: tuple[ScriptedNetwork, ...] = setting(help="What it announces.")
    band: Literal["2.4", "5", "6"] = setting("2.4", help="GHz.")
    channel: int = setting(help="Number of its channel.")
    width: Literal[20, 40, 80, 160] = setting(20, help="MHz.")
    generation: str = setting("ht", choices=GENERATIONS, help="802.11b, g (and a), n (ht), ac (vht) or ax (he).")
    position: tuple[float, ...] = setting(help="Metres east and north of the receiver's origin.")
    power: float = setting(20.0, low=-10, high=36, help="dBm.")
    vendor: str = setting("", help="First three octets of its address, as aa:bb:cc; empty for a made-up address.")
    country: str = setting("", help="Two letters; empty for none.")
    load: bool = setting(False, help="Whether it tells its load.")
    mobility_domain: int | None = setting(None, low=0, high=65535, help="Announces fast transition within this domain.")
    manages: bool = setting(
        False, help="Whether it informs stations of its neighbours and steers them there (802.11k and v)."
    )
    neighbours: tuple[str, ...] = setting((), help="Radios on 6 GHz that it reports.")
    restarts: Duration = setting(Duration(0.0), low=0.0, help="How often it restarts, disconnecting all; 0 for never.")

    def check(self) -> None:
        """Reject impossible radios; raises ValueError."""
        check_position(self.position)
        if self.channel not in CHANNELS[self.band]:
            raise ValueError(f"{self.channel} is no 20 MHz channel of the {self.band} GHz band")
        if self.band == "6" and self.generation != "he":
            raise ValueError(f"generation {self.generation} on 6 GHz, where only he works")
        widest = {"b": 20, "g": 20, "ht": 40, "vht": 160, "he": 160}[self.generation]
        if self.width > (min(widest, 40) if self.band == "2.4" else widest):
            raise ValueError(f"{self.generation} is not {self.width} MHz wide on {self.band} GHz")
        if self.vendor and not _is_prefix(self.vendor):
            raise ValueError(f"vendor {self.vendor!r} is not of the form aa:bb:cc")
        if not self.networks or len(self.networks) > 8:
            raise ValueError("a radio has one to eight networks")
        if self.country and not (len(self.country) == 2 and self.country.isascii() and self.country.isupper()):
            raise ValueError(f"country {self.country!r} is not two capital letters")


@frozen
class Stay:
    """When a station is there."""

    arrives: Duration = setting(Duration(0.0), low=0.0, help="When it first comes, from the start of the scene.")
    stays: Duration = setting(Duration(0.0), low=0.0, help="For how long, give or take a third; 0 for ever.")
    away: Duration = setting(Duration(600.0), low=1.0, help="How long until it comes again, give or take a third.")


@frozen
class ScriptedStation:
    """A phone, a laptop, a lamp; or `count` of a kind."""

    name: str = setting(help="What the scene calls it.")
    count: int = setting(1, low=1, high=500, help="How many of it.")
    network: Ssid | None = setting(None, help="Name of the network that it joins; none: it only scans.")
    generation: str = setting("ht", choices=GENERATIONS, help="The newest that it speaks.")
    bands: tuple[Literal["2.4", "5", "6"], ...] = setting(("2.4",), help="Where it looks and works.")
    vendor: str = setting("", help="First three octets of its address; empty: a made-up one, new for each visit.")
    position: tuple[float, ...] = setting((0.0, 0.0), help="Where it is, in metres, if it has no rooms.")
    rooms: tuple[tuple[float, ...], ...] = setting((), help="Positions that it walks between.")
    speed: float = setting(1.1, low=0.1, high=40, help="Metres a second while it walks.")
    rest: Duration = setting(Duration(240.0), low=0.0, help="How long it stays in each, give or take two thirds.")
    power: float = setting(15.0, low=-10, high=30, help="dBm.")
    habit: Habit = setting("idle", help="What it does while it is connected.")
    asks: tuple[Ssid, ...] = setting((), help="Names that it probes for when it scans.")
    scans: Duration = setting(Duration(180.0), low=1.0, help="How often it looks around, give or take a half.")
    visit: Stay = setting(factory=Stay, help="When it is there.")

    def check(self) -> None:
        """Reject impossible places; raises ValueError."""
        for point in (self.position, *self.rooms):
            check_position(point)
        if len(set(self.rooms)) == 1:
            raise ValueError("one room is no walk: give it as position")
        if not self.bands:
            raise ValueError("bands is empty: a station works somewhere")
        if self.vendor and not _is_prefix(self.vendor):
            raise ValueError(f"vendor {self.vendor!r} is not of the form aa:bb:cc")


@frozen
class SimulatedIncident:
    """Something that a detector ought to notice. It exists as simulated receive bytes alone."""

    kind: Attack = setting(help="What happens.")
    at: Duration = setting(low=0.0, help="When it begins, from the start of the scene.")
    lasts: Duration = setting(Duration(10.0), low=0.1, help="For how long.")
    every: Duration = setting(Duration(0.0), low=0.0, help="How often it happens again; 0 for once.")
    rate: float = setting(10.0, low=0.01, high=2000, help="Frames a second.")
    target: Ssid | None = setting(None, help="Name of the network that it is aimed at.")
    band: Literal["2.4", "5", "6"] = setting(
        "2.4", help="On which of the target's bands, or where, if there is no target."
    )
    channel: int = setting(
        6, low=1, high=233, help="Where it sends, if there is no target; where it leads, if it leads away."
    )
    broadcast: bool = setting(True, help="Whether it is aimed at all stations, not at one.")
    reason: int = setting(7, low=0, high=65535, help="Reason code of disconnections.")
    count: int = setting(50, low=1, high=5000, help="How many addresses or names it makes up.")
    security: str = setting("open", choices=tuple(SECURITY), help="The security of an imitation.")
    same_bssid: bool = setting(False, help="Whether an imitation takes the target's address too.")
    position: tuple[float, ...] = setting((6.0, 4.0), help="Where the sender is, in metres.")
    power: float = setting(18.0, low=-10, high=36, help="dBm.")

    def check(self) -> None:
        """Refuse what makes no sense together; raises ValueError."""
        check_position(self.position)
        if self.target is None and self.kind in AIMED:
            raise ValueError(f"{self.kind} needs a target")
        if self.every and self.every < self.lasts:
            raise ValueError("every is shorter than lasts: it would overlap itself")
        if self.channel not in CHANNELS[self.band]:
            raise ValueError(f"{self.channel} is no 20 MHz channel of the {self.band} GHz band")


@frozen
class SimulatedHappening:
    """Something that is no attack, and must not be taken for one."""

    kind: Event = setting(help="What happens.")
    at: Duration = setting(low=0.0, help="When it begins, from the start of the scene.")
    lasts: Duration = setting(Duration(60.0), low=0.1, help="For how long, or how long each is there.")
    every: Duration = setting(Duration(0.0), low=0.0, help="How often it happens again, give or take; 0 for once.")
    radio: str | None = setting(None, help="Name of the radio that it happens to.")
    network: Ssid | None = setting(None, help="Name of the network concerned, or of its stations' network.")
    band: Literal["2.4", "5"] = setting("2.4", help="Where it is sent, if it happens to no radio.")
    channel: int = setting(0, low=0, high=177, help="Where it goes to, or is sent; 0: where it likes.")
    count: int = setting(1, low=1, high=100, help="How many stations, attempts or beacons.")
    rate: float = setting(1.0, low=0.001, high=1000, help="How many a minute.")
    reason: int = setting(4, low=0, high=65535, help="Reason code of disconnections.")
    security: str = setting("wpa2-wpa3", choices=tuple(SECURITY), help="The security of the network then.")
    position: tuple[float, ...] = setting((6.0, 4.0), help="Where it is, in metres.")

    def check(self) -> None:
        """Refuse what makes no sense together; raises ValueError."""
        check_position(self.position)
        if self.radio is None and self.network is None and self.kind not in {"passing", "adhoc"}:
            raise ValueError(f"{self.kind} needs a radio or a network")


AIMED = frozenset(
    {
        "deauthentication",
        "disassociation",
        "evil-twin",
        "channel-switch",
        "authentication-flood",
        "sae-flood",
        "pmkid-harvest",
    }
)
"""Incidents that need a target."""


@frozen
class Deafness:
    """A spell during which the simulated radio hears nothing, to show how it is brought back."""

    at: Duration = setting(low=0.0, help="When it begins.")
    lasts: Duration = setting(Duration(0.0), low=0.0, help="When it ends by itself; 0: only after a recovery.")
    cure: Literal["retune", "cycle", "recreate", "none"] = setting("cycle", help="What brings the radio back.")


@frozen
class Scene:
    """A whole scene."""

    about: str = setting("", help="One line on what it shows.")
    receiver: tuple[float, ...] = setting((0.0, 0.0), help="Where the simulated radio is, in metres.")
    beacon_interval: int = setting(100, low=10, high=10000, help="Time units of 1024 us between beacons.")
    radios: tuple[Radio, ...] = setting((), help="Access points.")
    stations: tuple[ScriptedStation, ...] = setting((), help="Stations.")
    incidents: tuple[SimulatedIncident, ...] = setting((), help="What happens.")
    happenings: tuple[SimulatedHappening, ...] = setting((), help="What happens on a normal day.")
    deafness: tuple[Deafness, ...] = setting((), help="When the radio goes deaf.")

    def check(self) -> None:
        """Refuse names that nothing in the scene bears; raises ValueError."""
        check_position(self.receiver)
        names = [radio.name for radio in self.radios]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two radios are called {name!r}")
        ssids = {network.ssid: radio.band for radio in self.radios for network in radio.networks}
        for radio in self.radios:
            for other in radio.neighbours:
                if not any(known.name == other and known.band == "6" for known in self.radios):
                    raise ValueError(f"{radio.name} has the neighbour {other!r}, which is no radio on 6 GHz here")
        for station in self.stations:
            if station.network is not None and station.network not in ssids:
                raise ValueError(f"{station.name} joins the network {station.network!r}, which no radio here has")
        for happening in self.happenings:
            if happening.radio is not None and happening.radio not in names:
                raise ValueError(f"{happening.kind} happens to {happening.radio!r}, which is no radio here")
            if happening.network is not None and happening.network not in ssids:
                raise ValueError(f"{happening.kind} happens to the network {happening.network!r}, which no radio has")
        for incident in self.incidents:
            if incident.target is not None and not self.has(incident.target, incident.band):
                raise ValueError(
                    f"{incident.kind} is aimed at {incident.target!r} on {incident.band} GHz, which no radio has"
                )

    def has(self, ssid: bytes, band: str) -> bool:
        """Return whether a radio of `band` announces `ssid`."""
        return any(radio.band == band and ssid in [n.ssid for n in radio.networks] for radio in self.radios)


def check_position(point: tuple[float, ...]) -> None:
    """Raise ValueError unless `point` is two coordinates."""
    if len(point) != 2:
        raise ValueError(f"a position is two numbers, metres east and north, not {len(point)}")


def _is_prefix(text: str) -> bool:
    parts = text.split(":")
    return len(parts) == 3 and all(len(part) == 2 and set(part) <= set("0123456789abcdefABCDEF") for part in parts)

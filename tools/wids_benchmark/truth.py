"""The truth about a capture, as JSON beside it: who did what, when, and how much of it this ear heard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tools.wids_benchmark.building import mac
from tools.wids_benchmark.building.air import START, Sent
from tools.wids_benchmark.kinds import Kind
from tools.wids_benchmark.stage import INTENSITIES, TOTAL, Stage

FORMAT = 1


@dataclass(frozen=True)
class Attack:
    """One attack. Times are epoch seconds; addresses are written with colons."""

    kind: str
    begin: float
    end: float
    bssids: tuple[str, ...] = ()
    transmitters: tuple[str, ...] = ()
    """Addresses that the attacker's frames bear; none where each bears another one."""
    victims: tuple[str, ...] = ()
    intensity: str = ""
    notice: bool = False
    """Whether a notice tells it rightly."""
    sent: int = 0
    """Frames of the attack in the air."""
    heard: int = 0
    """Frames of the attack in this capture: none means that no detector can find it here."""


@dataclass(frozen=True)
class Site:
    """The owner's network, as he would tell a detector."""

    ssid: str
    bssids: tuple[str, ...]
    channels: tuple[int, ...]
    protection: str
    stations: tuple[str, ...] = ()
    """His devices; none where he has made no list."""


@dataclass(frozen=True)
class Truth:
    """What is in a capture; without attacks it is benign."""

    capture: str
    condition: str
    seconds: float
    frames: int
    attacks: tuple[Attack, ...] = ()
    site: Site | None = None
    tell_site: bool = False
    """Whether a detector is to be told the owner's network before."""
    scene: str = ""
    seed: int = 0
    start: float = START
    format: int = FORMAT
    malformed: bool = False
    """Whether frames of the attack are not well-formed on purpose."""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def benign(self) -> bool:
        """Whether every alert of a warning or worse is a false one."""
        return not self.attacks


def of_stage(stage: Stage, kind: Kind, heard: Sequence[Sent], **about: Any) -> Truth:
    """Return the truth about an attack as this ear heard it."""
    attack = [sent for sent in stage.air.sent if sent.attack]
    here = sum(sent.attack for sent in heard)
    parties = stage.parties

    def written(octets: list[bytes]) -> tuple[str, ...]:
        return tuple(map(mac.written, octets))

    told = Attack(
        kind=kind.name,
        begin=START + attack[0].at,
        end=START + attack[-1].at,
        bssids=written(parties.bssids),
        transmitters=written(parties.transmitters),
        victims=written(parties.victims),
        intensity=INTENSITIES[stage.intensity],
        notice=kind.notice,
        sent=len(attack),
        heard=here,
    )
    own = written([station.address for station in stage.stations])
    site = Site(stage.ap.ssid.decode(), (mac.written(stage.ap.bssid),), (6,), kind.protection.name, own)
    return Truth(
        attacks=(told,),
        site=site,
        tell_site=kind.owner,
        seconds=TOTAL,
        frames=len(heard),
        malformed=kind.malformed,
        **about,
    )


def write(path: Path, truth: Truth) -> None:
    """Write the truth as JSON."""
    path.write_text(json.dumps({**asdict(truth), "benign": truth.benign}, indent=1) + "\n", encoding="utf-8")


def _attack(told: dict[str, Any]) -> Attack:
    """Return an attack read from JSON, whose lists are tuples here."""
    return Attack(**_values(told))


def _values(told: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}


def read(path: Path) -> Truth:
    """Read it again.

    Raises `ValueError` where the file is none, and says which.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        told.pop("benign", None)
        told["attacks"] = tuple(map(_attack, told["attacks"]))
        site = told["site"]
        if site:
            told["site"] = Site(**_values(site))
        return Truth(**told)
    except (TypeError, KeyError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no truth of this benchmark ({error}): make it anew") from error

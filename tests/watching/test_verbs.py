from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until
from tests.survey.air import AP, RSN, beacon, frame

from whimbrel.detections import registry
from whimbrel.detections.base import Claim, Clear, Detection, Verdict
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.options import RuleSettings, option
from whimbrel.events.air import AccessPointFound
from whimbrel.events.alerts import Alert, AlertAcknowledged, AlertClosed, NetworksGuarded, Severity
from whimbrel.events.base import Level
from whimbrel.events.encode import encode
from whimbrel.events.radio import FrameBatch
from whimbrel.module import VerbError
from whimbrel.modules import watcher
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.settings import Mac, Ssid, evolve
from whimbrel.survey.survey import Survey
from whimbrel.testing import Lab, run_module
from whimbrel.watching import guarded_file
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH, DISASSOC
from whimbrel.wifi.security import Protection
from whimbrel.wording.sentences import sentence

HARBOUR = GuardedNetwork(ssid=Ssid(b"harbour"), bssids=(Mac(AP),))


class HissSettings(RuleSettings):
    least: int = option(default=2, low=1, high=10, help="Hisses that it takes.")


class Hiss(Detection[HissSettings]):
    """A deauthentication is heard; its reason code is how bad."""

    rule = "hiss"
    family = "disruption"
    title = "Somebody hisses"
    severity = Severity.NOTICE
    meaning, advice, fooled_by, reference = "Hissing.", "Hiss back.", "Geese.", "IEEE 802.11-2020, 11.3.4.4"
    Settings = HissSettings
    kinds = frozenset({DEAUTH, DISASSOC})

    def observe(self, frame: Frame) -> Verdict:
        if frame.kind == DISASSOC:
            return Clear(frame.ta)
        severity = {1: Severity.WARNING, 2: Severity.CRITICAL}.get(frame.raw[frame.body])
        return Claim(frame.ta, "It hissed.", bssid=AP, ssid=b"harbour", sender=frame.ta, severity=severity)


class Deaf(Detection[RuleSettings]):
    """Fails."""

    rule = "deaf"
    family = "weakness"
    title = "Fails"
    severity = Severity.WEAKNESS
    meaning = advice = fooled_by = reference = "-"
    kinds = frozenset({DEAUTH})

    def observe(self, frame: Frame) -> Verdict:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (watcher, registry, "whimbrel.watching.verbs"):
        name = f"{module}.all_detections" if isinstance(module, str) else f"{module.__name__}.all_detections"
        monkeypatch.setattr(name, lambda: (Hiss, Deaf))


def hiss(reason: int = 0, ta: bytes = AP, **more: Any) -> Frame:
    return frame(DEAUTH, b"\xff" * 6, ta, AP, bytes((reason, 0)), **more)


class Person:
    """Asks the watcher."""

    def __init__(self, lab: Lab, file: Path) -> None:
        self.lab = lab
        self.file = file

    async def ask(self, verb: str, **request: Any) -> Any:
        found = self.lab.ctx.verbs.find(verb)
        assert found is not None
        return encode(await found(request))

    async def hear(self, *frames: Frame) -> None:
        """Have frames watched; returns when they are."""
        survey: Survey = self.lab.module.survey  # type: ignore[attr-defined]
        wanted = survey.totals().frames + len(frames)
        self.lab.publish(FrameBatch(frames=list(frames)))
        await until(lambda: survey.totals().frames == wanted)

    async def refused(self, verb: str, **request: Any) -> str:
        with pytest.raises(VerbError) as refusal:
            await self.ask(verb, **request)
        return str(refusal.value)


@contextlib.asynccontextmanager
async def person(tmp_path: Path, **settings: Any) -> AsyncIterator[Person]:
    file = tmp_path / "guarded.yaml"
    async with run_module(Watcher, WatcherSettings(**{"learned": file, **settings}), name="watcher") as lab:
        await lab.ready()
        yield Person(lab, file)


def at_home(name: bytes = b"harbour", seconds: float = 70.0, **more: Any) -> list[Frame]:
    """Return enough of a network to learn it without a doubt."""
    moments = (0.0, 0.1024, 0.2048, seconds)
    return [beacon(name=name, time=1000 + at, tsf=int(at * 1e6) + 1, seq=n, **more) for n, at in enumerate(moments)]


async def test_an_alert_in_full(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        assert (await one.ask("alerts"))["alerts"] == []
        await one.hear(hiss(time=1000.0), hiss(time=1001.0))
        await one.lab.event(Alert)
        (row,) = (await one.ask("alerts"))["alerts"]
        assert (row["id"], row["rule"], row["state"], row["acknowledged"]) == ("1", "hiss", "open", False)
        assert (row["severity"], row["ssid"], row["ssid_hex"]) == ("notice", "harbour", b"harbour".hex())
        assert (row["bssid"], row["channel"], row["rssi_range"]) == ("00:11:22:33:44:55", 6, [-50, -50])
        assert (row["family"], row["meaning"], row["advice"]) == ("disruption", "Hissing.", "Hiss back.")
        assert (row["fooled_by"], row["reference"]) == ("Geese.", "IEEE 802.11-2020, 11.3.4.4")
        assert (await one.ask("alerts", alert="1"))["alerts"] == [row]
        assert (await one.ask("alerts", alert=1))["alerts"] == [row]
        fields = set(Alert.fields)
        assert fields <= row.keys()


async def test_alerts_that_go_on_and_those_that_are_over(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(hiss(), hiss(ta=b"\0" * 5 + b"\1"), frame(DISASSOC, b"\xff" * 6, AP, AP, b"\0\0"))
        await one.lab.event(AlertClosed)
        everything = (await one.ask("alerts"))["alerts"]
        assert [(row["id"], row["state"]) for row in everything] == [("2", "open"), ("1", "closed")]
        assert [row["id"] for row in (await one.ask("alerts", open=True))["alerts"]] == ["2"]
        assert "expected true or false" in await one.refused("alerts", open="yes")


async def test_the_frames_of_an_alert(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(hiss(time=1000.25, tsft=77, rssi=-61), hiss(1, time=1001.0))
        await one.lab.event(Alert)
        answer = await one.ask("evidence", alert="1")
        assert (answer["alert"]["id"], answer["left_out"], len(answer["frames"])) == ("1", 0, 2)
        first = answer["frames"][0]
        assert (first["time"], first["freq"], first["rssi"], first["tsft"], first["rate"]) == (
            1000.25,
            2437,
            -61,
            77,
            1.0,
        )
        assert bytes.fromhex(first["octets"]) == hiss().raw
        assert first["length"] == len(hiss().raw)


async def test_seen_until_it_is_worse(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(hiss())
        await one.lab.event(Alert)
        assert await one.ask("acknowledge", alert="1") == {"acknowledged": ["1"], "safe": True}
        assert await one.lab.event(AlertAcknowledged) == AlertAcknowledged(
            id="1", rule="hiss", title="Somebody hisses", incident="1"
        )
        assert await one.ask("acknowledge", alert="1") == {"acknowledged": [], "safe": True}
        assert (await one.ask("alerts", alert="1"))["alerts"][0]["acknowledged"]
        await one.hear(hiss(2, time=1001.0), beacon(time=1001.1))
        await one.lab.event(AccessPointFound)
        assert not (await one.ask("alerts", alert="1"))["alerts"][0]["acknowledged"]
        await one.hear(hiss(ta=b"\0" * 5 + b"\1"))
        await one.lab.event(Alert)
        assert await one.ask("acknowledge", alert="all") == {"acknowledged": ["2", "1"], "safe": True}
        told = [await one.lab.event(AlertAcknowledged) for _ in range(2)]
        assert [(body.id, body.together) for body in told] == [("2", 2), ("1", 0)]
        assert [body.urgency for body in told] == [Level.INFO, Level.DEBUG], "one line of the journal for all of them"
        assert sentence(told[0]).startswith("2 alerts were seen")


@pytest.mark.parametrize("verb", ["alerts", "evidence", "acknowledge"])
async def test_an_alert_that_is_none(verb: str, tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        assert "no alert '404' is remembered" in await one.refused(verb, alert="404")
        assert "expected the id" in await one.refused(verb, alert=[1])
        assert "expected the id" in await one.refused(verb, alert=True)


async def test_rules_as_they_are_in_force(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        hissing, deaf = await one.ask("rules")
        assert (hissing["rule"], hissing["enabled"], hissing["failed"]) == ("hiss", True, False)
        assert hissing["looks_for"] == "A deauthentication is heard; its reason code is how bad."
        assert hissing["settings"]["least"] == {"value": "2", "default": "2", "help": "Hisses that it takes."}
        await one.hear(hiss())
        await one.lab.event(Alert)
        hissing, deaf = await one.ask("rules")
        assert (hissing["failed"], deaf["failed"]) == (False, True)
        assert await one.ask("rules", rule="hiss") == [hissing]
        assert await one.refused("rules", rule="his") == "no rule is called 'his'; did you mean hiss?"
        assert "no rule" in await one.refused("rules", rule=7)


async def test_a_network_is_learned_and_guarded_at_once(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(*at_home())
        await one.lab.event(AccessPointFound)
        answer = await one.ask("learn", ssids=["harbour"])
        assert (answer["written"], answer["doubts"], answer["file"]) == (True, [], str(one.file))
        assert answer["networks"][0]["security"] == ["WPA2-Personal"]
        assert await one.lab.event(NetworksGuarded) == NetworksGuarded(ssids=(b"harbour",), bssids=(AP,))
        guard = one.lab.module.detections.air.guard  # type: ignore[attr-defined]
        assert guard.by_ssid[b"harbour"].bssids == (AP,)
        (network,) = guarded_file.read(one.file)
        assert (network.ssid, network.bssids, network.security) == (b"harbour", (AP,), (Protection.WPA2_PERSONAL,))


async def test_by_the_address_of_an_access_point(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(*at_home())
        await one.lab.event(AccessPointFound)
        assert (await one.ask("learn", bssid="00:11:22:33:44:55"))["written"]
        assert "SSID of that access point is unknown" in await one.refused("learn", bssid="00:11:22:33:44:56")
        assert 'bssid": expected an address' in await one.refused("learn", bssid="here")


async def test_doubts_keep_it_from_being_learned_unless_one_is_sure(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(*at_home(seconds=10.0))
        await one.lab.event(AccessPointFound)
        for request in ({}, {"dry_run": True}, {"dry_run": True, "sure": True}):
            answer = await one.ask("learn", ssids=["harbour"], **request)
            assert not answer["written"]
            (doubt,) = answer["doubts"]
            assert doubt["ssid"] == "harbour"
            assert "heard for only 10 s" in doubt["text"]
        assert not one.file.exists()
        assert (await one.ask("learn", ssids=["harbour"], sure=True))["written"]
        assert one.file.exists()


async def test_under_attack_it_says_so(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(*at_home(), hiss(time=1070.5))
        await one.lab.event(Alert)
        answer = await one.ask("learn", ssids=["harbour"])
        assert [doubt["text"] for doubt in answer["doubts"]] == ["alert 1 (Somebody hisses) is open"]
        assert not answer["written"]


async def test_what_is_guarded_is_learned_anew_without_a_name(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        assert "no network is guarded yet" in await one.refused("learn")
    async with person(tmp_path, guarded=(HARBOUR,)) as one:
        await one.hear(*at_home())
        await one.lab.event(AccessPointFound)
        assert [network["ssid"] for network in (await one.ask("learn"))["networks"]] == ["harbour"]


async def test_what_cannot_be_learned(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        assert 'no access point of "a\\nb" is heard' in await one.refused("learn", ssids=["a\nb"])
        assert "expected a list" in await one.refused("learn", ssids="harbour")
        assert "expected a list" in await one.refused("learn", ssids=["x"] * 33)
        assert "33 octets" in await one.refused("learn", ssids=["x" * 33])
        assert 'ssids": expected the name' in await one.refused("learn", ssids=[7])
        assert "expected true or false" in await one.refused("learn", ssids=["a"], sure=1)
        assert not one.file.exists()


async def test_learned_networks_are_there_at_the_next_start(tmp_path: Path) -> None:
    guarded_file.write(tmp_path / "guarded.yaml", [HARBOUR])
    async with person(tmp_path, guarded=(evolve(HARBOUR, ssid=Ssid(b"boat")),)) as one:
        assert set((await one.lab.event(NetworksGuarded)).ssids) == {b"boat", b"harbour"}
        listed = await one.ask("guarded")
        assert [(row["ssid"], row["source"]) for row in listed["networks"]] == [
            ("boat", "settings"),
            ("harbour", "learned"),
        ]
        assert listed["file"] == str(one.file)


async def test_a_network_is_forgotten(tmp_path: Path) -> None:
    guarded_file.write(tmp_path / "guarded.yaml", [HARBOUR])
    async with person(tmp_path, guarded=(evolve(HARBOUR, ssid=Ssid(b"boat")),)) as one:
        assert (await one.ask("forget", ssid="harbour"))["ssid"] == "harbour"
        assert set(one.lab.module.detections.air.guard.by_ssid) == {b"boat"}  # type: ignore[attr-defined]
        assert guarded_file.read(one.file) == ()
        assert "was not learned" in await one.refused("forget", ssid="harbour")
        assert "is in the settings" in await one.refused("forget", ssid="boat")
        assert "expected the name" in await one.refused("forget")


async def test_a_bad_file_is_told_and_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "guarded.yaml"
    file.write_text("guarded:\n- ssid: harbour\n  pfm: none\n")
    async with person(tmp_path) as one:
        warning = one.lab.ctx.warnings["learned"]
        assert f"{file}:3:3: guarded[0].pfm" in warning
        assert "did you mean pmf" in warning
        await one.hear(*at_home())
        await one.lab.event(AccessPointFound)
        before = file.read_text()
        assert "not overwritten" in await one.refused("learn", ssids=["harbour"], sure=True)
        assert "not overwritten" in await one.refused("forget", ssid="harbour")
        assert file.read_text() == before
        file.write_text(before.replace("pfm", "pmf"))
        assert (await one.ask("learn", ssids=["harbour"], sure=True))["written"]
        assert "learned" not in one.lab.ctx.warnings


async def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with person(tmp_path, learned=tmp_path / "file" / "guarded.yaml") as one:
        await one.hear(*at_home())
        await one.lab.event(AccessPointFound)
        assert "cannot write" in await one.refused("learn", ssids=["harbour"], sure=True)


async def test_check_tells_the_line(tmp_path: Path) -> None:
    file = tmp_path / "guarded.yaml"
    assert list(Watcher.check(WatcherSettings(learned=file))) == []
    file.write_text("guarded:\n- ssid: a\n  bssids: [01:00:00:00:00:00]\n")
    ((path, problem),) = Watcher.check(WatcherSettings(learned=file))
    assert path == "learned"
    assert f"{file}:3:3: guarded[0].bssids: expected addresses of access points" in problem


async def test_check_looks_at_the_file_of_the_service_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "own"))
    monkeypatch.setattr(guarded_file, "SERVICE", tmp_path / "guarded.yaml")
    assert list(Watcher.check(WatcherSettings())) == []
    (tmp_path / "guarded.yaml").write_text("guarded: 7\n")
    ((_, problem),) = Watcher.check(WatcherSettings())
    assert problem.startswith(f"{tmp_path / 'guarded.yaml'}:1:")


async def test_the_names_of_protection(tmp_path: Path) -> None:
    async with person(tmp_path) as one:
        await one.hear(*at_home(security=RSN))
        await one.lab.event(AccessPointFound)
        answer = await one.ask("learn", ssids=["harbour"], channels=True)
        assert (answer["networks"][0]["pmf"], answer["networks"][0]["channels"]) == (None, ["6"])

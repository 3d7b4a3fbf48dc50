from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pytest

from whimbrel.bus import Bus
from whimbrel.config import check, loads
from whimbrel.drivers.linux.settings import LinuxSettings
from whimbrel.drivers.nl80211.choosing import Chosen
from whimbrel.drivers.scan.settings import ScanSettings
from whimbrel.events.radio import RadioClosed, RadioOpened
from whimbrel.module import BeginAgain, Context, Handover, NotReady
from whimbrel.modules.sniffer import SnifferSettings
from whimbrel.radio import choice
from whimbrel.radio.choice import ChosenSource, RadioChoice, named_radios

ADAPTER = RadioOpened(driver="linux", description="phy1mon (phy1, ath9k_htc)")


class ScriptedChooser:
    """Chooses the first of a machine's radios that is not taken."""

    def __init__(
        self,
        sources: Collection[str],
        taken: Callable[[], Collection[str]],
        aside: Callable[[], Mapping[tuple[str, str], str]],
    ) -> None:
        self.sources = sources
        self.taken = taken
        self.aside = aside
        self.left_alone: list[str] = []

    async def choose(self) -> Chosen:
        self.left_alone = [f"{radio} {why}" for (_, radio), why in self.aside().items()]
        for radio, source in (("phy1", "linux"), ("phy0", "scan")):
            if radio not in self.taken() and source in self.sources and (source, radio) not in self.aside():
                return Chosen(source, "nobody uses it", radio)
        raise NotReady("plug in an adapter")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "make_chooser", lambda _settings, *others: ScriptedChooser(*others))
    monkeypatch.setattr(choice, "_FIRST", 0.01)
    monkeypatch.setattr(choice, "_SEEK", 0.01)


def a_choice(bus: Bus, number: int, handover: Handover | None = None, **settings: Any) -> RadioChoice:
    ctx: Context[Any] = Context("sniffer2" if number else "sniffer", None, bus, handover=handover)
    return RadioChoice(ctx, SnifferSettings(tuner="none", **settings), number)


async def test_one_receiver_chooses_as_ever() -> None:
    settings = LinuxSettings()
    assert await a_choice(Bus(), 0, source="linux", linux=settings).choose() == ChosenSource("linux", settings)
    chosen = await a_choice(Bus(), 0).choose()
    assert (chosen.driver, chosen.settings, chosen.reason) == ("linux", settings, "nobody uses it")


async def test_the_second_takes_what_the_first_leaves() -> None:
    bus = Bus()
    bus.sender("sniffer").publish(ADAPTER)
    chosen = await a_choice(bus, 1).choose()
    assert (chosen.driver, chosen.settings) == ("scan", ScanSettings(radio="phy0"))
    with pytest.raises(NotReady, match="plug in an adapter"):
        await a_choice(bus, 1, source="linux").choose()


async def test_the_second_lets_the_first_choose() -> None:
    bus = Bus()
    asked = asyncio.ensure_future(a_choice(bus, 1).choose())
    await asyncio.sleep(0)
    bus.sender("sniffer").publish(ADAPTER)
    assert (await asked).driver == "scan"


async def test_without_a_first_one_the_second_takes_the_best() -> None:
    bus = Bus()
    sender = bus.sender("sniffer")
    sender.publish(ADAPTER)
    sender.publish(RadioClosed(reason="unplugged", received=0, dropped=0))
    chosen = await a_choice(bus, 1).choose()
    assert (chosen.driver, chosen.settings) == ("linux", LinuxSettings(radio="phy1"))


async def test_the_first_does_not_take_it_from_the_second() -> None:
    bus = Bus()
    bus.sender("sniffer2").publish(ADAPTER)
    assert (await a_choice(bus, 0).choose()).settings == ScanSettings(radio="phy0")


async def test_a_radio_that_stays_deaf_is_left_alone_for_another_one() -> None:
    handover = Handover()
    chosen = a_choice(Bus(), 0, handover)
    assert (await chosen.choose()).driver == "linux"
    assert chosen.may_change
    with pytest.raises(BeginAgain, match="phy1 is left alone for a while: it is deaf"):
        await chosen.seek_another(lambda: "it is deaf")
    after = a_choice(Bus(), 0, handover)
    source = await after.choose()
    assert (source.driver, source.settings) == ("scan", ScanSettings(radio="phy0"))
    assert after._ctx.warnings == {"set-aside": "phy1 it is deaf"}
    assert (await a_choice(Bus(), 0).choose()).driver == "linux", "another process knows nothing of it"


async def test_without_another_radio_the_deaf_one_stays() -> None:
    bus, handover = Bus(), Handover()
    bus.sender("sniffer2").publish(RadioOpened(driver="scan", description="wlan0 (phy0, brcmfmac)", receiver=1))
    chosen = a_choice(bus, 0, handover)
    assert (await chosen.choose()).driver == "linux"
    await chosen.give_up("it is deaf")
    assert not chosen.may_change
    assert (await a_choice(bus, 0, handover).choose()).driver == "linux"


async def test_what_has_recovered_may_be_given_up_again_later() -> None:
    bus = Bus()
    other = bus.sender("sniffer2")
    other.publish(RadioOpened(driver="scan", description="wlan0 (phy0, brcmfmac)", receiver=1))
    chosen = a_choice(bus, 0)
    chosen._ctx.warn("set-aside", "phy2 is left alone for a while: it is deaf")
    await chosen.choose()
    told: list[str | None] = [None, None, "it is deaf"]
    with pytest.raises(IndexError):
        await chosen.seek_another(told.pop)
    assert chosen.may_change
    assert not chosen._ctx.warnings, "nothing is left alone any more"


async def test_openings_that_fail_in_a_row_are_enough() -> None:
    handover = Handover()
    for _ in range(2):
        chosen = a_choice(Bus(), 0, handover)
        await chosen.choose()
        await chosen.failed("EBUSY")
    chosen = a_choice(Bus(), 0, handover)
    await chosen.choose()
    with pytest.raises(BeginAgain, match="phy1 is left alone for a while: EBUSY"):
        await chosen.failed("EBUSY")


async def test_a_source_in_the_settings_is_never_given_up() -> None:
    chosen = a_choice(Bus(), 0, source="linux", linux=LinuxSettings(radio="phy1"))
    await chosen.choose()
    for _ in range(5):
        await chosen.failed("EBUSY")
        await chosen.give_up("it is deaf")
    assert not chosen.may_change


async def test_a_named_radio_is_used_as_it_is_named() -> None:
    bus = Bus()
    bus.sender("sniffer").publish(ADAPTER)
    for named in (LinuxSettings(radio="usb:1-1.2"), LinuxSettings(interface="wlan1")):
        assert (await a_choice(bus, 1, source="linux", linux=named).choose()).settings == named


async def test_one_radio_has_one_receiver() -> None:
    bus = Bus()
    bus.sender("sniffer").publish(ADAPTER)
    with pytest.raises(NotReady, match="phy1 is the radio of sniffer already: name another one for sniffer2"):
        a_choice(bus, 1).refuse_taken("wlan1mon (phy1, ath9k_htc)")
    a_choice(bus, 1).refuse_taken("wlan0 (phy0, brcmfmac)")
    a_choice(bus, 1).refuse_taken("simulated air, scene home, seed 7")
    a_choice(bus, 0).refuse_taken("wlan1mon (phy1, ath9k_htc)")


def test_the_radios_that_settings_name_are_claimed_once() -> None:
    phy1 = {"linux": LinuxSettings(radio="phy1"), "scan": ScanSettings(radio="phy1")}
    assert list(named_radios(SnifferSettings(tuner="none", **phy1))) == [("linux.radio", "the radio phy1")]
    wlan1 = LinuxSettings(interface="wlan1")
    assert list(named_radios(SnifferSettings(source="linux", linux=wlan1))) == [("linux.interface", "the radio wlan1")]
    assert list(named_radios(SnifferSettings(source="scan", tuner="none", linux=wlan1))) == []
    assert list(named_radios(SnifferSettings(source="sim", tuner="sim"))) == []


def test_two_receivers_with_one_radio_are_a_mistake_in_the_settings() -> None:
    named = "{source: linux, linux: {radio: phy1}}"
    found = check(loads(f"modules:\n  sniffer: {named}\n  sniffer2: {named}\n"))
    [told] = [str(problem) for problem in found if "is taken by" in str(problem)]
    assert told.startswith("<text>:3:37: modules.sniffer2.linux.radio: the radio phy1 is taken by modules.sniffer.")

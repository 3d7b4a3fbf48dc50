from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.lab.waiting import until
from tests.radio.pair import pair
from tests.radio.rig import ELEVEN, ONE, SIX, THIRTEEN, forbid, recovering

from whimbrel.events.base import Level
from whimbrel.events.radio import (
    CampOn,
    ChannelsShared,
    ClockStepped,
    FrameBatch,
    HoppingChanged,
    LockChannel,
    PauseListening,
    RadioBlind,
    RadioOpened,
    RadioRecovered,
    RadioReport,
    ResumeListening,
    UnlockChannel,
)
from whimbrel.events.system import CommandRefused
from whimbrel.module import VerbError
from whimbrel.modules import sniffer
from whimbrel.radio import verbs
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE
from whimbrel.verbs.radio import CAMP, LOCK, UNLOCK

Patch = pytest.MonkeyPatch
ALL = ("1", "6", "11", "13")


async def test_each_visits_its_share(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        await both.visits("sniffer", "1", "6")
        await both.visits("sniffer2", "11", "13")
        [shared] = both.told(ChannelsShared, "sniffer2")
        assert (shared.planned, shared.visited) == (
            (ONE.freq, SIX.freq, ELEVEN.freq, THIRTEEN.freq),
            (ELEVEN.freq, THIRTEEN.freq),
        )
        assert [opened.receiver for opened in both.told(RadioOpened)] == [0, 1]
        assert (both.row("sniffer").visited, both.row("sniffer2").visited) == (2, 2)


async def test_who_is_left_visits_everything_and_shares_again_with_who_comes_back(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        for gone, left, share in (("sniffer2", "sniffer", ("1", "6")), ("sniffer", "sniffer2", ("11", "13"))):
            await both.visits(left, *share)
            await both.stop(gone)
            await both.visits(left, *ALL)
            assert both.row(gone).state == "closed"
            await both.start(gone)
            await both.visits(left, *share)
            assert both.row(gone).state == "listening"


async def test_one_that_fails_does_not_disturb_the_other(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        await both.visits("sniffer", "1", "6")
        both.tuners["sniffer2"].refuses = {f"tune {name}": OSError("it burns") for name in ALL}
        await until(both.tasks["sniffer2"].done, "the second one fails")
        assert str(both.tasks.pop("sniffer2").exception()) == "it burns"
        await both.visits("sniffer", *ALL)
        assert not both.tasks["sniffer"].done()


async def test_a_channel_that_one_may_not_use_goes_to_the_other(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        await both.visits("sniffer", "1", "6")
        both.tuners["sniffer"].refuses = forbid("6")
        await both.visits("sniffer", "1", "11")
        await both.visits("sniffer2", "6", "13")


async def test_a_blind_one_is_recovered_while_the_other_takes_its_channels(monkeypatch: Patch, tmp_path: Path) -> None:
    recovery = recovering("cycle", pause=Duration(0.5))
    async with pair(monkeypatch, tmp_path, recovery=recovery) as both:
        both.tuners["sniffer2"].sticks_to = ELEVEN.freq  # only channel 6 has something to hear
        await until(lambda: both.told(RadioBlind, "sniffer2"), "the second one is blind")
        assert both.row("sniffer2").state == "blind"
        await both.visits("sniffer", *ALL)
        await until(lambda: "cycle" in both.tuners["sniffer2"].said, "its recovery")
        assert "cycle" not in both.tuners["sniffer"].said
        assert both.modules["sniffer2"].dead() is None, "the watchdog would end the one that hears too"
        both.tuners["sniffer2"].sticks_to = SIX.freq
        await until(lambda: both.told(RadioRecovered, "sniffer2"), "it hears again")
        await both.visits("sniffer", "1", "6")


async def test_one_whose_share_is_quiet_looks_around_before_it_counts_as_blind(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    recovery = recovering("cycle", silence=Duration(8.0), silence_max=Duration(8.0))
    async with pair(monkeypatch, tmp_path, recovery=recovery) as both:
        # Only channel 6 has something to hear: of the second's share nothing.
        await both.visits("sniffer2", "11", "13")
        for _ in range(2):
            await both.visits("sniffer2", *ALL)
            await both.visits("sniffer2", "11", "13")
        assert both.told(RadioBlind) == []
        await both.visits("sniffer", "1", "6")


async def test_a_lock_takes_the_one_that_visits_the_channel(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        await both.visits("sniffer", "1", "6")
        both.sender.publish(LockChannel(channel=ELEVEN))
        await both.visits("sniffer", "1", "6", "13")
        assert (both.row("sniffer2").mode, both.row("sniffer2").channel) == ("locked", "11")
        assert both.row("sniffer").mode == "hopping"
        both.sender.publish(UnlockChannel())
        await both.visits("sniffer", "1", "6")
        await both.visits("sniffer2", "11", "13")


async def test_one_whose_interface_was_recreated_keeps_its_lock_and_its_share(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sniffer, "_AT_ONCE", 0.0)
    async with pair(monkeypatch, tmp_path) as both:
        await both.visits("sniffer", "1", "6")
        await both.lose_interface("sniffer")
        await until(lambda: len(both.told(RadioOpened, "sniffer")) == 2, "it is opened again")
        await until(lambda: both.row("sniffer").mode == "hopping", "it says what it does")
        assert both.row("sniffer").visited == 2
        both.sender.publish(LockChannel(channel=ONE))
        await both.visits("sniffer2", "6", "11", "13")
        await both.lose_interface("sniffer")
        await until(lambda: len(both.told(RadioOpened, "sniffer")) == 3, "it is opened again")
        await until(lambda: both.row("sniffer").mode == "locked", "it says what it does")
        await both.visits("sniffer2", "6", "11", "13")


async def test_a_camp_takes_the_one_that_visits_the_channel(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        both.sender.publish(CampOn(channel=THIRTEEN, seconds=30.0))
        await until(lambda: both.row("sniffer2").mode == "camping", "a camp")
        assert "camping" not in [body.mode for body in both.told(HoppingChanged, "sniffer")]


async def test_the_verbs_of_the_first_answer_for_both(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        for channel, name in (("11", "sniffer2"), ("6", "sniffer"), ("11", "sniffer2")):
            posture = await both.verbs.ask(LOCK, {"channel": channel})
            assert (posture.mode, posture.channel, posture.receiver) == ("locked", channel, name)
        with pytest.raises(VerbError, match="locked on 11"):
            await both.verbs.ask(CAMP, {"channel": "11", "seconds": 5})
        await both.verbs.ask(UNLOCK, {})
        await both.visits("sniffer2", "11", "13")
        both.tuners["sniffer2"].refuses = forbid("13")
        with pytest.raises(VerbError, match="channel 13: no"):
            await both.verbs.ask(LOCK, {"channel": "13"})
        await both.stop("sniffer")
        posture = await both.verbs.ask(LOCK, {"channel": "1"})
        assert posture.receiver == "sniffer2", "with the first one gone, the second answers"


async def test_a_camp_that_the_other_one_refuses_is_refused_at_once(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(verbs, "_PATIENCE", 10 * PATIENCE)
    async with pair(monkeypatch, tmp_path) as both:
        await both.visits("sniffer2", "11", "13")
        posture = await both.verbs.ask(CAMP, {"channel": "13", "seconds": 3600})
        assert (posture.mode, posture.receiver) == ("camping", "sniffer2")
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(VerbError, match="camps on 13 for another"):
                await both.verbs.ask(CAMP, {"channel": "11", "seconds": 5})
        refused = both.told(CommandRefused, "sniffer2")
        assert [body.urgency for body in refused] == [Level.DEBUG], "it is no news for the journal"


async def test_a_verb_waits_for_its_own_receiver(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        await both.visits("sniffer", "1", "6")
        asked = asyncio.ensure_future(both.verbs.ask(LOCK, {"channel": "6"}))
        await asyncio.sleep(0)  # it has been obeyed, and waits for the radio
        both.bus.sender("sniffer2").publish(HoppingChanged(mode="locked", channel=ELEVEN))
        assert (await asked).channel == "6"


async def test_the_watchdog_acts_only_when_none_of_them_hears(monkeypatch: Patch, tmp_path: Path) -> None:
    recovery = recovering("cycle", pause=Duration(0.5), watchdog_rounds=1)
    async with pair(monkeypatch, tmp_path, recovery=recovery) as both:
        both.tuners["sniffer2"].sticks_to = ELEVEN.freq  # only channel 6 has something to hear
        module = both.modules["sniffer2"]
        await until(lambda: module._recovery is not None and module._recovery.dead(), "its ladder has ended")
        assert module.dead() is None
        await both.stop("sniffer")
        assert module.dead()


async def test_one_that_comes_while_listening_is_paused_does_not_listen(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        both.sender.publish(PauseListening())
        await until(lambda: both.row("sniffer").state == both.row("sniffer2").state == "paused", "both are paused")
        await both.stop("sniffer2")
        await both.start("sniffer2")
        assert both.row("sniffer2").state == "paused"
        both.sender.publish(ResumeListening())
        await until(lambda: both.row("sniffer").state == both.row("sniffer2").state == "listening", "both go on")
        await both.stop("sniffer2")
        await both.start("sniffer2")
        assert both.row("sniffer2").state == "listening"


async def test_frames_carry_the_number_of_their_receiver(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        both.tuners["sniffer2"].sticks_to = SIX.freq

        def times(name: str) -> dict[bytes, float]:
            frames = [frame for batch in both.told(FrameBatch, name) for frame in batch.frames]
            return {frame.raw[frame.start : frame.end]: frame.time for frame in frames}

        await until(lambda: len(times("sniffer").keys() & times("sniffer2").keys()) > 10, "frames that both hear")
        first, second = times("sniffer"), times("sniffer2")
        assert all(first[content] == second[content] for content in first.keys() & second.keys()), "it is one air"
        for batch in both.told(FrameBatch):
            assert {frame.receiver for frame in batch.frames} == {batch.receiver}
        assert {batch.receiver for batch in both.told(FrameBatch, "sniffer2")} == {1}
        clocks = [frame.tsft for batch in both.told(FrameBatch, "sniffer2") for frame in batch.frames]
        assert set(clocks) == {None}, "its clock is not that of the first one"


async def test_listening_time_is_counted_for_each(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path, report=Duration(0.2)) as both:

        def done() -> bool:
            return all(
                (told := both.told(RadioReport, name)) and told[-1].listened > 1 for name in ("sniffer", "sniffer2")
            )

        await until(done, "a second of listening")
        for name, share in (("sniffer", {ONE.freq, SIX.freq}), ("sniffer2", {ELEVEN.freq, THIRTEEN.freq})):
            report = both.told(RadioReport, name)[-1]
            spent = dict(report.channels)
            assert sum(spent[freq] for freq in share) > 0.8 * report.listened
            assert sum(spent.values()) <= report.listened + 0.01


async def test_a_step_of_the_system_clock_is_told_once(monkeypatch: Patch, tmp_path: Path) -> None:
    async with pair(monkeypatch, tmp_path) as both:
        for name in ("sniffer", "sniffer2"):
            both.modules[name]._notice(ClockStepped(delta=3600.2))
        both.modules["sniffer2"]._notice(ClockStepped(delta=-20.0))
        assert [body.delta for body in both.told(ClockStepped)] == [3600.2, -20.0]

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.lab.alerts import alert
from tests.lab.waiting import until
from tests.radio.rig import (
    ELEVEN,
    ONE,
    SIX,
    THIRTEEN,
    Rig,
    WilfulTuner,
    forbid,
    found,
    hopping,
    listening,
    settings,
)

from whimbrel.drivers.ports import TuneError
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.events.alerts import Severity
from whimbrel.events.radio import (
    CampOn,
    FrameBatch,
    HoppingChanged,
    LockChannel,
    RadioClosed,
    RadioOpened,
    Tuned,
    TuneFailed,
    UnlockChannel,
)
from whimbrel.events.system import CommandRefused
from whimbrel.radio import conductor
from whimbrel.settings import Duration
from whimbrel.wifi.channels import Channel, parse_channel

Patch = pytest.MonkeyPatch


async def test_it_visits_the_plan_in_laps_and_frames_say_so(monkeypatch: Patch, tmp_path: Path) -> None:
    plan = hopping("1", "6", "11", adaptive=False, dwell=Duration(0.15))
    async with listening(monkeypatch, settings(tmp_path, plan)) as rig:
        opened = await rig.lab.event(RadioOpened)
        assert opened.channels == (2412, 2437, 2462)
        changed = await rig.lab.event(HoppingChanged)
        assert (changed.mode, changed.channel, changed.reason) == ("hopping", None, "")
        visits = await rig.visits(8)
        assert [visit.channel for visit in visits] == [ONE, SIX, ELEVEN, ONE, SIX, ELEVEN, ONE, SIX]
        assert {visit.dwell for visit in visits} == {0.15}
        await rig.lab.event(FrameBatch, lambda batch: batch.freq == SIX.freq)
        assert {frame.freq for frame in (await rig.lab.event(FrameBatch)).frames} == {2437}
        assert rig.bodies(TuneFailed) == []
        assert rig.bodies(HoppingChanged) == [changed]


async def test_a_radio_that_stays_where_it_was_is_found_out(monkeypatch: Patch, tmp_path: Path) -> None:
    def lie(tuner: WilfulTuner) -> None:
        tuner.sticks_to = SIX.freq

    plan = hopping("1", "11", dwell=Duration(0.15))
    async with listening(monkeypatch, settings(tmp_path, plan), lie) as rig:
        failed = await rig.lab.event(TuneFailed)
        assert failed.channel in {ONE, ELEVEN}
        assert "frames show that the radio is at 2437 MHz" in failed.reason
        assert not failed.dropped
        assert len(rig.bodies(Tuned)) >= 3


async def test_a_locked_radio_that_is_elsewhere_is_sent_there_again(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(conductor, "_LONG_STAY", 0.1)
    async with listening(monkeypatch, settings(tmp_path, hopping("6"))) as rig:
        rig.tuner.sticks_to = SIX.freq
        rig.lab.publish(LockChannel(channel=ELEVEN))
        await rig.lab.event(Tuned, lambda tuned: tuned.channel == ELEVEN)
        failed = await rig.lab.event(TuneFailed)
        assert failed.channel == ELEVEN
        assert "2437 MHz" in failed.reason
        assert (await rig.lab.event(Tuned)) == Tuned(channel=ELEVEN, dwell=0.0)


async def test_what_is_not_allowed_here_is_told_and_left_out(monkeypatch: Patch, tmp_path: Path) -> None:
    wanted = settings(tmp_path, hopping("6", "36"))
    wanted = settings(tmp_path, hopping("6", "36"), sim=SimSettings(scene=wanted.sim.scene, bands=("2.4",)))
    async with listening(monkeypatch, wanted) as rig:
        assert (await rig.lab.event(RadioOpened)).channels == (2437,)
        failed = await rig.lab.event(TuneFailed)
        assert (failed.channel, failed.dropped) == (Channel(5180), True)
        assert {visit.channel for visit in await rig.visits(3)} == {SIX}


async def test_a_forbidden_channel_is_dropped_and_told(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(
        monkeypatch, settings(tmp_path, hopping("1", "6", "11")), lambda tuner: tuner.refuses.update(forbid("6"))
    ) as rig:
        failed = await rig.lab.event(TuneFailed)
        assert failed == TuneFailed(channel=SIX, reason="channel 6: no", dropped=True)
        assert {visit.channel for visit in await rig.visits(6)} == {ONE, ELEVEN}
        assert rig.tuner.said.count("tune 6") == 1
        assert rig.lab.ctx.warnings == {}


async def test_forbidden_channels_are_no_reason_to_pause(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(conductor, "_PAUSE_MIN", 60.0)
    monkeypatch.setattr(conductor, "_PAUSE_MAX", 60.0)
    names = [str(number) for number in range(1, 14)]
    async with listening(
        monkeypatch, settings(tmp_path, hopping(*names)), lambda tuner: tuner.refuses.update(forbid(*names[:-1]))
    ) as rig:
        await until(lambda: rig.tuner.said.count("tune 13") > 1)
        while len(rig.bodies(TuneFailed)) < 12:
            await rig.lab.event(TuneFailed)
        assert (await rig.visits(1))[0].channel == THIRTEEN


async def test_with_every_channel_dropped_it_warns_and_still_obeys(monkeypatch: Patch, tmp_path: Path) -> None:
    def warned(rig: Rig) -> bool:
        return "no channel is left" in rig.lab.ctx.warnings.get("plan", "")

    async with listening(
        monkeypatch, settings(tmp_path, hopping("1", "6")), lambda tuner: tuner.refuses.update(forbid("1", "6"))
    ) as rig:
        await until(lambda: warned(rig))
        rig.lab.publish(LockChannel(channel=ELEVEN))
        await rig.lab.event(Tuned, lambda tuned: tuned.channel == ELEVEN)
        assert not warned(rig)
        rig.lab.publish(UnlockChannel())
        await until(lambda: warned(rig))
        assert rig.tuner.said.count("tune 1") == rig.tuner.said.count("tune 6") == 1


async def test_a_radio_that_refuses_for_now_is_asked_ever_less_often(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(conductor, "_PAUSE_MIN", 0.01)
    busy = TuneError("phy0 is busy")
    async with listening(
        monkeypatch,
        settings(tmp_path, hopping("1", "6")),
        lambda tuner: tuner.refuses.update({"tune 1": busy, "tune 6": busy}),
    ) as rig:
        await until(lambda: len(rig.tuner.times) >= 6)
        gaps = [later - earlier for earlier, later in itertools.pairwise(rig.tuner.times)]
        assert all(gap >= 0.0095 * 2**place for place, gap in enumerate(gaps[:5]))
        assert set(rig.tuner.said) == {"tune 1", "tune 6"}
        await until(lambda: rig.lab.ctx.warnings)
        assert rig.lab.ctx.warnings["tuner"] == "no channel can be set: phy0 is busy"
        rig.tuner.refuses.clear()
        visits = await rig.visits(2)
        assert {visit.channel for visit in visits} == {ONE, SIX}
        assert rig.lab.ctx.warnings == {}
        failures = rig.bodies(TuneFailed)
        assert len(failures) >= 6
        assert not any(failure.dropped for failure in failures)


async def test_a_channel_that_is_refused_for_now_does_not_keep_the_others_waiting(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    async with listening(
        monkeypatch,
        settings(tmp_path, hopping("1", "6", "11")),
        lambda tuner: tuner.refuses.update({"tune 6": TuneError("busy")}),
    ) as rig:
        assert {visit.channel for visit in await rig.visits(6)} == {ONE, ELEVEN}
        rig.tuner.refuses.clear()
        await rig.lab.event(Tuned, lambda tuned: tuned.channel == SIX)


async def test_a_tuner_that_hangs_is_given_up(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(conductor, "TUNER_PATIENCE", 0.1)
    async with listening(
        monkeypatch, settings(tmp_path, hopping("1", "6", "11")), lambda tuner: tuner.hangs.add("tune 6")
    ) as rig:
        failed = await rig.lab.event(TuneFailed)
        assert failed.channel == SIX
        assert "no answer for 0.1 s" in failed.reason
        assert set(rig.tuner.cancelled) == {"tune 6"}
        rig.tuner.hangs.clear()
        assert {visit.channel for visit in await rig.visits(5)} == {ONE, SIX, ELEVEN}


async def test_a_tuner_that_breaks_ends_the_module(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "6"))) as rig:
        await rig.visits(2)
        rig.tuner.refuses["tune 6"] = OSError("no such thing")
        with pytest.raises(OSError, match="no such thing"):
            await rig.lab.event(FrameBatch, lambda _: False)
        assert rig.tuner.said[-1] == "close"
        assert rig.bodies(RadioClosed)[0].reason == "no such thing"


async def test_a_lock_holds_until_it_is_undone(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "11"))) as rig:
        await rig.lab.event(HoppingChanged)
        rig.lab.publish(LockChannel(channel=SIX, reason="an evil twin"))
        changed = await rig.lab.event(HoppingChanged)
        assert changed == HoppingChanged(mode="locked", channel=SIX, reason="an evil twin")
        assert await rig.visits(1) == [Tuned(channel=SIX, dwell=0.0)]
        for _ in range(20):
            batch = await rig.lab.event(FrameBatch)
            assert batch.freq == SIX.freq
        requests = len(rig.tuner.said)
        rig.lab.publish(LockChannel(channel=SIX, reason="once more"))
        rig.lab.publish(CampOn(channel=ONE, seconds=0.001, reason="under the lock"))
        rig.lab.publish(CampOn(channel=ONE, seconds=0.0, reason="refused, once the one before is obeyed"))
        await rig.lab.event(CommandRefused)
        over = time.monotonic() + 0.001
        await until(lambda: time.monotonic() > over)
        assert len(rig.tuner.said) == requests
        rig.lab.publish(UnlockChannel(reason="it is gone"))
        changed = await rig.lab.event(HoppingChanged)
        assert changed == HoppingChanged(mode="hopping", reason="it is gone")
        assert {visit.channel for visit in await rig.visits(4)} == {ONE, ELEVEN}


async def test_a_camp_ends_by_itself(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "11"))) as rig:
        await rig.lab.event(HoppingChanged)
        sent = rig.lab.publish(CampOn(channel=SIX, seconds=0.3, reason="a handshake"))
        changed = await rig.lab.event(HoppingChanged)
        assert (changed.mode, changed.channel, changed.reason) == ("camping", SIX, "a handshake")
        assert changed.until == pytest.approx(sent.time + 0.3, abs=1.0)
        (visit,) = await rig.visits(1)
        assert visit.channel == SIX
        assert 0 < visit.dwell <= 0.3
        changed = await rig.lab.event(HoppingChanged)
        assert changed == HoppingChanged(mode="hopping")
        assert rig.tuner.said.count("tune 6") == 1
        assert rig.bodies(TuneFailed) == []
        assert {visit.channel for visit in await rig.visits(4)} == {ONE, ELEVEN}
        rig.lab.publish(CampOn(channel=SIX, seconds=0.05))
        assert (await rig.lab.event(HoppingChanged)).mode == "camping"


async def test_a_camp_elsewhere_does_not_move_a_radio_that_camps(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "11"))) as rig:
        rig.lab.publish(CampOn(channel=SIX, seconds=30.0))
        await rig.lab.event(HoppingChanged, lambda changed: changed.mode == "camping")
        rig.lab.publish(CampOn(channel=ELEVEN, seconds=5.0, reason="while it camps"))
        rig.lab.publish(LockChannel(channel=SIX, reason="which comes after it"))
        assert (await rig.lab.event(HoppingChanged)).reason == "which comes after it"
        assert rig.tuner.said[rig.tuner.said.index("tune 6") :] == ["tune 6"] * rig.tuner.said.count("tune 6")


async def test_a_longer_camp_does_not_move_the_radio(monkeypatch: Patch, tmp_path: Path) -> None:
    # Long enough for the second command to come before its end on any machine.
    plan = hopping("1", "11", camp_max=Duration(2.3))
    async with listening(monkeypatch, settings(tmp_path, plan)) as rig:
        rig.lab.publish(CampOn(channel=SIX, seconds=2.0))
        await rig.lab.event(Tuned, lambda tuned: tuned.channel == SIX)
        rig.lab.publish(CampOn(channel=SIX, seconds=3600.0))
        (rest,) = await rig.visits(1)
        assert rest.channel == SIX
        assert 0 < rest.dwell <= 0.31
        assert (await rig.visits(1))[0].channel in {ONE, ELEVEN}


@pytest.mark.parametrize("seconds", [float("nan"), 0.0, -1.0])
async def test_a_camp_without_a_length_is_none(monkeypatch: Patch, tmp_path: Path, seconds: float) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "11"))) as rig:
        rig.lab.publish(CampOn(channel=SIX, seconds=seconds))
        assert {visit.channel for visit in await rig.visits(6)} == {ONE, ELEVEN}


@pytest.mark.parametrize("text", ["36", "36/80", "6GHz:37"])
async def test_a_lock_on_what_is_not_allowed_is_refused(monkeypatch: Patch, tmp_path: Path, text: str) -> None:
    wanted = settings(tmp_path, hopping("1", "6"))
    wanted = settings(tmp_path, hopping("1", "6"), sim=SimSettings(scene=wanted.sim.scene, bands=("2.4",)))
    async with listening(monkeypatch, wanted) as rig:
        asked = rig.lab.publish(LockChannel(channel=parse_channel(text)))
        refused = await rig.lab.event(CommandRefused)
        assert (refused.command, refused.answers) == ("lock-channel", asked.seq)
        assert f"channel {text}: " in refused.text
        assert "regulatory domain does not allow" in refused.text
        await rig.visits(4)
        assert {changed.mode for changed in rig.bodies(HoppingChanged)} == {"hopping"}
        assert f"tune {text}" not in rig.tuner.said


async def test_a_lock_that_the_radio_refuses_for_good_is_undone(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(
        monkeypatch, settings(tmp_path, hopping("1", "6")), lambda tuner: tuner.refuses.update(forbid("11"))
    ) as rig:
        await rig.lab.event(HoppingChanged)
        asked = rig.lab.publish(LockChannel(channel=ELEVEN))
        assert (await rig.lab.event(HoppingChanged)).mode == "locked"
        refused = await rig.lab.event(CommandRefused)
        assert (refused.command, refused.text, refused.answers) == ("lock-channel", "channel 11: no", asked.seq)
        assert await rig.lab.event(TuneFailed) == TuneFailed(channel=ELEVEN, reason="channel 11: no")
        changed = await rig.lab.event(HoppingChanged)
        assert changed == HoppingChanged(mode="hopping", reason="channel 11 is forbidden")
        assert {visit.channel for visit in await rig.visits(4)} == {ONE, SIX}


async def test_a_lock_that_the_radio_refuses_for_now_is_kept(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(
        monkeypatch,
        settings(tmp_path, hopping("1", "6")),
        lambda tuner: tuner.refuses.update({"tune 11": TuneError("busy")}),
    ) as rig:
        asked = rig.lab.publish(LockChannel(channel=ELEVEN))
        refused = await rig.lab.event(CommandRefused)
        assert (refused.text, refused.answers) == ("busy; it goes on trying", asked.seq)
        await rig.lab.event(TuneFailed)
        await rig.lab.event(TuneFailed)
        assert len(rig.bodies(CommandRefused)) == 1, "once is enough"
        rig.tuner.refuses.clear()
        assert await rig.lab.event(Tuned, lambda tuned: tuned.channel == ELEVEN) == Tuned(channel=ELEVEN, dwell=0.0)


async def test_a_flood_of_findings_cannot_push_a_command_out(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "11"))) as rig:
        rig.lab.publish(LockChannel(channel=SIX))
        for number in range(3 * rig.lab.bus.capacity):
            rig.lab.publish(found(ONE, number))
        await rig.lab.event(HoppingChanged, lambda changed: changed.channel == SIX)


@pytest.mark.parametrize("adaptive", [True, False])
async def test_findings_bring_the_radio_back_more_often(monkeypatch: Patch, tmp_path: Path, adaptive: bool) -> None:
    names = ["6", "36", "44", "52", "60", "100", "108", "116"]
    async with listening(monkeypatch, settings(tmp_path, hopping(*names, adaptive=adaptive))) as rig:
        await rig.visits(1)
        for number in range(30):
            rig.lab.publish(found(SIX, number))
        count = Counter(visit.channel for visit in await rig.visits(64))
        others = [count[channel] for channel in count if channel != SIX]
        assert len(others) == 7
        if adaptive:
            assert count[SIX] > 2 * max(others)
        else:
            assert abs(count[SIX] - max(others)) <= 1


@pytest.mark.parametrize(("severity", "often"), [(Severity.WARNING, True), (Severity.WEAKNESS, False)])
async def test_an_alert_brings_the_radio_back_more_often(
    monkeypatch: Patch, tmp_path: Path, severity: Severity, often: bool
) -> None:
    names = ["6", "36", "44", "52", "60", "100", "108", "116"]
    async with listening(monkeypatch, settings(tmp_path, hopping(*names))) as rig:
        await rig.visits(1)
        rig.lab.publish(alert(1, severity=severity, freq=SIX.freq, channel=6))
        count = Counter(visit.channel for visit in await rig.visits(64))
        others = [count[channel] for channel in count if channel != SIX]
        assert (count[SIX] > 2 * max(others)) is often


async def test_nothing_is_left_running(monkeypatch: Patch, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "6"))) as rig:
        await rig.visits(3)
    assert asyncio.all_tasks() == before
    assert rig.tuner.said[-1] == "close"

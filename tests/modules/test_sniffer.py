from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lab.frames import BEACON
from tests.lab.pcap import pcap_header, pcap_record
from tests.lab.waiting import until
from tests.radio.rig import ELEVEN, ONE, SIX, WilfulTuner, forbid, hopping, listening, settings

from whimbrel.config import loads
from whimbrel.drivers.nl80211.choosing import Chosen
from whimbrel.drivers.pcap import PcapSettings
from whimbrel.drivers.ports import Deliver, Losses, RadioGone, TuneError, next_turn
from whimbrel.drivers.registry import SOURCES, TUNERS
from whimbrel.drivers.sim.settings import SimSettings
from whimbrel.drivers.sim.source import SimSource
from whimbrel.events.base import Body
from whimbrel.events.device import AirSnapshot
from whimbrel.events.encode import encode
from whimbrel.events.radio import (
    CampOn,
    CaptureDamaged,
    ClockStepped,
    FrameBatch,
    FramesLost,
    HoppingChanged,
    ListeningChanged,
    LockChannel,
    PauseListening,
    ProbingChanged,
    RadioClosed,
    RadioOpened,
    RadioReport,
    ResumeListening,
    Tuned,
)
from whimbrel.events.system import CommandRefused
from whimbrel.module import BeginAgain, NotReady, VerbError
from whimbrel.modules.sniffer import Sniffer, SnifferSettings
from whimbrel.precedence import people
from whimbrel.radio import choice, pace, verbs
from whimbrel.receivers import receiver_rows
from whimbrel.settings import Duration, evolve
from whimbrel.settings.problems import ConfigError
from whimbrel.testing import Lab, run_module
from whimbrel.wifi.frames import Malformed
from whimbrel.wording.sentences import sentence

Patch = pytest.MonkeyPatch


class ScriptedSource:
    """A source controlled by a test."""

    live = True
    description = "wlan1mon (phy1, made up)"
    settings = SimSettings()

    def __init__(self, _settings: object) -> None:
        self.on_event: Callable[[Body], object] = lambda _: None
        self.turn: Callable[[], Awaitable[None]] = next_turn
        self.totals = Losses(0, 0)
        self.opened = self.closed = 0
        self.missing: NotReady | None = None
        self.at_once = False
        self.patience = 0.0
        self.hurried = 0
        self.has_room: Callable[[], bool] = lambda: True
        self.deliver: Deliver | None = None
        self._end: asyncio.Future[None]

    @staticmethod
    def check(_settings: object) -> list[tuple[str, str]]:
        return [("interface", "it is not there")]

    async def open(self) -> None:
        if self.missing is not None:
            raise self.missing
        self.opened += 1
        self.totals = Losses(0, 0)

    async def run(self, deliver: Deliver) -> None:
        if self.at_once:
            raise RadioGone("wlan1mon is gone")
        self.deliver = deliver
        self._end = asyncio.get_running_loop().create_future()
        await self._end

    def losses(self) -> Losses:
        return self.totals

    async def close(self) -> None:
        self.closed += 1

    def hurry(self) -> None:
        self.hurried += 1

    def tune(self, freq: int | None) -> None:
        """Tune it like the simulated radio."""

    def cure(self, how: str) -> None:
        """Recover it like the simulated radio."""

    def bring(self, *frames: bytes, link_type: int = 127) -> None:
        assert self.deliver is not None
        self.deliver(link_type, [(float(number), frame, len(frame)) for number, frame in enumerate(frames)])

    def fail(self, error: Exception) -> None:
        self._end.set_exception(error)


@pytest.fixture
def source(monkeypatch: Patch) -> ScriptedSource:
    made = ScriptedSource(None)
    monkeypatch.setattr(SOURCES, "load", lambda _: lambda _settings: made)
    monkeypatch.setattr("whimbrel.modules.sniffer._AT_ONCE", 0.0)
    return made


SCRIPTED = SnifferSettings(source="linux", tuner="none", report=Duration(0.05))
PATIENT = SCRIPTED.replace(report=Duration(3600.0))


def bodies(lab: Lab, kind: type) -> list[Any]:
    return [event.body for event in lab.events if isinstance(event.body, kind)]


def captured(path: Path, *frames: bytes, cut: int = 0) -> SnifferSettings:
    """Write a capture, less its last octets, and return the settings to read it."""
    octets = pcap_header() + b"".join(pcap_record(frame, seconds) for seconds, frame in enumerate(frames))
    path.write_bytes(octets[: len(octets) - cut])
    return SnifferSettings(source="pcap", tuner="none", pcap=PcapSettings(files=(path,)))


async def ended(wanted: SnifferSettings) -> Lab:
    """Run a sniffer to its end."""
    async with run_module(Sniffer, wanted) as lab:
        await lab.event(RadioClosed)
        await lab._task
    return lab


async def refusal(wanted: SnifferSettings) -> str:
    async with run_module(Sniffer, wanted) as lab:
        with pytest.raises(NotReady) as caught:
            await lab.ready()
    return str(caught.value)


async def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    lab = await ended(captured(tmp_path / "a.pcap", *[BEACON] * 100))
    (opened,) = bodies(lab, RadioOpened)
    assert (opened.driver, opened.description, opened.channels) == ("pcap", "a.pcap", ())
    sizes = [len(batch.frames) for batch in bodies(lab, FrameBatch)]
    assert sum(sizes) == 100
    assert max(sizes) <= 64
    assert {frame.freq for batch in bodies(lab, FrameBatch) for frame in batch.frames} == {SIX.freq}
    (report,) = bodies(lab, RadioReport)
    assert (report.received, report.dropped, report.malformed, report.bad_fcs) == (100, 0, 0, 0)
    assert dict(report.types) == {"management": 100, "control": 0, "data": 0, "extension": 0, "unreadable": 0}
    closed = bodies(lab, RadioClosed)
    assert closed == [RadioClosed(reason="the end of the source", received=100, dropped=0)]


async def test_damage_passes_through(tmp_path: Path) -> None:
    lab = await ended(captured(tmp_path / "a.pcap", BEACON, BEACON, BEACON, cut=5))
    (damaged,) = bodies(lab, CaptureDamaged)
    assert damaged.file == str(tmp_path / "a.pcap")
    assert damaged.frames == 2
    assert bodies(lab, RadioClosed)[0].received == 2


async def test_what_cannot_be_parsed_is_counted(source: ScriptedSource) -> None:
    async with run_module(Sniffer, SCRIPTED) as lab:
        await until(lambda: source.deliver)
        source.bring(BEACON, BEACON[:9], b"")
        source.bring(BEACON, link_type=1)
        batches = [await lab.event(FrameBatch), await lab.event(FrameBatch)]
        problems = [frame.malformed for batch in batches for frame in batch.frames]
        assert problems[0] is None
        assert None not in problems[1:]
        assert problems[3] is Malformed.LINK_TYPE
        report = await lab.event(RadioReport, lambda report: report.malformed == 3)
        assert sum(number for _, number in report.types) == 4


async def test_a_pause_skips_frames_and_tells_how_many(source: ScriptedSource) -> None:
    async with run_module(Sniffer, SCRIPTED) as lab:
        await until(lambda: source.deliver)
        pause = lab.publish(PauseListening(reason="test"))
        again = lab.publish(PauseListening(reason="twice is once"))
        assert await lab.event(ListeningChanged) == ListeningChanged(paused=True, answers=pause.seq)
        refused = await lab.event(CommandRefused)
        assert (refused.command, refused.answers) == ("pause-listening", again.seq)
        source.bring(BEACON, BEACON, BEACON)
        go_on = lab.publish(ResumeListening())
        assert await lab.event(ListeningChanged) == ListeningChanged(paused=False, skipped=3, answers=go_on.seq)
        source.bring(BEACON)
        assert len((await lab.event(FrameBatch)).frames) == 1
        assert not bodies(lab, FrameBatch)[1:]


async def test_a_pause_ends_with_the_run(source: ScriptedSource) -> None:
    async with run_module(Sniffer, SCRIPTED) as lab:
        await until(lambda: source.deliver)
        lab.publish(PauseListening())
        assert (await lab.event(ListeningChanged)).paused
        source.bring(BEACON, BEACON)
        await lab.finish()
        assert bodies(lab, ListeningChanged)[-1] == ListeningChanged(paused=False, skipped=2)


async def test_a_clock_that_is_set_passes_through(source: ScriptedSource) -> None:
    async with run_module(Sniffer, SCRIPTED) as lab:
        await lab.ready()
        source.on_event(ClockStepped(delta=3600.0))
        assert await lab.event(ClockStepped) == ClockStepped(delta=3600.0)


async def test_reports_count_up_and_losses_are_told_as_they_come(source: ScriptedSource) -> None:
    async with run_module(Sniffer, SCRIPTED) as lab:
        await lab.ready()
        source.totals = Losses(100, 0)
        report = await lab.event(RadioReport, lambda report: report.received == 100)
        assert report.rate > 0
        assert bodies(lab, FramesLost) == []
        source.totals = Losses(150, 7)
        assert await lab.event(FramesLost) == FramesLost(lost=7, received=50)
        source.totals = Losses(160, 8)
        assert await lab.event(FramesLost) == FramesLost(lost=1, received=10)
        report = await lab.event(RadioReport)
        assert (report.received, report.dropped, report.rate) == (160, 8, 0.0)


async def test_what_was_lost_last_is_told_before_it_closes(source: ScriptedSource) -> None:
    async with run_module(Sniffer, PATIENT) as lab:
        await lab.ready()
        source.totals = Losses(10, 3)
        events = [event.body for event in await lab.finish()]
    told = [body for body in events if isinstance(body, FramesLost | RadioClosed)]
    assert told == [FramesLost(lost=3, received=10), RadioClosed(reason="stopped", received=10, dropped=3)]


async def test_an_interface_that_went_away_is_opened_again(source: ScriptedSource) -> None:
    async with run_module(Sniffer, PATIENT) as lab:
        await until(lambda: source.deliver)
        source.bring(b"")
        source.totals = Losses(50, 5)
        source.deliver = None
        source.fail(RadioGone("wlan1mon is gone"))
        assert await lab.event(FramesLost) == FramesLost(lost=5, received=50)
        assert await lab.event(RadioClosed) == RadioClosed(reason="wlan1mon is gone", received=50, dropped=5)
        await lab.event(RadioOpened)
        await until(lambda: source.deliver)
        assert source.opened == 2
        source.totals = Losses(60, 1)
        source.bring(BEACON)
        await lab.event(FrameBatch)
        await lab.finish()
    assert bodies(lab, FramesLost)[-1] == FramesLost(lost=1, received=60)
    last = bodies(lab, RadioReport)[-1]
    assert (last.received, last.malformed) == (60, 0)


async def test_a_lock_survives_an_interface_that_went_away(
    source: ScriptedSource, monkeypatch: Patch, tmp_path: Path
) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "6"))) as rig:
        rig.lab.publish(LockChannel(channel=ELEVEN))
        await rig.lab.event(Tuned, lambda tuned: tuned.channel == ELEVEN)
        source.fail(RadioGone("wlan1mon is gone"))
        await rig.lab.event(RadioOpened, lambda _: source.opened == 2)
        assert await rig.lab.event(Tuned) == Tuned(channel=ELEVEN, dwell=0.0)


async def test_an_interface_that_stays_away_is_waited_for(source: ScriptedSource) -> None:
    async with run_module(Sniffer, PATIENT) as lab:
        await until(lambda: source.deliver)
        source.missing = NotReady("no network interface is called wlan1mon")
        source.fail(RadioGone("wlan1mon is gone"))
        with pytest.raises(NotReady, match="no network interface"):
            await lab.event(RadioClosed, lambda _: False)
    assert bodies(lab, RadioClosed) == [RadioClosed(reason="wlan1mon is gone", received=0, dropped=0)]
    assert source.closed == 1


async def test_a_source_that_goes_as_soon_as_it_is_opened_is_not_opened_for_ever(
    source: ScriptedSource, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("whimbrel.modules.sniffer._AT_ONCE", 5.0)
    source.at_once = True
    async with run_module(Sniffer, PATIENT) as lab:
        with pytest.raises(NotReady, match="wlan1mon is gone"):
            await lab.event(RadioClosed, lambda _: False)
    assert source.opened == 1


async def test_a_source_that_goes_again_and_again_is_opened_later_each_time(
    source: ScriptedSource, monkeypatch: Patch
) -> None:
    pauses: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds >= 1.0:
            pauses.append(seconds)
        await real(min(seconds, 0.001))

    async with run_module(Sniffer, PATIENT) as lab:
        await until(lambda: source.deliver)
        monkeypatch.setattr("whimbrel.modules.sniffer.asyncio.sleep", sleep)
        monkeypatch.setattr("whimbrel.modules.sniffer._PAUSE_MAX", 5.0)
        source.at_once = True
        source.fail(RadioGone("wlan1mon is gone"))
        await until(lambda: source.opened >= 7, "seven openings")
        source.at_once = False
        await lab.event(RadioOpened)
    assert [pause for pause in pauses if pause in (1.0, 2.0, 4.0, 5.0)][:5] == [1.0, 2.0, 4.0, 5.0, 5.0]


async def test_a_source_that_breaks_ends_the_module(source: ScriptedSource) -> None:
    async with run_module(Sniffer, PATIENT) as lab:
        await until(lambda: source.deliver)
        source.fail(ValueError("a bug"))
        with pytest.raises(ValueError, match="a bug"):
            await lab.event(RadioClosed, lambda _: False)
    assert bodies(lab, RadioClosed)[0].reason == "a bug"
    assert source.closed == 1


@pytest.mark.parametrize("tuner", ["none", "sim"])
async def test_it_ends_when_it_is_asked_to(tmp_path: Path, tuner: str) -> None:
    wanted = settings(tmp_path, hopping("6"), tuner=tuner)
    async with run_module(Sniffer, wanted) as lab:
        await lab.event(FrameBatch)
        events = await lab.finish()
    assert events[-1].body.reason == "stopped"


async def test_nothing_is_left_behind_where_it_is_cancelled(source: ScriptedSource) -> None:
    before = asyncio.all_tasks()
    async with run_module(Sniffer, PATIENT) as lab:
        await lab.ready()
    assert asyncio.all_tasks() == before
    assert source.closed == 1
    closed = [event.body for event in lab._heard.read_waiting() if isinstance(event.body, RadioClosed)]  # type: ignore[union-attr]
    assert [body.reason for body in closed] == ["stopped"]
    assert lab.ctx.verbs.find("lock") is None


async def test_a_tuner_that_is_not_there(source: ScriptedSource, monkeypatch: Patch) -> None:
    class Missing(WilfulTuner):
        async def open(self) -> None:
            raise NotReady("no radio knows monitor mode")

    made = Missing(source)  # type: ignore[arg-type]
    made.close = next_turn  # type: ignore[method-assign]
    monkeypatch.setattr(TUNERS, "load", lambda _: lambda _source: made)
    assert await refusal(PATIENT.replace(tuner="nl80211")) == "no radio knows monitor mode"
    assert (source.opened, source.closed) == (0, 1)


def test_settings_that_contradict_each_other_are_refused_at_their_line() -> None:
    text = """\
modules:
  sniffer:
    source: pcap
    tuner: sim
"""
    with pytest.raises(ConfigError) as caught:
        loads(text, "w.yaml")
    [problem] = caught.value.problems
    assert (problem.line, problem.path) == (4, "modules.sniffer.tuner")
    assert "none for the source pcap" in problem.expected
    with pytest.raises(ConfigError) as caught:
        loads("modules:\n  sniffer:\n    hop:\n      channels: ['6', '200']\n", "w.yaml")
    [problem] = caught.value.problems
    assert (problem.line, problem.path) == (4, "modules.sniffer.hop.channels")
    assert "'200'" in str(problem)


async def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    wanted = SnifferSettings(source="pcap", tuner="none", pcap=PcapSettings(files=(tmp_path / "none.pcap",)))
    assert "none.pcap" in await refusal(wanted)
    assert [path for path, _ in Sniffer.check(wanted)] == ["pcap.files"]


class Asked:
    """The verbs of a sniffer, as a client gets at them."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def __call__(self, name: str, **args: Any) -> Any:
        verb = self._lab.ctx.verbs.find(name)
        assert verb is not None
        return encode(await verb(args))

    async def refusal(self, name: str, **args: Any) -> str:
        with pytest.raises(VerbError) as caught:
            await self(name, **args)
        return str(caught.value)


async def test_lock_and_unlock_by_verb(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "11"))) as rig:
        ask = Asked(rig.lab)
        locked = {"mode": "locked", "channel": "6", "seconds": None, "receiver": "sniffer"}
        assert await ask("lock", channel="6") == locked
        assert rig.tuner.said[-1] == "tune 6"
        assert await ask("lock", channel=6) == locked
        changed = await rig.lab.event(HoppingChanged, lambda changed: changed.mode == "locked")
        assert changed == HoppingChanged(mode="locked", channel=SIX, reason="requested on the control socket")
        assert await ask.refusal("camp", channel="1", seconds=5) == "the radio is locked on 6; unlock it first"
        assert await ask("lock", channel="36/80") == {
            "mode": "locked",
            "channel": "36/80",
            "seconds": None,
            "receiver": "sniffer",
        }
        assert await ask("unlock") == {"mode": "hopping", "channel": None, "seconds": None, "receiver": "sniffer"}
        assert {visit.channel for visit in [await rig.lab.event(Tuned, lambda t: t.dwell > 0)]} <= {ONE, ELEVEN}


async def test_camp_by_verb(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1", "11", camp_max=Duration(20.0)))) as rig:
        ask = Asked(rig.lab)
        answer = await ask("camp", channel="6", seconds=3600)
        assert (answer["mode"], answer["channel"]) == ("camping", "6")
        assert 10 < answer["seconds"] <= 20
        assert (await ask("camp", channel="6", seconds=3))["mode"] == "camping"
        assert (await ask.refusal("camp", channel="1", seconds=3)).startswith("the radio camps on 6 for another ")


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("lock", {}, '"channel": expected a channel such as "6"'),
        ("lock", {"channel": True}, '"channel": expected a channel such as "6"'),
        ("lock", {"channel": ["6"]}, '"channel": expected a channel such as "6"'),
        ("lock", {"channel": "99"}, "99 is not a channel of 5 GHz"),
        ("lock", {"channel": "6/80"}, "2.4 GHz has 20 MHz, 40"),
        ("lock", {"channel": "36"}, "channel 36: the radio or the regulatory domain does not allow it"),
        ("camp", {"channel": "6"}, '"seconds": expected a number of more than 0'),
        ("camp", {"channel": "6", "seconds": True}, '"seconds": expected a number of more than 0'),
        ("camp", {"channel": "6", "seconds": 0}, '"seconds": expected a number of more than 0'),
        ("camp", {"channel": "6", "seconds": float("nan")}, '"seconds": expected a number of more than 0'),
        ("camp", {"channel": "6", "seconds": float("inf")}, '"seconds": expected a number of more than 0'),
        ("camp", {"channel": "6GHz:37", "seconds": 5}, "does not allow it"),
    ],
)
async def test_verbs_that_cannot_be(
    monkeypatch: Patch, tmp_path: Path, name: str, args: dict[str, Any], said: str
) -> None:
    wanted = settings(tmp_path, hopping("1", "11"))
    wanted = wanted.replace(sim=evolve(wanted.sim, bands=("2.4",)))
    async with listening(monkeypatch, wanted) as rig:
        assert said in await Asked(rig.lab).refusal(name, **args)
        await rig.visits(3)
        assert {changed.mode for changed in rig.bodies(HoppingChanged)} == {"hopping"}


async def test_a_verb_tells_what_the_radio_says(monkeypatch: Patch, tmp_path: Path) -> None:
    refusals = forbid("6") | {"tune 13": TuneError("phy0 is busy")}
    async with listening(
        monkeypatch, settings(tmp_path, hopping("1", "11")), lambda tuner: tuner.refuses.update(refusals)
    ) as rig:
        ask = Asked(rig.lab)
        assert await ask.refusal("lock", channel="6") == "channel 6: no"
        await rig.lab.event(HoppingChanged, lambda changed: changed.mode == "locked")
        await rig.lab.event(HoppingChanged, lambda changed: changed.mode == "hopping")
        assert await ask.refusal("lock", channel="13") == "phy0 is busy; it goes on trying"
        assert (await ask("lock", channel="1"))["channel"] == "1"


async def test_a_verb_does_not_wait_for_ever(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(verbs, "_PATIENCE", 0.1)
    async with listening(monkeypatch, settings(tmp_path, hopping("1")), lambda tuner: tuner.hangs.add("tune 6")) as rig:
        ask = Asked(rig.lab)
        assert await ask.refusal("lock", channel="6") == "the radio has not gone to 6 within 0.1 s"


async def test_of_two_clients_the_last_is_obeyed_and_the_first_is_told(monkeypatch: Patch, tmp_path: Path) -> None:
    async with listening(monkeypatch, settings(tmp_path, hopping("1"))) as rig:
        ask = Asked(rig.lab)
        await ask("lock", channel="11")
        first = asyncio.ensure_future(ask.refusal("lock", channel="13"))
        second = asyncio.ensure_future(ask("lock", channel="1"))
        assert await second == {"mode": "locked", "channel": "1", "seconds": None, "receiver": "sniffer"}
        assert await first == "another command came meanwhile: the radio is locked"


@pytest.mark.parametrize(("name", "args"), [("lock", {"channel": "6"}), ("unlock", {}),
                                            ("camp", {"channel": "6", "seconds": 5})])  # fmt: skip
async def test_what_cannot_be_tuned_says_so(source: ScriptedSource, name: str, args: dict[str, Any]) -> None:
    async with run_module(Sniffer, SCRIPTED) as lab:
        await lab.ready()
        said = await Asked(lab).refusal(name, **args)
        assert said == "this radio cannot be tuned from here: source: linux, tuner: none"


async def test_frames_may_wait_also_while_somebody_looks(source: ScriptedSource, monkeypatch: Patch) -> None:
    monkeypatch.setattr(pace, "_LOOK", 0.01)
    told: list[float] = []
    async with run_module(Sniffer, PATIENT) as lab:
        lab.bus.subscribe(AirSnapshot, reader="display")

        def it_has_waited() -> bool:
            told.append(source.patience)
            return told.count(pace.WAIT) > 3

        await until(it_has_waited, "patience")
        assert 0.0 not in told[told.index(pace.WAIT) :]


async def test_frames_stay_in_the_kernel_while_the_watch_is_behind_but_not_for_ever(
    source: ScriptedSource, monkeypatch: Patch
) -> None:
    async with run_module(Sniffer, PATIENT) as lab:
        await lab.ready()
        lab.bus.subscribe(FrameBatch, reader="a slow program")
        watch = lab.bus.subscribe(FrameBatch, reader="watcher", paces=True)
        for _ in range(3):
            assert source.has_room()
            lab.publish(FrameBatch(frames=[]))
        assert not source.has_room()
        assert len(watch.read_waiting()) == 3
        assert source.has_room(), "what only others have not read yet holds nothing up"
        for _ in range(3):
            lab.publish(FrameBatch(frames=[]))
        assert not source.has_room()
        monkeypatch.setattr(pace, "PATIENCE", -1.0)
        assert source.has_room()


async def test_frames_stay_in_the_kernel_while_somebody_waits_for_an_answer(source: ScriptedSource) -> None:
    async with run_module(Sniffer, PATIENT) as lab:
        await lab.ready()
        with people().claim():
            assert not source.has_room()
        assert source.has_room()


async def test_frames_do_not_wait_while_the_radio_camps_and_when_it_moves(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(pace, "_LOOK", 0.01)
    moves: list[float] = []
    monkeypatch.setattr(SimSource, "patience", 0.0, raising=False)
    monkeypatch.setattr(SimSource, "has_room", lambda: True, raising=False)
    monkeypatch.setattr(SimSource, "hurry", lambda source: moves.append(source.patience), raising=False)
    plan = hopping("1", "6", adaptive=False, dwell=Duration(0.15))
    async with listening(monkeypatch, settings(tmp_path, plan)) as rig:
        visits = await rig.visits(3)
        assert len(moves) >= 2 * len(visits) - 1  # before and after each
        await until(lambda: pace.WAIT in moves, "patience while it hops")
        rig.lab.publish(CampOn(channel=SIX, seconds=30.0, reason="a test"))
        source = rig.tuner.source
        await until(lambda: source.patience == 0.0, "no patience in a camp")  # type: ignore[attr-defined]


class Announcing(ScriptedSource):
    """A source as the scan is one."""

    announcements_only = True
    transmits = False
    lap = 3.0
    on_scan: Callable[[str], object] = staticmethod(lambda _: None)

    async def cycle(self) -> None:
        """Cycle nothing."""


class ScriptedChooser:
    """Chooses what the test says."""

    left_alone: tuple[str, ...] = ()

    def __init__(self, *choices: Chosen | NotReady) -> None:
        self.choices = list(choices)
        self.found = asyncio.Event()

    async def choose(self) -> Chosen:
        chosen = self.choices.pop(0)
        if isinstance(chosen, NotReady):
            raise chosen
        return chosen

    async def better(self) -> Chosen:
        await self.found.wait()
        return await self.choose()


def choosing(monkeypatch: Patch, *choices: Chosen | NotReady) -> ScriptedChooser:
    made = ScriptedChooser(*choices)
    monkeypatch.setattr(choice, "make_chooser", lambda *_: made)
    return made


AUTOMATIC = SnifferSettings(tuner="none")


async def test_the_choice_of_a_source_is_told_with_its_reason(source: ScriptedSource, monkeypatch: Patch) -> None:
    assert SnifferSettings().source == "auto"
    choosing(monkeypatch, Chosen("linux", "phy1 knows monitor mode, and nobody uses it", "phy1"))
    async with run_module(Sniffer, AUTOMATIC) as lab:
        opened = await lab.event(RadioOpened)
    assert (opened.driver, opened.announcements_only) == ("linux", False)
    assert "because phy1 knows monitor mode, and nobody uses it" in sentence(opened)


async def test_a_better_radio_is_taken(monkeypatch: Patch) -> None:
    monkeypatch.setattr(SOURCES, "load", lambda _: Announcing)
    chooser = choosing(
        monkeypatch, Chosen("scan", "there is no other", "phy0"), Chosen("linux", "phy1 is free", "phy1")
    )
    try:
        async with run_module(Sniffer, AUTOMATIC.replace(tuner="nl80211")) as lab:
            opened = await lab.event(RadioOpened)
            assert (opened.driver, opened.announcements_only) == ("scan", True)
            assert "stations, traffic, handshakes" in sentence(opened)
            chooser.found.set()
            assert (await lab.event(RadioClosed)).reason == "there is a better radio: phy1 is free"
    except BeginAgain as again:
        ended = str(again)
    assert ended == "there is a better radio: phy1 is free"


async def test_with_nothing_to_listen_with_it_waits_and_says_so(monkeypatch: Patch) -> None:
    choosing(monkeypatch, NotReady("plug in an adapter that knows monitor mode"))
    assert await refusal(AUTOMATIC) == "plug in an adapter that knows monitor mode"


async def test_a_scan_that_hears_nothing_is_not_blind_and_cannot_be_locked(monkeypatch: Patch) -> None:
    monkeypatch.setattr(SOURCES, "load", lambda _: Announcing)
    async with run_module(Sniffer, SnifferSettings(source="scan", tuner="none")) as lab:
        await lab.event(RadioOpened)
        assert lab.module.dead() is None
        assert lab.ctx.warnings == {}
        said = await Asked(lab).refusal("lock", channel="6")
        assert said == "this radio cannot be tuned from here: a scan visits all channels by itself"


async def test_as_long_as_scans_transmit_a_warning_says_so(monkeypatch: Patch) -> None:
    monkeypatch.setattr(SOURCES, "load", lambda _: Announcing)
    async with run_module(Sniffer, SnifferSettings(source="scan", tuner="none")) as lab:
        await lab.event(RadioOpened)
        source = lab.module._source  # type: ignore[attr-defined]
        for changed, said in (
            (ProbingChanged(transmits=True), "scans send probe requests"),
            (ProbingChanged(transmits=False, refused="EPERM"), "active scans refused, all are passive"),
        ):
            source.on_event(changed)
            assert await lab.event(ProbingChanged) == changed
            assert said in lab.ctx.warnings["transmits"]
            assert receiver_rows(lab.ctx.bus.latest_of_each)[0].transmits is changed.transmits
        source.on_event(ProbingChanged(transmits=False))
        assert "transmits" not in lab.ctx.warnings


def test_transmitting_and_disturbing_a_connection_are_off_unless_the_settings_say_so() -> None:
    assert not SnifferSettings().scan.active
    assert not SnifferSettings().scan.connected
    with pytest.raises(ConfigError, match="active_pause"):
        loads("modules: {sniffer: {source: scan, tuner: none, scan: {active: true, active_pause: 1s}}}", "w.yaml")


@pytest.mark.parametrize(
    ("linux", "scan", "told"),
    [
        ((), (), []),
        (("radio",), (), []),
        (("radio", "filter"), (), ["linux.filter"]),
        ((), ("radio",), []),
        (("radio",), ("radio",), ["linux.radio"]),
    ],
)
def test_auto_lacks_a_radio_only_if_neither_way_has_one(
    monkeypatch: Patch, linux: tuple[str, ...], scan: tuple[str, ...], told: list[str]
) -> None:
    class Checked:
        def __init__(self, paths: tuple[str, ...]) -> None:
            self.paths = paths

        def check(self, _settings: object) -> list[tuple[str, str]]:
            return [(path, "it is not there") for path in self.paths]

    monkeypatch.setattr(SOURCES, "load", lambda name: Checked({"linux": linux, "scan": scan}[name]))
    assert [path for path, _ in Sniffer.check(SnifferSettings())] == told

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import os
import struct
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.capture.test_pcapng_blocks import blocks
from tests.lab.frames import BEACON
from tests.lab.waiting import until
from tests.recording.frames import NOW, files, heard, numbered, numbers, records, so_far
from tests.recording.test_recording import gaps, statistics
from tests.recording.test_writer import Card

from whimbrel.bus import Bus
from whimbrel.capture import pcapng_blocks
from whimbrel.events.alerts import Alert, AlertUpdated, NetworksGuarded, Severity
from whimbrel.events.incidents import IncidentChanged, IncidentOpened
from whimbrel.events.position import PositionChanged, ZonesDrawn
from whimbrel.events.radio import ClockStepped, FrameBatch, RadioOpened, RadioReport
from whimbrel.events.recording import (
    AlertEvidence,
    CapturedFrames,
    FramesNotKept,
    FreezeRefused,
    KeepRecording,
    RecordedLate,
    RecorderState,
    RecordFrames,
    RecordingBegun,
    RecordingChanged,
    RecordingEnded,
    RecordingKept,
)
from whimbrel.events.system import CommandRefused, DaemonStarted
from whimbrel.geo import Kept, Position, Zone, ZoneKind
from whimbrel.module import Context, VerbError
from whimbrel.modules import recorder
from whimbrel.modules.recorder import Recorder
from whimbrel.recording import outcome
from whimbrel.recording.folder import Folder
from whimbrel.recording.selection import Mode
from whimbrel.recording.settings import RecorderSettings
from whimbrel.recording.writer import Writer
from whimbrel.testing import Lab, run_module
from whimbrel.verbs.recording import CaptureOrigin, RecordingResult, Recordings
from whimbrel.wifi.frames import Frame


def settings(folder: Path, **more: Any) -> RecorderSettings:
    return RecorderSettings(**{"folder": folder, "least_free": 0, "after": 30.0, "lose_at_most": 0.5, **more})


def alert(number: int, severity: Severity = Severity.WARNING, cls: type[Any] = Alert, incident: str = "") -> Any:
    return cls(
        id=str(number), rule="deauth-flood", family="disruption", title="Disconnection flood", meaning="", advice="",
        lasting=True, severity=severity, confidence="high", text="10 in 10 s", bssid=None, ssid=b"", sender=None,
        receiver=None, channel=0, freq=0, band="", rssi=None, rssi_range=None, first=NOW, last=NOW, count=10,
        threshold="", frames=2, incident=incident,
    )  # fmt: skip


def incident(number: int, severity: Severity = Severity.WARNING, cls: type[Any] = IncidentOpened, **more: Any) -> Any:
    return cls(
        id=str(number), cause="", title="Disconnection attack", text="10 in 10 s", meaning="", advice="",
        severity=severity, confidence="high", bssid=None, ssid=b"", channel=0, freq=0, band="", rssi=None,
        rssi_range=None, first=NOW, last=NOW, alerts=("17", "18"), rules=("deauth-flood", "csa-spoof"), **more,
    )  # fmt: skip


async def ask(lab: Lab, verb: str, **wish: Any) -> Any:
    found = lab.ctx.verbs.find(verb)
    assert found is not None
    return await found(wish)


def at_home(lab: Lab, keep: Kept) -> None:
    home = Zone(name="home", kind=ZoneKind.HOME, latitude=54.0, longitude=8.0, radius=100.0, keep=keep)
    where = Position(latitude=54.0, longitude=8.0, error=5.0, time=NOW + 5)
    lab.publish(PositionChanged(position=where, until=NOW + 10, zones=(home,)))


def hear(lab: Lab, frames: list[Frame]) -> None:
    lab.publish(FrameBatch(frames=frames))


async def test_the_source_is_not_held_up_while_there_is_time(tmp_path: Path) -> None:
    """A listener with more than two batches to read leaves frames in the kernel (`whimbrel.radio.pace`)."""
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        lab.publish(RadioOpened(driver="linux", description="wlan1mon (phy1)"))
        for number in range(12):
            hear(lab, numbered(number, 1, begin=NOW + number))
            for _ in range(3):
                await asyncio.sleep(0)  # the loop's turns, and no time
            assert [sub.waiting for sub in lab.bus.pacing(FrameBatch)] == [0]


async def test_an_alert_records_the_minute_before_it_and_goes_on(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        lab.publish(
            RadioOpened(driver="linux", description="wlan1mon (phy1)", channels=(2412, 2437), filter="not data")
        )
        hear(lab, numbered(0, 3, begin=NOW - 100))  # more than a minute ago
        before = numbered(3, 4, begin=NOW)
        hear(lab, before)
        lab.publish(alert(17))
        evidence = AlertEvidence(
            id="17", rule="deauth-flood", title="Disconnection flood", text="10 in 10 s", frames=tuple(before[1:3])
        )
        lab.publish(evidence)
        hear(lab, numbered(7, 2, begin=NOW + 25))
        lab.publish(alert(17, cls=AlertUpdated))  # it goes on, and so does the recording
        hear(lab, numbered(9, 2, begin=NOW + 50))
        hear(lab, numbered(11, 1, begin=NOW + 90))
        hear(lab, numbered(12, 1, begin=NOW + 91))
        begun = await lab.event(RecordingBegun)
        ended = await lab.event(RecordingEnded)
        await lab.finish()
    assert begun.recording.endswith("Z-deauth-flood-a17")
    assert ended.recording == begun.recording
    (path,) = files(tmp_path)
    assert path == Path(ended.file)
    assert path.name == f"{begun.recording}.pcapng"
    assert numbers(path) == list(range(3, 12))
    octets = path.read_bytes()
    assert b"Alert 17, Disconnection flood: 10 in 10 s" in blocks(octets)[0]
    assert b"\0not data" in blocks(octets)[1]
    assert b"2 channels of 2412 to 2437 MHz" in blocks(octets)[1]
    words = [b"Evidence of alert 17 (Disconnection flood), frame %d of 2" % number for number in (1, 2)]
    assert [any(word in block for word in words) for block in blocks(octets)[2:6]] == [False, True, True, False]
    assert b"10 in 10 s" in blocks(octets)[3]


async def test_alerts_join_the_file_that_is_written_and_weak_ones_make_none(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 1))
        lab.publish(alert(1, Severity.NOTICE))
        lab.publish(alert(2, Severity.CRITICAL))
        lab.publish(alert(3))
        events = await lab.finish()
    begun = [event.body for event in events if isinstance(event.body, RecordingBegun)]
    assert [body.recording.endswith("deauth-flood-a2") for body in begun] == [True]


async def test_an_incident_has_one_file_however_many_alerts_it_has(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        lab.publish(incident(17))
        lab.publish(alert(17, incident="17"))
        hear(lab, numbered(3, 1, begin=NOW + 25))
        lab.publish(incident(17, cls=IncidentChanged, news="alert"))
        lab.publish(alert(18, incident="17"))
        hear(lab, numbered(4, 1, begin=NOW + 50))
        hear(lab, numbered(5, 1, begin=NOW + 90))
        await lab.event(RecordingEnded)
        lab.publish(incident(17, cls=IncidentChanged, news="goes on"))
        lab.publish(alert(19, incident="17"))
        hear(lab, numbered(6, 1, begin=NOW + 100))
        await lab.finish()
    (path,) = files(tmp_path)
    assert path.name.endswith("Z-deauth-flood-a17.pcapng")
    assert numbers(path) == list(range(6))
    assert b"Incident 17, Disconnection attack: 10 in 10 s" in blocks(path.read_bytes())[0]


async def test_an_incident_that_becomes_severe_is_recorded_then(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 1))
        lab.publish(incident(3, Severity.NOTICE))
        lab.publish(incident(3, Severity.CRITICAL, IncidentChanged, news="worse"))
        await lab.event(RecordingBegun)
        await lab.finish()
    assert len(files(tmp_path)) == 1


async def test_at_home_nothing_is_recorded_and_it_says_so(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 1))
        at_home(lab, Kept.NOTHING)
        hear(lab, numbered(1, 1, begin=NOW + 10))
        lab.publish(incident(1))
        asked = lab.publish(KeepRecording())
        refused = await lab.event(CommandRefused)
        assert (refused.answers, "home" in refused.text) == (asked.seq, True)
        with pytest.raises(VerbError, match="home"):
            await ask(lab, "record", what="keep")
        assert (await ask(lab, "recordings")).state.home == "nothing"
        lab.publish(ZonesDrawn(zones=()))  # the zone is taken out of the settings
        hear(lab, numbered(2, 1, begin=NOW + 20))
        lab.publish(incident(2))
        await lab.event(RecordingBegun, lambda body: body.recording.endswith("a2"))
        await lab.finish()
    assert [numbers(path) for path in files(tmp_path)] == [[0, 2], [0, 2]]


async def test_at_home_the_guarded_networks_are_recorded_where_the_zone_says_so(tmp_path: Path) -> None:
    ours, other = heard(BEACON), heard(BEACON.replace(b"test", b"next").replace(bytes(6), b"\2\0\0\0\0\1"))
    async with run_module(Recorder, settings(tmp_path)) as lab:
        lab.publish(NetworksGuarded(ssids=(b"test",), bssids=()))
        await lab.ready()
        at_home(lab, Kept.GUARDED)
        hear(lab, [other, ours])
        lab.publish(incident(1))
        hear(lab, [other, ours, other])
        state = (await ask(lab, "recordings")).state
        await lab.finish()
    assert state.home == "guarded"
    (path,) = files(tmp_path)
    assert [octets for _, octets, _ in records(path)] == [ours.raw] * 2


async def test_alerts_have_no_more_recorded_than_they_may(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path, alerts_an_hour=1, after=0.0)) as lab:
        await lab.ready()
        for number in range(2):
            hear(lab, numbered(number, 1, begin=NOW + 10 * number))
            lab.publish(alert(number))
            hear(lab, numbered(number, 1, begin=NOW + 10 * number + 5))
        refused = await lab.event(FreezeRefused)
        await lab.finish()
    assert (refused.id, refused.an_hour) == ("1", 1)
    assert len(files(tmp_path)) == 1


async def test_a_key_keeps_what_was_heard_and_names_keep_recordings(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        asked = lab.publish(KeepRecording())
        begun = await lab.event(RecordingBegun)
        assert (begun.kept, begun.answers) == (True, asked.seq)
        again = lab.publish(KeepRecording())  # it is being written: the same one
        assert (await lab.event(RecordingKept)).answers == again.seq
        wrong = lab.publish(KeepRecording(recording="2025-11-29T205314Z-none"))
        assert (await lab.event(CommandRefused)).answers == wrong.seq
        await lab.finish()
    (path,) = files(tmp_path)
    assert path.name == f"{begun.recording}.kept.pcapng"
    assert numbers(path) == [0, 1, 2]


async def test_what_is_recorded_all_the_time_can_be_changed(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 1))
        asked = lab.publish(RecordFrames(mode="all"))
        assert (await lab.event(RecordingChanged)).answers == asked.seq
        hear(lab, numbered(1, 2))
        await lab.event(RecordingBegun)
        wrong = lab.publish(RecordFrames(mode="most"))
        assert (await lab.event(CommandRefused)).answers == wrong.seq
        assert await ask(lab, "record", what="off") == RecordingResult(recording="", mode="off")
        await lab.event(RecordingEnded)
        lab.publish(RecordFrames(mode=""))
        assert (await lab.event(RecordingChanged, lambda body: body.answers > 0)).mode == "off"
    (path,) = files(tmp_path)
    assert numbers(path) == [1, 2]


async def test_the_verbs_tell_and_keep(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        name = (await lab.event(RecordingBegun)).recording
        await until(lambda: files(tmp_path))
        answer = await ask(lab, "recordings")
        assert isinstance(answer, Recordings)
        assert [(row.recording, row.open, row.kept) for row in answer.recordings] == [(name, True, False)]
        assert answer.state.folder == str(tmp_path)
        assert answer.state.ring_octets > 0
        assert (await ask(lab, "record", what="keep", recording=name)).recording == name
        await lab.event(RecordingKept)
        for wrong in ({}, {"what": "most"}, {"what": 3}, {"what": "keep", "recording": "../../etc/passwd"}):
            with pytest.raises(VerbError, match=r"expected|no recording"):
                await ask(lab, "record", **wrong)
        kept = (await ask(lab, "record", what="keep")).recording
        assert (await lab.event(RecordingBegun)).recording == kept
        await lab.finish()
    assert {path.name for path in files(tmp_path)} == {f"{name}.kept.pcapng", f"{kept}.kept.pcapng"}


async def test_the_answer_about_a_kept_recording_is_of_this_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL, lose_at_most=60.0)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        await lab.event(RecordingBegun)
        first = await ask(lab, "record", what="keep")
        assert first.problem == ""
        assert so_far(tmp_path / f"{first.recording}.kept.open.pcapng") == [0, 1, 2], "it is there when this is said"
        (name,) = [row.recording for row in (await ask(lab, "recordings")).recordings if not row.kept]
        with monkeypatch.context() as broken:
            broken.setattr(Folder, "rename", fail)
            with pytest.raises(VerbError, match=f"{name} is not protected.*the card can only be read"):
                await ask(lab, "record", what="keep", recording=name)
        assert (await ask(lab, "record", what="keep", recording=name)).problem == ""
        assert (tmp_path / f"{name}.kept.open.pcapng").exists()
        await lab.finish()


async def test_recent_frames_that_the_card_refuses_are_said_to_be_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    async with run_module(Recorder, settings(blocked / "recordings", mode=Mode.ALL, lose_at_most=60.0)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        await lab.event(RecordingBegun)
        assert str(blocked) in (await ask(lab, "record", what="keep")).problem
        blocked.unlink()
        assert (await ask(lab, "record", what="keep")).problem == ""
        monkeypatch.setattr(outcome, "PATIENCE", 0.01)
        monkeypatch.setattr(Writer, "keep", lambda *_: None)  # a thread that a write holds up
        assert "not answered" in (await ask(lab, "record", what="keep")).problem
        await lab.finish()


async def test_a_recording_can_be_fetched_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "_PIECE", 100)
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 30))
        name = (await lab.event(RecordingBegun)).recording
        await lab.finish()
    content = files(tmp_path)[0].read_bytes()
    async with run_module(Recorder, settings(tmp_path, mode=Mode.OFF)) as lab:
        await lab.ready()
        fetched = b""
        while piece := await ask(lab, "recording-piece", recording=name, offset=len(fetched)):
            assert (piece.recording, piece.offset, piece.octets) == (name, len(fetched), len(content))
            if not piece.data:
                break
            fetched += base64.b64decode(piece.data)
        assert fetched == content
        for wrong in ({}, {"recording": 3}, {"recording": ["x"]}, {"recording": "../../etc/passwd"}):
            with pytest.raises(VerbError, match="no recording"):
                await ask(lab, "recording-piece", **wrong)
        for offset in (-1, "0", True, 1 << 70, 0.5):
            with pytest.raises(VerbError, match="a number of octets"):
                await ask(lab, "recording-piece", recording=name, offset=offset)
        await lab.finish()


async def test_files_say_with_which_settings_they_were_made(tmp_path: Path) -> None:
    config = tmp_path / "whimbrel.yaml"
    config.write_text("modules: {recorder: }\n")
    digest = hashlib.sha256(config.read_bytes()).hexdigest()
    async with run_module(Recorder, settings(tmp_path / "recordings")) as lab:
        await lab.ready()
        assert "default settings" in (await ask(lab, "capture")).comments[0]
    bus = Bus()
    bus.sender("daemon").publish(DaemonStarted(version="1", config=str(config), modules=("recorder",)))
    ctx: Context[RecorderSettings] = Context("recorder", settings(tmp_path / "recordings"), bus)
    lab = Lab(ctx, Recorder(ctx))
    await lab.ready()
    origin = await ask(lab, "capture")
    await lab.finish()
    assert isinstance(origin, CaptureOrigin)
    assert origin.comments[0].endswith(f"settings of {config}, SHA-256 {digest}")


async def test_frames_are_streamed_where_somebody_listens(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        await until(lambda: lab.module._now)  # type: ignore[attr-defined]
        sub = lab.bus.subscribe(CapturedFrames, reader="client")
        await until(lambda: lab.module._streams)  # type: ignore[attr-defined]
        hear(lab, numbered(3, 2))
        hear(lab, numbered(5, 1))
        await lab.finish()
        chunks = [event.body for event in sub.read_waiting()]  # type: ignore[union-attr]
    assert [(chunk.first, chunk.count) for chunk in chunks] == [(0, 2), (2, 1)]
    frames = [record for chunk in chunks for record in pcapng_blocks.packets(chunk.octets)]
    assert [struct.unpack(">I", octets[-4:])[0] for _, octets, _ in frames] == [3, 4, 5]


async def test_the_screen_learns_of_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    async with run_module(Recorder, settings(blocked / "recordings", mode=Mode.ALL)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        state = await lab.event(RecorderState, lambda body: bool(body.problem))
        assert str(blocked) in state.problem
        assert lab.warned == {"card": state.problem}
        assert [offer.name for offer in lab.ctx.screens()] == ["Recorder"]
        blocked.unlink()
        await lab.event(RecorderState, lambda body: not body.problem and body.frames == 3)
        await until(lambda: not lab.ctx.warnings)


async def test_a_clock_that_is_set_leaves_what_was_heard_before(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 2, begin=1000.0))
        lab.publish(ClockStepped(delta=NOW - 1000.0))
        lab.publish(RadioReport(received=9, dropped=2, malformed=0, bad_fcs=0, discarded=(), receiver=(), rate=1.0))
        hear(lab, numbered(2, 1, begin=NOW + 1))
        lab.publish(alert(1))
        ended_at = NOW + 40
        hear(lab, numbered(3, 1, begin=ended_at))
        await lab.event(RecordingEnded)
    (path,) = files(tmp_path)
    assert numbers(path) == [0, 1, 2, 3]


async def test_what_is_recorded_all_the_time_goes_on_under_the_time_that_was_set(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 2, begin=1000.0))
        await lab.event(RecordingBegun)
        lab.publish(ClockStepped(delta=NOW - 1000.0))
        hear(lab, numbered(2, 1, begin=NOW + 1))
        await lab.event(RecordingBegun)
        lab.publish(ClockStepped(delta=-5.0))
        hear(lab, numbered(3, 1, begin=NOW))
        await lab.event(RecorderState, lambda body: body.frames == 2)
    before, after = files(tmp_path)
    assert before.name.startswith("1970-01-01T001640Z")
    assert not after.name.startswith("1970")
    assert (numbers(before), numbers(after)) == ([0, 1], [2, 3])


async def test_a_card_that_takes_two_seconds_for_a_write_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Card(monkeypatch)
    card.seconds = 2.0
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL)) as lab:
        await lab.ready()
        given = looks = 0

        def warned() -> bool:  # while a thousand frames a second go on, for which the loop has turns all the time
            nonlocal given, looks
            looks += 1
            if looks % 5 == 1:
                hear(lab, numbered(given, 10, begin=NOW + given / 100))
                given += 10
            return "one write took" in lab.warned.get("card", "")

        await until(warned)
        card.seconds = 0.0
        await lab.finish()
    assert given, "the loop had turns while a write took two seconds"
    (path,) = files(tmp_path)
    assert numbers(path) == list(range(given))
    assert not [event for event in lab.events if isinstance(event.body, FramesNotKept)]


async def test_the_promise_counts_from_when_frames_were_heard(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 2, begin=time.time() - 3.0))  # they have waited on the bus
        late = await lab.event(RecordedLate)
        await lab.finish()
    assert (late.frames, late.promised) == (2, 0.5)
    assert late.seconds >= 3.0


async def test_frames_of_a_clock_that_is_wrong_are_not_late(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL, lose_at_most=60.0)) as lab:
        await lab.ready()
        for begin in (1000.0, time.time() + 1e6):
            hear(lab, numbered(0, 2, begin=begin))
        events = await lab.finish()
    assert not [event for event in events if isinstance(event.body, RecordedLate)]


async def test_frames_say_where_they_were_heard_but_at_home(tmp_path: Path) -> None:
    home = Zone(name="home", kind=ZoneKind.HOME, latitude=54.0, longitude=8.0, radius=100.0, keep=Kept.GUARDED)
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL)) as lab:
        await lab.ready()
        lab.publish(NetworksGuarded(ssids=(b"test",), bssids=()))
        for offset, zones in ((0.0, ()), (10.0, (home,))):
            where = Position(latitude=54.1, longitude=8.1, error=5.0, time=NOW + offset)
            lab.publish(PositionChanged(position=where, until=NOW + offset + 5, zones=zones))
            hear(lab, numbered(int(offset), 1, begin=NOW + offset + 1))
        await lab.finish()
    (path,) = files(tmp_path)
    place = pcapng_blocks.position(54.1, 8.1)
    assert [place in block for block in blocks(path.read_bytes())[2:4]] == [True, False]


async def test_a_recording_that_the_card_does_not_let_begin_is_refused_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, ready = threading.Event(), threading.Event()
    sync = os.fdatasync

    def hangs(descriptor: int) -> None:
        hanging.set()
        ready.wait()
        sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", hangs)
    async with run_module(Recorder, settings(tmp_path, mode=Mode.ALL, after=0.0)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 1))
        await until(hanging.is_set)
        for number in (1, 2):
            lab.publish(incident(number))
            hear(lab, numbered(number, 1, begin=NOW + number))
        refused = await lab.event(FreezeRefused)
        assert (refused.id, "too slow" in refused.reason) == ("2", True)
        with pytest.raises(VerbError, match="the recent frames are not kept: the card is too slow"):
            await ask(lab, "record", what="keep")
        asked = lab.publish(KeepRecording())
        assert (await lab.event(CommandRefused)).answers == asked.seq
        for severity in (Severity.WARNING, Severity.CRITICAL):
            lab.publish(incident(2, severity, cls=IncidentChanged, news="goes on"))
        lab.publish(incident(3))
        assert (await lab.event(FreezeRefused)).id == "3", "of each incident it is told once"
        ready.set()
        await lab.event(RecordingEnded, lambda body: body.recording.endswith("a1"))
        lab.publish(incident(2, cls=IncidentChanged, news="goes on"))
        await lab.event(RecordingBegun, lambda body: body.recording.endswith("a2"))
        await lab.finish()


async def test_frames_that_the_recorder_was_too_slow_for_are_missing_in_its_files(tmp_path: Path) -> None:
    async with run_module(Recorder, settings(tmp_path, backlog=4)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 1))
        await until(lambda: lab.module._ring.octets)  # type: ignore[attr-defined]
        lab.publish(RadioReport(received=9, dropped=0, malformed=0, bad_fcs=0, discarded=(), receiver=(), rate=1.0))
        for number in range(1, 101):  # at once
            hear(lab, numbered(number, 1, begin=NOW + number / 100))
        await until(lambda: lab.module._ring.batches()[-1].heard[-1][1] == numbered(100, 1)[0].raw)  # type: ignore[attr-defined]
        lab.publish(alert(1))
        await lab.event(RecordingBegun)
        await lab.finish()
    (path,) = files(tmp_path)
    assert len(numbers(path)) < 101
    assert sum(gaps(path).values()) >= 101 - len(numbers(path))


async def test_the_name_of_what_is_kept_is_that_of_its_file(tmp_path: Path) -> None:
    taken = "2025-11-29T205314Z-kept"
    (tmp_path / f"{taken}.pcapng").touch()
    async with run_module(Recorder, settings(tmp_path)) as lab:
        await lab.ready()
        hear(lab, numbered(0, 3))
        await until(lambda: lab.module._ring.octets)  # type: ignore[attr-defined]
        assert (await ask(lab, "record", what="keep")).recording == f"{taken}-2"
        assert (await lab.event(RecordingBegun)).recording == f"{taken}-2"
        assert (await ask(lab, "record", what="keep", recording=f"{taken}-2")).recording == f"{taken}-2"
        await lab.finish()
    assert {path.name for path in files(tmp_path)} == {f"{taken}.pcapng", f"{taken}-2.kept.pcapng"}


async def test_what_comes_when_the_file_is_full_begins_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_TICK", 3600.0)  # the thread's events are not looked at before the end
    async with run_module(Recorder, settings(tmp_path, file_size=1 << 16)) as lab:
        await lab.ready()
        thread = lab.module._writer  # type: ignore[attr-defined]
        hear(lab, numbered(0, 100, size=700))
        lab.publish(incident(1))
        await until(lambda: thread.told and not thread.is_frozen)
        lab.publish(incident(2))
        await until(lambda: len(thread.told) > 2 and not thread.is_frozen)
        kept = (await ask(lab, "record", what="keep")).recording
        await lab.finish()
    names = [path.name.removesuffix(".pcapng").partition("Z-")[2] for path in files(tmp_path)]
    assert names == ["deauth-flood-a1", "deauth-flood-a2", "kept.kept"]
    assert f"{kept}.kept.pcapng" in {path.name for path in files(tmp_path)}


async def test_a_file_counts_no_frames_anew_where_one_of_two_receivers_was_opened_again(tmp_path: Path) -> None:
    def report(received: int, dropped: int) -> RadioReport:
        return RadioReport(
            received=received, dropped=dropped, malformed=0, bad_fcs=0, discarded=(), receiver=(), rate=1.0
        )

    async with run_module(Recorder, settings(tmp_path, before=5.0)) as lab:
        await lab.ready()
        first, second = (lab.bus.sender(name).publish for name in ("sniffer", "sniffer2"))
        for number, publish in enumerate((first, second)):
            publish(RadioOpened(driver="linux", description=f"wlan{number}", receiver=number))
        first(report(1_000_000, 0))
        second(report(500_000, 5))
        await until(lambda: lab.module._writer.counts.received == 1_500_000)  # type: ignore[attr-defined]
        hear(lab, numbered(0, 1))
        await until(lambda: lab.module._ring.octets)  # type: ignore[attr-defined]
        first(RadioOpened(driver="linux", description="wlan0"))
        first(report(200, 2))
        hear(lab, numbered(1, 1, begin=NOW + 1))
        lab.publish(alert(1))
        hear(lab, numbered(2, 1, begin=NOW + 40))
        await lab.event(RecordingEnded)
        await lab.finish()
    (path,) = files(tmp_path)
    assert statistics(path) == (200, 2, 3)

"""The calls of detections, and the failure of one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RATES, STA, beacon, ds, element, frame, from_ap, key, probe, response, to_ap

from whimbrel.detections.base import ENCRYPTED, SEEN, Claim, Clear, Detection, Repeated, Verdict
from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.moment import Moment
from whimbrel.detections.options import RuleSettings
from whimbrel.events.air import Disconnected
from whimbrel.events.alerts import Severity
from whimbrel.events.base import Body
from whimbrel.survey.access_point import AccessPoint
from whimbrel.survey.beacons import Announcement
from whimbrel.survey.survey import Survey
from whimbrel.wifi.eapol import Eapol
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import BEACON, DATA, DEAUTH, PROBE_REQ
from whimbrel.wifi.linktypes import parse


class Witness(Detection[RuleSettings]):
    """Records its calls."""

    rule = "witness"
    family = "presence"
    title = "Something was seen"
    severity = Severity.NOTICE
    meaning = advice = fooled_by = reference = "None."
    kinds = frozenset({DEAUTH, PROBE_REQ, DATA, DATA + ENCRYPTED, BEACON})
    findings: ClassVar[tuple[type[Body], ...]] = (Disconnected,)
    asked: ClassVar[list[tuple[Any, ...]]] = []

    def observe(self, frame: Frame) -> Verdict:
        self.asked.append(("observe", frame.kind))
        return None

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        self.asked.append(("learn", finding.kind, frame.kind))
        return None

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        self.asked.append(("eapol", packet.message, bssid, station))
        return None

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        self.asked.append(("announced", ap.address, before is not None and before.channel, ap.announced.channel))
        return None

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        self.asked.append(("sampled", frame.time - before.time))
        return None

    def reserved(self, frame: Frame) -> Verdict:
        self.asked.append(("reserved", frame.duration))
        return None

    def turn(self) -> Sequence[Claim | Clear]:
        self.asked.append(("turn", round(self.air.watched, 1)))
        return ()


def asked(*frames: Frame, tuned: int = 0) -> list[tuple[Any, ...]]:
    Witness.asked = []
    hearing = Hearing(Witness)
    hearing.hear(*frames, tuned=tuned)
    return [each for each in Witness.asked if each[0] != "turn"]


def test_a_frame_is_shown_to_who_asks_for_its_kind() -> None:
    assert asked(probe(), frame(0x0B, AP, STA, AP, b"\0" * 6)) == [("observe", PROBE_REQ)]


def test_encrypted_data_is_a_kind_of_its_own() -> None:
    class Clear(Witness):
        kinds = frozenset({DATA})

    Witness.asked = []
    Hearing(Clear).hear(to_ap(flags=0x41), to_ap(flags=0x01), from_ap(flags=0x42))
    assert [each for each in Witness.asked if each[0] == "observe"] == [("observe", DATA)]


def test_a_finding_comes_with_its_frame() -> None:
    told = asked(frame(DEAUTH, STA, AP, AP, b"\7\0"))
    assert told == [("observe", DEAUTH), ("learn", "disconnected", DEAUTH)]


def test_each_packet_of_eapol_is_shown_also_when_it_is_sent_again() -> None:
    told = asked(beacon(), key(1, 1), key(1, 1), key(2, 1))
    assert [each for each in told if each[0] == "eapol"] == [
        ("eapol", message, AP, STA) for message in ("M1", "M1", "M2")
    ]


class OfMessages(Witness):
    packets = frozenset({"M2"})


def test_a_packet_of_eapol_is_shown_to_who_asks_for_its_message() -> None:
    Witness.asked = []
    Hearing(OfMessages).hear(beacon(), key(1, 1), key(2, 1), key(3, 2))
    assert [each for each in Witness.asked if each[0] == "eapol"] == [("eapol", "M2", AP, STA)]


def test_a_known_beacon_is_shown_to_nobody_but_the_samplers() -> None:
    beacons = [beacon(time=1000 + n / 10, tsf=n * 102_400) for n in range(30)]
    told = asked(*beacons)
    assert told.count(("observe", BEACON)) == 1
    assert [each for each in told if each[0] == "announced"] == [("announced", AP, False, 6)]
    samples = [each for each in told if each[0] == "sampled"]
    assert 8 <= len(samples) <= 15
    assert all(round(gap, 3) == 0.1 for _, gap in samples)


def test_an_announcement_is_shown_whenever_it_is_another_one_also_back_to_an_old_one() -> None:
    one, other = beacon(), beacon(channel=11)
    told = [each for each in asked(one, one, other, one, other, other) if each[0] == "announced"]
    assert told == [
        ("announced", AP, False, 6),
        ("announced", AP, 6, 11),
        ("announced", AP, 11, 6),
        ("announced", AP, 6, 11),
    ]


class Choosy(Witness):
    heeded: ClassVar[list[int]] = []

    def heeds(self, said: Announcement) -> bool:
        self.heeded.append(said.channel)
        return said.channel != 6


def test_an_announcement_is_shown_to_who_heeds_it_and_each_content_is_asked_about_once() -> None:
    Witness.asked, Choosy.heeded = [], []
    here, there = (element(0, b"harbour") + RATES + ds(channel) for channel in (6, 11))
    named = element(0, b"kitchen") + RATES + ds(6)
    Hearing(Choosy).hear(beacon(here), beacon(named, bssid=STA), beacon(there), beacon(here))
    assert [each[1:] for each in Witness.asked if each[0] == "announced"] == [(AP, 6, 11)]
    assert Choosy.heeded == [6, 11]


class ChangesAlone(Witness):
    only_changes = True


def test_an_access_point_that_is_new_is_not_shown_to_who_asks_for_changes_alone() -> None:
    Witness.asked = []
    here, there = (element(0, b"harbour") + RATES + ds(channel) for channel in (6, 11))
    Hearing(ChangesAlone).hear(beacon(here), beacon(there))
    assert [each[1:] for each in Witness.asked if each[0] == "announced"] == [(AP, 6, 11)]


class OfStations(Witness):
    heeded: ClassVar[list[bytes]] = []

    def heeds_disconnection(self, said: Disconnected) -> bool:
        self.heeded.append(said.sender)
        return said.sender != said.bssid

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        self.asked.append(("disconnected", said, moment.now, frame.kind))
        return None


def test_a_disconnection_is_shown_to_who_heeds_it_and_a_row_of_equal_ones_is_asked_about_once() -> None:
    Witness.asked, OfStations.heeded = [], []
    by_ap, by_station = ((DEAUTH, receiver, sender, AP, b"\7\0") for receiver, sender in ((STA, AP), (AP, STA)))
    Hearing(OfStations).hear(beacon(), frame(*by_ap), frame(*by_ap), frame(*by_station), frame(*by_station))
    told = [each for each in Witness.asked if each[0] == "disconnected"]
    assert len(told) == 2
    assert told[0][1] is told[1][1], "one content for the row"
    assert OfStations.heeded == [AP, STA]


def test_beacons_that_alternate_are_sampled_too() -> None:
    told = asked(*(beacon(channel=1 if n % 2 else 11, time=1000 + n / 10) for n in range(40)))
    assert len([each for each in told if each[0] == "sampled"]) >= 8


def test_a_response_announces_where_no_beacon_was_heard() -> None:
    assert [each[0] for each in asked(response())] == ["announced"]


def test_networks_that_another_carries_are_announced_each() -> None:
    profile = b"\x53\x02\x11\x00" + b"\x00\x05guest" + b"\x55\x01\x01"
    several = element(71, b"\x02" + element(0, profile))
    told = asked(beacon(element(0, b"harbour") + RATES + ds(6) + several))
    carried = AP[:5] + bytes((AP[5] & 0xFC | (AP[5] + 1) % 4,))
    assert [each[1] for each in told if each[0] == "announced"] == [AP, carried]


def test_long_reservations_are_shown_whatever_kind_of_frame_makes_them() -> None:
    def cts(duration: int) -> Frame:
        raw = b"\xc4\x00" + duration.to_bytes(2, "little") + AP
        return parse(105, (1000.0, raw, len(raw)))

    poll = b"\xa4\x00\x01\xc0" + AP + STA
    free = cts(32_768)  # a contention-free period's
    assert asked(cts(32_000), cts(10_000), cts(40_000), free, parse(105, (1000.0, poll, len(poll)))) == [
        ("reserved", 32_000), ("reserved", 40_000),
    ]  # fmt: skip


class Teller(Witness):
    """Claims something at one of its calls."""

    rule = "teller"
    at: ClassVar[str]

    def _say(self, call: str) -> Verdict:
        return Claim(call, f"told by {call}") if call == self.at else None

    def observe(self, frame: Frame) -> Verdict:
        return self._say("observe")

    def learn(self, frame: Frame, finding: Body) -> Verdict:
        return self._say("learn")

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        return self._say("eapol")

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        return self._say("announced")

    def sampled(self, frame: Frame, ap: AccessPoint, before: Frame) -> Verdict:
        return self._say("sampled")

    def reserved(self, frame: Frame) -> Verdict:
        return self._say("reserved")

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        return self._say("disconnected")

    def turn(self) -> Sequence[Claim | Clear]:
        return (Claim("turn", "told by turn"),) if self.at == "turn" else ()


@pytest.mark.parametrize(
    "call", ["observe", "learn", "disconnected", "eapol", "announced", "sampled", "reserved", "turn"]
)
def test_what_is_claimed_at_any_call_is_an_alert(call: str) -> None:
    Teller.at = call
    hearing = Hearing(Teller)
    hearing.hear(
        *(beacon(time=1000 + n / 10, tsf=n * 102_400) for n in range(30)), key(1, 1, time=1004.0),
        frame(DEAUTH, STA, AP, AP, b"\7\0", time=1005.0), probe(time=1006.0, duration=32_000),
    )  # fmt: skip
    assert [alert.text for alert in hearing.alerts] == [f"told by {call}"]


def test_a_claim_goes_on_by_its_count_alone_until_it_is_cleared() -> None:
    repeated = Repeated(Claim("it", "seen " + SEEN, seen=1), 1000.0)

    class Counter(Witness):
        verdicts: ClassVar[list[Verdict]] = [Claim("it", "seen " + SEEN, seen=1), repeated, Clear("it")]

        def observe(self, frame: Frame) -> Verdict:
            return self.verdicts.pop(0)

    hearing = Hearing(Counter)
    repeated.seen = 17
    hearing.hear(*(probe(time=1000.0 + n / 10) for n in range(3)))
    assert [(event.kind, event.count) for event in hearing.events] == [("alert", 1), ("alert-closed", 17)]


@pytest.mark.parametrize("by_finding", [True, False])
def test_encrypted_data_is_shown_as_soon_as_a_frame_or_a_finding_makes_it_needed(by_finding: bool) -> None:
    class Waking(Witness):
        kinds = frozenset({DATA + ENCRYPTED} if by_finding else {DATA + ENCRYPTED, DEAUTH})
        findings = (Disconnected,) if by_finding else ()
        idle = True

        def observe(self, frame: Frame) -> Verdict:
            self.idle = not self.idle if frame.kind == DEAUTH else self.idle
            return super().observe(frame)

        def learn(self, frame: Frame, finding: Body) -> Verdict:
            self.idle = not self.idle
            return None

    def kick(time: float) -> Frame:
        return frame(DEAUTH, STA, AP, AP, b"\7\0", time=time, seq=int(time * 100) & 0xFFF)

    Witness.asked = []
    hearing = Hearing(Waking)
    for n, time in enumerate((1000.0, 1000.1, 1000.2)):
        hearing.hear(kick(time), to_ap(flags=0x41, time=time + 0.05, seq=n))
    assert [each for each in Witness.asked if each == ("observe", DATA)] == [("observe", DATA)] * 2


def test_damaged_frames_are_shown_to_nobody() -> None:
    fcs_wrong = frame(DEAUTH, STA, AP, AP, b"\7\0")
    raw = fcs_wrong.raw + b"\1\2\3\4"
    damaged = parse(105, (1000.0, raw, len(raw)))
    damaged.end -= 4
    assert asked(frame(DEAUTH, STA, AP, AP, b"\7\0", bad_fcs=True, duration=32_000), damaged) == []


def test_time_passes_in_turns_of_a_second() -> None:
    Witness.asked = []
    Hearing(Witness).hear(*(probe(time=1000 + n / 4) for n in range(13)))
    assert [each for each in Witness.asked if each[0] == "turn"] == [("turn", n) for n in (0, 1.0, 2.0, 3.0)]


def test_the_air_keeps_its_time_when_the_clock_is_set() -> None:
    hearing = Hearing(Witness)
    hearing.hear(probe(time=1000), probe(time=1005))
    hearing.engine.shift(-500)
    hearing.hear(probe(time=506))
    assert hearing.engine.air.watched == 6
    hearing.hear(probe(time=100))  # set back without a report
    hearing.hear(probe(time=101))
    assert hearing.engine.air.watched == 7


@pytest.mark.parametrize("step", [-1.7e9, -3600.0, -1800.0, 1800.0, 3600.0, 1.7e9])
def test_frames_in_flight_when_the_clock_is_set_keep_their_place(step: float) -> None:
    hearing = Hearing(Witness)
    hearing.hear(beacon(time=1.7e9), probe(time=1.7e9 + 20))
    hearing.engine.shift(step)
    hearing.hear(probe(time=1.7e9 + 20.5), beacon(time=1.7e9 + 21), probe(time=1.7e9 + step + 21.5))
    assert hearing.engine.air.watched == pytest.approx(21.5)
    (ap,) = hearing.survey.access_points.table.entries.values()
    (station,) = hearing.survey.stations.table.entries.values()
    assert [ap.first, ap.last] == pytest.approx([1.7e9 + step, 1.7e9 + step + 21])
    assert [station.first, station.last] == pytest.approx([1.7e9 + step + 20, 1.7e9 + step + 21.5])


@pytest.mark.parametrize("wild", [0.0, -8e-6, 1.7e9, 4.2e9])
def test_a_wild_stamp_does_not_move_the_air(wild: float) -> None:
    hearing = Hearing(Witness)
    hearing.hear(probe(time=1e9), probe(time=1e9 + 5), probe(time=wild), probe(time=1e9 + 6))
    assert 4.9 < hearing.engine.air.watched < 6.1


def test_listening_is_counted_for_each_channel() -> None:
    hearing = Hearing(Witness)
    air = hearing.engine.air
    for n in range(40):  # a second here, a second there
        freq = 2412 if n // 4 % 2 else 2437
        hearing.hear(probe(time=1000 + n / 4, freq=0), tuned=freq)
    assert air.freq == 2412
    assert 4.0 <= air.moment.listened <= 5.0
    hearing.hear(probe(time=1010, freq=2437))
    assert 5.0 <= air.moment.listened <= 5.5
    hearing.hear(probe(time=1011, freq=0))
    assert air.freq == 2437


def test_frames_of_several_radios_are_listening_everywhere() -> None:
    hearing = Hearing(Witness)
    for n in range(1000):
        hearing.hear(probe(time=1000 + n / 100, freq=2412 + n % 3 * 25))
    air = hearing.engine.air
    assert air.everywhere
    before = air.moment
    hearing.hear(probe(time=1015, freq=2412))
    assert 5.0 <= before.until(air.moment) <= 5.1


def test_a_radio_that_hops_is_one_radio() -> None:
    hearing = Hearing(Witness)
    for n in range(4000):  # 40 s, a quarter of a second on each channel
        hearing.hear(probe(time=1000 + n / 100, freq=2412 + n // 25 % 13 * 5))
    assert not hearing.engine.air.everywhere


def test_the_share_of_a_channel_is_that_of_the_time_spent_there() -> None:
    hearing = Hearing(Witness)
    air = hearing.engine.air
    assert air.share == 1.0
    hearing.hear(*(probe(time=1000 + n / 4, freq=2412 if n % 20 < 15 else 2437) for n in range(400)))
    assert air.freq == 2437
    assert air.share == pytest.approx(0.25, abs=0.03)
    air.everywhere = True
    assert air.share == 1.0


@pytest.mark.parametrize("by_time", [True, False])
def test_who_is_woken_by_time_alone_is_asked_once_a_second_whether_it_needs_encrypted_data(by_time: bool) -> None:
    class Sleeper(Witness):
        wakes_by_time = by_time
        reads = 0

        @property
        def idle(self) -> bool:  # type: ignore[override]
            type(self).reads += 1
            return True

    hearing = Hearing(Sleeper)
    hearing.hear(probe(time=1000.0))
    before = Sleeper.reads
    hearing.hear(*(frame(DEAUTH, STA, AP, AP, b"\7\0", time=1000.1 + n / 100, seq=n) for n in range(50)))
    assert (Sleeper.reads == before) is by_time
    hearing.hear(probe(time=1001.5))
    assert Sleeper.reads > before


def test_an_hour_without_a_frame_is_no_listening() -> None:
    hearing = Hearing(Witness)
    hearing.hear(probe(time=1000), probe(time=4600))
    assert hearing.engine.air.moment.listened <= 31
    assert hearing.engine.air.watched == 3600


class Broken(Witness):
    rule = "broken"

    def observe(self, frame: Frame) -> Verdict:
        raise RuntimeError("a mistake")


class BrokenLater(Witness):
    rule = "broken-later"

    def turn(self) -> Sequence[Claim | Clear]:
        raise RuntimeError("another")


class Short(Witness):
    """A detection for which there is no memory, or no descriptor."""

    rule = "short"
    error: ClassVar[type[Exception]]

    def observe(self, frame: Frame) -> Verdict:
        raise self.error


@pytest.mark.parametrize("error", [MemoryError, OSError])
def test_one_that_lacks_memory_goes_on(error: type[Exception]) -> None:
    Short.error = error
    failed: list[str] = []
    engine = Detections(Survey(), Guard(), (Short,), None, lambda each, error, frame: failed.append(each.rule))
    engine.observe(probe(time=1000))
    engine.observe(probe(time=1001))
    assert failed == ["short", "short"]
    assert [each.rule for each in engine.detections] == ["short"]


def test_one_that_raises_is_switched_off_and_the_others_go_on() -> None:
    Witness.asked = []
    failed: list[str] = []
    engine = Detections(
        Survey(), Guard(), (BrokenLater, Broken, Witness), None, lambda each, error, frame: failed.append(each.rule)
    )
    engine.observe(probe(time=1000))
    engine.observe(probe(time=1001))
    assert failed == ["broken-later", "broken"]
    assert [each.rule for each in engine.detections] == ["witness"]
    assert Witness.asked.count(("observe", PROBE_REQ)) == 2


class BrokenGenerator(Witness):
    rule = "broken-generator"

    def turn(self) -> Iterator[Claim | Clear]:  # type: ignore[override]
        raise RuntimeError("a third")
        yield Clear("never")


class BrokenClaim(Witness):
    rule = "broken-claim"

    def observe(self, frame: Frame) -> Verdict:
        return Claim(["not hashable"], "no key")  # type: ignore[arg-type]


class BrokenChoice(Witness):
    rule = "broken-choice"

    def heeds(self, said: Announcement) -> bool:
        raise ValueError


class BrokenPairs:
    def passes(self, frame: Frame, ap: AccessPoint, before: Frame) -> bool:
        raise RuntimeError("a fourth")

    def beacons_of(self) -> tuple[bytes, ...]:
        return ()


class BrokenFilter(Witness):
    rule = "broken-filter"
    pairs = BrokenPairs


def test_nothing_that_one_may_do_wrong_gets_out() -> None:
    Witness.asked = []
    failed: list[str] = []
    engine = Detections(
        Survey(),
        Guard(),
        (BrokenGenerator, BrokenChoice, BrokenClaim, BrokenFilter, Witness),
        None,
        lambda each, error, frame: failed.append(each.rule),
    )
    for n in range(12):
        engine.observe(beacon(time=1000 + n / 10, tsf=n * 102_400))
    engine.observe(probe(time=1002))
    assert sorted(failed) == ["broken-choice", "broken-claim", "broken-filter", "broken-generator"]
    assert [each.rule for each in engine.detections] == ["witness"]
    assert any(each[0] == "sampled" for each in Witness.asked)


def test_frames_of_other_kinds_announce_nothing() -> None:
    told = asked(beacon(), probe(), frame(DEAUTH, STA, AP, AP, b"\7\0"), to_ap(flags=1), key(1, 1))
    assert [each[0] for each in told].count("announced") == 1


def test_one_that_is_not_enabled_is_not_there() -> None:
    engine = Detections(Survey(), Guard(), (Witness,), {"witness": RuleSettings(enabled=False)})
    assert engine.detections == []


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_any_octets_pass_through(raws: list[bytes]) -> None:
    hearing = Hearing(Witness)
    hearing.hear(*(parse(105, (1000.0 + n, raw, len(raw))) for n, raw in enumerate(raws)))
    hearing.end()

"""The life of an alert: raised, updated, closed; and none hides another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon, frame, probe

from whimbrel.detections import alert_table
from whimbrel.detections.base import SEEN, Claim, Clear, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.tables import Retold
from whimbrel.events.alerts import REMEMBERED, Alert, AlertClosed, AlertUpdated, Severity
from whimbrel.events.base import Level
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DATA, DEAUTH, PROBE_REQ
from whimbrel.wifi.linktypes import parse


class Probing(Detection[RuleSettings]):
    """Every probe request."""

    rule = "probing"
    family = "presence"
    title = "Somebody probes"
    severity = Severity.WARNING
    meaning = advice = fooled_by = reference = "None."
    kinds = frozenset({PROBE_REQ, DEAUTH})

    def __init__(self, settings: RuleSettings, air: Any) -> None:
        super().__init__(settings, air)
        self._seen: dict[bytes, int] = {}

    def observe(self, frame: Frame) -> Verdict:
        assert frame.ta is not None
        if frame.kind == DEAUTH:
            return Clear(frame.ta)
        seen = self._seen[frame.ta] = self._seen.get(frame.ta, 0) + 1
        return Claim(
            frame.ta, f"{seen} probes", sender=frame.ta, ssid=b"harbour", seen=seen, threshold="1",
            severity=Severity.CRITICAL if seen == 50 else None,
        )  # fmt: skip


class Once(Probing):
    """Every probe request, once."""

    rule = "once"
    once = True


class Passing(Probing):
    """Time passes."""

    rule = "passing"
    kinds = frozenset()

    def turn(self) -> Sequence[Claim | Clear]:
        return [Claim("time", "it passes", seen=1)]


def address(number: int) -> bytes:
    return b"\x02" + number.to_bytes(5, "big")


def test_an_alert_says_who_where_when_and_how_often() -> None:
    hearing = Hearing(Probing)
    (alert,) = hearing.hear(probe(time=1000.5, freq=5180, rssi=-40))
    assert alert.id == "1"
    assert (alert.rule, alert.title, alert.severity, alert.confidence) == (
        "probing", "Somebody probes", "warning", "medium",
    )  # fmt: skip
    assert (alert.sender, alert.ssid, alert.channel, alert.freq, alert.rssi) == (STA, b"harbour", 36, 5180, -40)
    assert (alert.first, alert.last, alert.count, alert.threshold, alert.frames) == (1000.5, 1000.5, 1, "1", 1)
    # Its incident is reported at the level of its severity.
    assert alert.urgency is Level.INFO


@pytest.mark.parametrize("begin", [0, 1000, 1_700_000_000], ids=["without a clock", "soon after", "today"])
def test_it_is_updated_now_and_then_and_ends_when_it_is_quiet(begin: int) -> None:
    hearing = Hearing(Probing)
    hearing.hear(*(probe(time=begin + n, rssi=-40 - n) for n in range(35)))
    assert [type(event) for event in hearing.events] == [Alert, AlertUpdated, AlertUpdated]
    assert [event.count for event in hearing.events] == [1, 11, 31]
    hearing.hear(frame(0x0B, AP, STA, AP, b"\0" * 6, time=begin + 93))
    assert isinstance(hearing.events[-1], AlertUpdated)
    hearing.hear(frame(0x0B, AP, STA, AP, b"\0" * 6, time=begin + 100))
    last = hearing.events[-1]
    assert isinstance(last, AlertClosed)
    assert (last.reason, last.count, last.last, last.rssi_range) == ("quiet", 35, begin + 34, (-74, -40))
    assert last.urgency is Level.INFO


def test_the_count_in_the_words_is_that_of_the_alert() -> None:
    class Counting(Probing):
        rule = "counting"
        told: dict[bytes, Claim] = {}  # noqa: RUF012  # of one test

        def observe(self, frame: Frame) -> Verdict:
            assert frame.ta is not None
            first = self.told.setdefault(frame.ta, Claim(frame.ta, f"{SEEN} probes", seen=0))
            self.told[frame.ta] = first._replace(seen=first.seen + 1)
            return self.told[frame.ta]

    hearing = Hearing(Counting)
    hearing.hear(*(probe(time=1000 + n) for n in range(35)))
    hearing.end()
    assert [(event.count, event.text) for event in hearing.events] == [
        (n, f"{n} probes") for n in (1, 11, 31, 35)
    ]  # fmt: skip


def test_a_claim_that_only_repeats_is_the_same_as_if_it_were_written_again() -> None:
    class Written(Probing):
        def observe(self, frame: Frame) -> Verdict:
            assert frame.ta is not None
            if frame.kind == DEAUTH:
                return Clear(frame.ta)
            seen = self._seen[frame.ta] = self._seen.get(frame.ta, 0) + 1
            return Claim(frame.ta, f"{SEEN} probes", sender=frame.ta, seen=seen)

    class Told(Written):
        def __init__(self, settings: RuleSettings, air: Any) -> None:
            super().__init__(settings, air)
            self._told = Retold()

        def observe(self, frame: Frame) -> Verdict:
            claim = super().observe(frame)
            if not isinstance(claim, Claim):
                return claim
            now = self.air.now
            return self._told.again(claim.key, now, claim.seen) or self._told.keep(claim.key, now, claim)

    # Slow ones, many within a moment, after an end in the middle of it, and more senders than may have alerts.
    senders = [STA] * 8 + [address(number) for number in range(14)] + [STA] * 200
    times = [1000 + n for n in range(8)] + [1010 + n / 100 for n in range(214)]
    air = [probe(ta=ta, time=time) for ta, time in zip(senders, times, strict=True)]
    air.insert(100, frame(DEAUTH, AP, STA, AP, b"\x07\x00", time=1010.92))
    air += [probe(time=1012 + n / 4) for n in range(100)]
    told = []
    for cls in (Written, Told):
        hearing = Hearing(cls)
        hearing.hear(*air)
        hearing.end()
        told.append(hearing.events)
    assert len(told[0]) > 20
    assert told[0] == told[1]


def test_it_is_over_when_the_detection_says_so() -> None:
    hearing = Hearing(Probing)
    hearing.hear(probe(), frame(DEAUTH, AP, STA, AP, b"\7\0"))
    assert isinstance(hearing.events[-1], AlertClosed)
    assert hearing.events[-1].reason == "over"


def test_it_is_updated_at_once_when_it_becomes_worse() -> None:
    hearing = Hearing(Probing)
    hearing.hear(*(probe(time=1000 + n / 100) for n in range(60)))
    worse = [event for event in hearing.events if isinstance(event, AlertUpdated)]
    assert [(event.severity, event.count) for event in worse] == [("critical", 50)]


def test_what_has_to_be_saved_anew_is_counted() -> None:
    """Raised, worsened, ended, forgotten; a claim that only goes on is none of these."""
    hearing = Hearing(Probing)
    alerts = hearing.engine.alerts
    assert alerts.changes == 0
    hearing.hear(probe(time=1000.0))
    assert alerts.changes == 1
    hearing.hear(*(probe(time=1000 + n / 100) for n in range(1, 49)))
    assert alerts.changes == 1
    hearing.hear(probe(time=1000.6))
    assert alerts.changes == 2
    hearing.hear(frame(DEAUTH, AP, STA, AP, b"\7\0", time=1001.0))
    assert (alerts.changes, len(alerts.open)) == (3, 0)
    alerts.forget(["1"])
    assert (alerts.changes, len(alerts.remembered)) == (4, 0)


def test_what_comes_back_is_counted() -> None:
    hearing = Hearing(Probing)
    for n in range(3):
        hearing.hear(probe(time=1000 + 200 * n), frame(0x0B, AP, STA, AP, b"\0" * 6, time=1100 + 200 * n))
    assert [alert.again for alert in hearing.alerts] == [0, 1, 2]
    assert [alert.id for alert in hearing.alerts] == ["1", "2", "3"]


def test_what_happens_once_is_raised_once() -> None:
    hearing = Hearing(Once)
    hearing.hear(probe(), probe(), probe(time=5000), probe(ta=address(1), time=5001))
    assert [alert.sender for alert in hearing.alerts] == [STA, address(1)]
    assert not hearing.engine.alerts.open


@pytest.mark.parametrize(
    ("settings", "trusted"),
    [
        (RuleSettings(mute=(Mac(STA),)), ()),
        (RuleSettings(mute_ssids=(Ssid(b"harbour"),)), ()),
        (RuleSettings(), (STA,)),
    ],
)
def test_who_is_muted_or_trusted_raises_nothing(settings: RuleSettings, trusted: tuple[bytes, ...]) -> None:
    hearing = Hearing(Probing, probing=settings, trusted=trusted)
    assert hearing.hear(probe()) == []
    if not settings.mute_ssids:
        assert [alert.sender for alert in hearing.hear(probe(ta=AP))] == [AP]


def test_the_address_of_a_trusted_access_point_may_be_forged() -> None:
    class Forged(Probing):
        rule = "forged"

        def observe(self, frame: Frame) -> Verdict:
            return Claim("forged", "forged", bssid=frame.ta, sender=frame.ta)

    assert len(Hearing(Forged, trusted=[STA]).hear(probe())) == 1


def test_the_severity_can_be_set() -> None:
    (alert,) = Hearing(Probing, probing=RuleSettings(severity=Severity.NOTICE)).hear(probe())
    assert alert.severity is Severity.NOTICE


def test_a_storm_becomes_one_alert_that_counts_everyone() -> None:
    hearing = Hearing(Probing)
    hearing.hear(*(probe(ta=address(n), time=1000 + n / 100) for n in range(200)))
    assert len(hearing.alerts) == alert_table.BURST + 1
    hearing.hear(probe(ta=address(199), time=1011.0), probe(ta=STA, time=1020))
    newest = hearing.events[-1]
    assert isinstance(newest, AlertUpdated)
    assert newest.sender in {address(199), STA}
    assert "189 more cases" in newest.text or "188 more cases" in newest.text
    hearing.hear(probe(ta=address(5), time=1021))
    assert hearing.engine.alerts.find("6") is not None


class Graded(Probing):
    """Raises an alert for every probe request, with the severity in its name."""

    rule = "graded"

    def observe(self, frame: Frame) -> Verdict:
        grave = b"critical" in frame.raw
        return Claim(frame.ta, "graded", sender=frame.ta, severity=Severity.CRITICAL if grave else Severity.NOTICE)


def test_a_storm_does_not_hide_what_is_worse() -> None:
    hearing = Hearing(Graded)
    hearing.hear(*(probe(ta=address(n), time=1000 + n / 100) for n in range(100)))
    (worse,) = hearing.hear(probe(b"critical", ta=STA, time=1002))
    assert (worse.severity, worse.sender, worse.text) == (Severity.CRITICAL, STA, "graded")
    (also,) = hearing.hear(probe(b"critical", ta=address(50), time=1003))
    assert (also.severity, also.sender) == (Severity.CRITICAL, address(50))


def test_a_storm_of_what_happens_once_is_folded_too() -> None:
    hearing = Hearing(Once)
    hearing.hear(*(probe(ta=address(n), time=1000 + n / 100) for n in range(2000)))
    assert len(hearing.alerts) == alert_table.BURST_ONCE + 1
    hearing.hear(frame(0x0B, AP, STA, AP, b"\0" * 6, time=1100))
    last = hearing.events[-1]
    assert isinstance(last, AlertClosed)
    assert last.text.startswith("over 512 more cases")


def test_after_a_storm_a_new_attacker_is_an_alert_of_its_own() -> None:
    hearing = Hearing(Probing)
    hearing.hear(*(probe(ta=address(n), time=1000 + n / 100) for n in range(200)))
    hearing.hear(frame(0x0B, AP, STA, AP, b"\0" * 6, time=1200))
    assert [alert.sender for alert in hearing.hear(probe(time=1201))] == [STA]


def test_everything_is_bounded() -> None:
    hearing = Hearing(Probing)
    for n in range(3000):
        hearing.hear(probe(ta=address(n), time=1000 + n * 6))
    store = hearing.engine.alerts
    assert len(store.open) <= alert_table.OPEN
    assert len(store.remembered) <= REMEMBERED
    assert len(store._ended) <= 512


class Leaving(Probing):
    """Every deauthentication."""

    rule = "leaving"

    def observe(self, frame: Frame) -> Verdict:
        return Claim(frame.ta, "it leaves", sender=frame.ta) if frame.kind == DEAUTH else None


def test_the_worst_is_remembered_longest() -> None:
    hearing = Hearing(Leaving, Once, once=RuleSettings(severity=Severity.WEAKNESS))
    hearing.hear(frame(DEAUTH, AP, STA, AP, b"\7\0", time=1000))
    for n in range(300):
        hearing.hear(probe(ta=address(n), time=2000 + n * 6))
        assert hearing.engine.alerts.find(hearing.alerts[-1].id) is not None  # the newest is always there
    assert len(list(hearing.engine.alerts)) == REMEMBERED
    kept = hearing.engine.alerts.find("1")
    assert kept is not None
    assert kept.severity is Severity.WARNING


def test_a_claim_without_a_frame() -> None:
    hearing = Hearing(Passing)
    hearing.hear(*(probe(time=1000 + n) for n in range(12)))
    (alert,) = hearing.alerts
    assert (alert.first, alert.frames, alert.channel, alert.rssi) == (1000, 0, 0, None)
    hearing.end()
    assert isinstance(hearing.events[-1], AlertClosed)
    assert hearing.events[-1].last == 1011


def test_data_with_a_wrong_check_sequence_raises_nothing() -> None:
    class Data(Probing):
        rule = "data"
        kinds = frozenset({DATA})

    good = frame(DATA, AP, STA, AP, b"\0" * 30, flags=1)
    raw = good.raw + b"\0\0\0\0"
    damaged = parse(105, (1000.0, raw, len(raw)))
    damaged.end -= 4
    hearing = Hearing(Data)
    assert hearing.hear(damaged) == []
    assert hearing.engine.alerts.disbelieved == 1


class AboutAccessPoint(Probing):
    """A deauthentication."""

    rule = "about"
    kinds = frozenset({0x0C})

    def observe(self, frame: Frame) -> Verdict:
        return Claim(frame.bssid, "one", bssid=frame.bssid)


def away(number: int, freq: int, rssi: int, bssid: bytes = AP) -> Frame:
    return frame(0x0C, STA, bssid, bssid, b"\7\0", time=1001.0 + number, freq=freq, rssi=rssi)


def test_the_channel_is_the_one_that_the_access_point_announces() -> None:
    hearing = Hearing(AboutAccessPoint)
    hearing.hear(beacon(channel=6, freq=2442))
    [alert] = hearing.hear(away(0, 2442, -70))
    assert (alert.channel, alert.freq, alert.heard_on, alert.rssi) == (6, 2437, (2442,), -70)
    hearing.hear(away(1, 2437, -40), away(2, 2432, -75))
    hearing.end()
    last = hearing.events[-1]
    assert (last.channel, last.freq, last.heard_on) == (6, 2437, (2432, 2442))
    assert (last.rssi, last.rssi_range) == (-40, (-40, -40))


def test_the_channel_where_no_access_point_tells_one() -> None:
    hearing = Hearing(AboutAccessPoint)
    hearing.hear(away(0, 2442, -70), away(1, 2437, -40))
    hearing.end()
    last = hearing.events[-1]
    assert (last.channel, last.freq, last.heard_on, last.rssi_range) == (6, 2437, (2442,), (-70, -40))


def test_frequencies_without_end_are_bounded() -> None:
    hearing = Hearing(AboutAccessPoint)
    hearing.hear(beacon(channel=6, freq=2442))
    hearing.hear(away(0, 2437, -40), *(away(number, 2400 + number, -60) for number in range(1, 30)))
    hearing.end()
    assert len(hearing.events[-1].heard_on) < 8
    assert hearing.events[-1].rssi == -40

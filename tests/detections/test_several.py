from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.test_relays import HOME, announced, message
from tests.survey.air import AP, SAE, STA, beacon, ds, element, frame

from whimbrel.detections.base import Detection
from whimbrel.detections.disruption.disconnecting import DeauthFlood
from whimbrel.detections.impersonation.channels import TwoChannels
from whimbrel.detections.impersonation.clocks import TwoClocks
from whimbrel.detections.impersonation.levels import TwoLevels
from whimbrel.detections.protocol.key_reinstallation import KeyReinstallation
from whimbrel.detections.several import SeveralReceivers
from whimbrel.events.air import AccessPointFound
from whimbrel.events.alerts import Alert
from whimbrel.events.base import Body, Event
from whimbrel.events.radio import RadioClosed, RadioOpened
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH

FIRST, SECOND = 0, 1
NAMES = ("sniffer", "sniffer2")


class Receivers:
    """Receivers in front of detections."""

    def __init__(self, *classes: type[Detection], scans: bool = False, opened: bool = True) -> None:  # type: ignore[type-arg]
        self.hearing = Hearing(*classes)
        self.survey = self.hearing.survey
        self.several = SeveralReceivers(self.hearing.engine)
        self._seq = 0
        self.alerts: list[Alert] = []
        self.found: list[Body] = []
        if opened:
            self.tell(FIRST, RadioOpened(driver="sim", description="a"))
            self.tell(SECOND, RadioOpened(driver="sim", description="b", receiver=1, announcements_only=scans))

    def tell(self, receiver: int, body: Body) -> None:
        self._seq += 1
        self.several.follow(Event(self._seq, 0.0, NAMES[receiver], body))

    def hear(self, receiver: int, *frames: Frame, tuned: int = 0) -> list[Alert]:
        """Take a batch of a receiver in; return the alerts that it raised."""
        observe: Callable[..., object] = self.several.of(receiver)
        raised: list[Alert] = []
        for each in frames:
            self.hearing.heard += 1
            each.receiver = receiver
            found = observe(each, tuned)
            assert isinstance(found, (list, tuple))
            self.found += found
            raised += [body for body in found if isinstance(body, Alert)]
        self.alerts += raised
        return raised


def numbered(n: int, rssi: int = -50, **more: object) -> Frame:
    return beacon(tsf=n * 102_400 + 1, seq=n, time=1000.0 + n * 0.1024, rssi=rssi, **more)  # type: ignore[arg-type]


def disconnections(number: int, late: float = 0.0) -> list[Frame]:
    return [
        frame(DEAUTH, STA, AP, AP, b"\7\0", time=1001.0 + n / 10 + late, seq=100 + n, rssi=-70 if late else -40)
        for n in range(number)
    ]


def test_a_transmission_that_both_hear_counts_once_and_keeps_both_strengths() -> None:
    air = Receivers(DeauthFlood)
    air.hear(FIRST, *[numbered(n, -40) for n in range(8)])
    air.hear(SECOND, *[numbered(n, -70) for n in range(8)])
    assert air.survey.totals().frames == 8
    assert air.survey.totals().echoes == 8
    [row] = air.survey.access_point_rows()
    assert row.beacons == 8
    assert row.rssi.min == row.rssi.max == -40, "the level is that of one receiver"
    assert [(level.receiver, level.rssi.last, level.frames) for level in row.levels] == [(0, -40, 8), (1, -70, 8)]


def test_two_receivers_do_not_halve_a_threshold() -> None:
    air = Receivers(DeauthFlood)
    air.hear(FIRST, numbered(0))
    assert air.hear(FIRST, *disconnections(9)) == []
    assert air.hear(SECOND, *disconnections(9, late=0.002)) == []
    [alert] = air.hear(FIRST, *disconnections(10)[9:])
    assert alert.count == 10


def test_what_only_the_second_hears_counts_too() -> None:
    air = Receivers(DeauthFlood)
    air.hear(FIRST, numbered(0))
    air.hear(FIRST, *disconnections(10)[::2])
    [alert] = air.hear(SECOND, *disconnections(10, late=0.001))
    assert alert.count == 10


def test_levels_of_two_receivers_are_not_compared() -> None:
    air = Receivers(TwoLevels)
    for n in range(0, 400, 2):
        air.hear(FIRST, numbered(n, -40))
        air.hear(SECOND, numbered(n + 1, -75))
    assert air.alerts == []
    [row] = air.survey.access_point_rows()
    assert (row.beacons, row.rssi.min) == (400, -40)
    one = Hearing(TwoLevels)
    assert one.hear(*[numbered(n, -75 if n % 2 else -40) for n in range(400)]), "one receiver would have told"


def test_a_leak_into_the_channel_of_the_other_is_no_second_channel() -> None:
    air = Receivers(TwoChannels)
    for n in range(0, 400, 20):
        air.hear(FIRST, *[numbered(n + k, -40) for k in range(10)])
        air.hear(SECOND, *[numbered(n + k, -45, freq=2467) for k in range(10, 20)])
    assert air.alerts == []


def test_an_imitation_in_another_band_is_heard_by_the_other_receiver() -> None:
    air = Receivers(TwoChannels)
    fake = element(0, b"harbour") + ds(36)
    for n in range(0, 400, 20):
        air.hear(FIRST, *[numbered(n + k, -40) for k in range(10)])
        air.hear(SECOND, *[numbered(n + k, -45, freq=5180, elements=fake) for k in range(10, 20)])
    assert [alert.rule for alert in air.alerts] == ["two-channels"]


def test_an_imitation_that_is_heard_in_another_band_than_it_says_is_no_leak() -> None:
    air = Receivers(TwoChannels)
    for n in range(0, 400, 20):
        air.hear(FIRST, *[numbered(n + k, -40) for k in range(10)])
        air.hear(SECOND, *[numbered(n + k, -45, freq=5180) for k in range(10, 20)])
    assert [alert.rule for alert in air.alerts] == ["two-channels"]


def test_each_has_its_own_place_in_the_air_and_time_runs_on_both_channels() -> None:
    air = Receivers()
    engine = air.hearing.engine
    air.hear(FIRST, numbered(0, freq=2437), tuned=2437)
    air.hear(SECOND, numbered(0, bssid=STA, freq=5180), tuned=5180)
    for n in range(1, 100):
        air.hear(FIRST, numbered(n, freq=2437), tuned=2437)
        air.hear(SECOND, numbered(n, bssid=STA, freq=5180), tuned=5180)
    assert not engine.air.everywhere, "no channel is heard that nobody listens to"
    moment = engine.air.moment
    assert moment.freq == 5180
    assert 9 < moment.listened <= 10.2
    air.hear(FIRST, numbered(100, freq=2437), tuned=2437)
    assert engine.air.moment.freq == 2437
    assert 9 < engine.air.moment.listened <= 10.3


def test_a_channel_stops_when_its_receiver_has_gone() -> None:
    air = Receivers()
    engine = air.hearing.engine
    air.hear(FIRST, numbered(0, freq=2437), tuned=2437)
    air.hear(SECOND, numbered(10, bssid=STA, freq=5180), tuned=5180)
    air.hear(FIRST, numbered(20, freq=2437), tuned=2437)
    air.tell(SECOND, RadioClosed(reason="unplugged", received=1, dropped=0))
    air.hear(FIRST, numbered(99, freq=2437), tuned=2437)
    air.hear(FIRST, numbered(100, freq=5180), tuned=5180)
    assert (engine.air.moment.freq, round(engine.air.moment.listened, 1)) == (5180, 1.0)


def listened(air: Receivers, receiver: int, n: int, freq: int) -> float:
    """Return the seconds listened on a channel once a frame has come from there."""
    air.hear(receiver, numbered(n, freq=freq), tuned=freq)
    moment = air.hearing.engine.air.moment
    assert moment.freq == freq
    return round(moment.listened, 1)


def test_a_channel_stops_when_the_only_receiver_has_gone_and_another_one_comes() -> None:
    air = Receivers(opened=False)
    air.tell(FIRST, RadioOpened(driver="sim", description="a"))
    assert listened(air, FIRST, 0, 2412) == 0.0
    assert listened(air, FIRST, 10, 2412) == 1.0
    air.tell(FIRST, RadioClosed(reason="unplugged", received=1, dropped=0))
    air.tell(SECOND, RadioOpened(driver="sim", description="b", receiver=1))
    assert listened(air, SECOND, 20, 2437) == 0.0
    assert listened(air, SECOND, 100, 2437) == 8.2
    assert listened(air, SECOND, 101, 2412) == 1.0, "nobody was there since"
    air.tell(FIRST, RadioOpened(driver="sim", description="a"))
    assert listened(air, FIRST, 111, 2437) == 8.3


def test_a_channel_stops_when_its_receiver_has_gone_and_the_other_has_heard_nothing_yet() -> None:
    air = Receivers()
    listened(air, FIRST, 0, 2412)
    listened(air, FIRST, 10, 2412)
    air.tell(FIRST, RadioClosed(reason="unplugged", received=1, dropped=0))
    assert listened(air, SECOND, 100, 2437) == 0.0
    assert listened(air, SECOND, 101, 2412) == 1.0


@pytest.mark.parametrize("alone", [True, False], ids=["at first alone", "beside the other"])
def test_no_channel_runs_on_because_a_scan_was_there(alone: bool) -> None:
    air = Receivers(scans=True, opened=not alone)
    if alone:
        air.tell(SECOND, RadioOpened(driver="sim", description="b", receiver=1, announcements_only=True))
    air.hear(SECOND, scanned(0, freq=2412))
    if alone:
        air.tell(FIRST, RadioOpened(driver="sim", description="a"))
    listened(air, FIRST, 10, 2437)
    air.hear(SECOND, scanned(11, freq=2412, bssid=STA))
    assert listened(air, FIRST, 100, 2437) == 9.2
    assert listened(air, FIRST, 101, 2412) == 0.0


def test_a_radio_after_a_scan_is_on_one_channel_at_a_time() -> None:
    air = Receivers(opened=False)
    air.tell(FIRST, RadioOpened(driver="sim", description="a", announcements_only=True))
    for n in range(0, 20, 2):
        for k in range(8):
            air.hear(FIRST, scanned(n, late=k / 1000, freq=2412 + 5 * k))
    assert air.hearing.engine.air.everywhere
    air.tell(FIRST, RadioClosed(reason="there is a better radio", received=1, dropped=0))
    air.tell(FIRST, RadioOpened(driver="sim", description="a"))
    listened(air, FIRST, 30, 2437)
    assert listened(air, FIRST, 40, 2437) == 1.0
    assert listened(air, FIRST, 50, 2412) < 1.0


def test_the_one_that_is_left_is_heard_as_if_it_were_alone() -> None:
    air = Receivers()
    observe = air.hearing.engine.observe
    assert air.several.of(FIRST) != observe
    air.tell(FIRST, RadioClosed(reason="unplugged", received=1, dropped=0))
    assert air.several.of(SECOND) == observe
    air.tell(FIRST, RadioOpened(driver="sim", description="a"))
    assert air.several.of(SECOND) != observe


def scanned(n: int, late: float = 0.0, **more: object) -> Frame:
    made = numbered(n, -60, **more)
    made.seq = None
    made.time += late
    return made


def test_a_scan_adds_nothing_about_what_the_other_hears_too() -> None:
    air = Receivers(TwoClocks, TwoLevels, scans=True)
    for n in range(0, 300, 50):
        air.hear(FIRST, *[numbered(n + k, -40) for k in range(50)])
        air.hear(SECOND, scanned(n + 10))  # four seconds old by now
    assert air.alerts == []
    assert air.survey.totals().frames == 300
    [row] = air.survey.access_point_rows()
    assert (row.beacons, row.rssi.min) == (300, -40)
    assert row.levels[1].rssi.last == -60


def test_a_scan_brings_what_the_other_does_not_hear_and_the_clock_stays() -> None:
    air = Receivers(TwoClocks, scans=True)
    engine = air.hearing.engine
    air.hear(FIRST, *[numbered(n) for n in range(100)], tuned=2437)
    before = air.survey.report(1010.0)
    air.hear(SECOND, scanned(50, bssid=STA, freq=5180, name=b"beyond"))
    found = [body.ssid for body in air.found if isinstance(body, AccessPointFound)]
    assert found == [b"harbour", b"beyond"]
    assert engine.air.moment.freq == 0, "a scan is on no channel"
    air.hear(FIRST, numbered(120), tuned=2437)
    assert (engine.air.moment.freq, round(engine.air.moment.listened, 1)) == (2437, 12.3)
    air.hear(SECOND, scanned(150, bssid=STA, freq=5180, name=b"beyond"))
    assert engine.air.freq == 2437, "nor does it move the other one"
    assert before is not None
    assert air.alerts == []


def test_an_imitation_that_the_scan_alone_hears_is_judged() -> None:
    air = Receivers(scans=True)
    air.hear(FIRST, *[numbered(n) for n in range(100)], tuned=2437)
    air.hear(SECOND, scanned(90, security=SAE))
    [row] = air.survey.access_point_rows()
    assert row.beacons == 101, "it says something else"
    assert row.akms == ("SAE",)


def test_what_somebody_sends_again_in_another_band_is_no_echo() -> None:
    air = Receivers(KeyReinstallation)
    air.hear(FIRST, announced(-0.2), announced(-0.1), message(0.0, HOME))
    air.hear(SECOND, message(0.01, 5180))
    air.hear(FIRST, announced(0.6), announced(2.0))
    assert air.survey.totals().echoes == 0
    assert [alert.severity.value for alert in air.alerts] == ["critical"], "it is relayed"

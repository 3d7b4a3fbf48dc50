"""Figures: what they say, and that no label is an address, a name off the air, or without a bound."""

from __future__ import annotations

from tests.lab.alerts import alert, incident

from whimbrel.events.air import AirReport
from whimbrel.events.alerts import AlertClosed, AlertState, Severity
from whimbrel.events.device import SystemReport
from whimbrel.events.incidents import AlertsStanding, IncidentClosed
from whimbrel.events.radio import HoppingChanged, RadioClosed, RadioOpened, RadioReport
from whimbrel.events.reach import DaemonReached, DaemonUnreachable
from whimbrel.events.system import ModulesState, ModuleStatus
from whimbrel.metering.figures import BOUND, Figures
from whimbrel.rows import ChannelRow, ListenerRow

LABELS = {
    "version",
    "band",
    "channel",
    "reason",
    "type",
    "mode",
    "rule",
    "severity",
    "module",
    "state",
    "reader",
    "place",
    "receiver",
}


def found(figures: Figures) -> dict[str, dict[tuple[str, ...], float]]:
    return {family.name: dict(family.samples) for family in figures.families()}


def filled() -> Figures:
    figures = Figures()
    for body in (
        DaemonReached(version="1.0", away=None),
        AirReport(access_points=3, stations=4, frames=5, malformed=0, evicted=6, rate=0.0, busiest_freq=0),
        RadioOpened(driver="linux", description="wlan0"),
        RadioReport(
            received=100, dropped=2, malformed=3, bad_fcs=4, types=(("management", 60), ("data", 40)),
            discarded=(("damaged", 7),), receiver=("x",), rate=1.0,
        ),
        HoppingChanged(mode="locked"),
        SystemReport(
            cpu=0.5, memory_used=0, memory_total=0, resident=9, temperature=41.5, throttled="", disk_used=None,
            uptime=8.0, battery=None, addresses=(("wlan0", "10.0.0.1"),), losses=(("kernel", 2), ("bus", 3)),
        ),
        ModulesState(modules=(ModuleStatus("sniffer", "ready", "", 0.0, True, 2, 0, ()),)),
        alert(1), incident(1), alert(2, severity=Severity.WEAKNESS, rule="open-network"), alert(2, AlertClosed),
    ):  # fmt: skip
        figures.take(body)
    channel = ChannelRow(channel=6, freq=2437, band="2.4", frames=10, octets=20, airtime_us=1_500_000, retries=1)
    listener = ListenerRow(
        reader="logger", kinds=(), policy="latest", capacity=1, sent=1, delivered=1, lost=5, waiting=6, peak=0
    )
    figures.ask((channel, channel), (listener,))
    return figures


def test_what_has_no_duration_is_raised_and_never_open() -> None:
    figures = Figures()
    for number in range(1, 2001):
        figures.take(alert(number, lasting=False))
    assert not figures._alerts
    assert found(figures)["alerts"] == {("deauth-flood", "critical"): 2000.0}
    assert found(figures)["alerts_open"][("critical",)] == 0.0


def test_what_is_known_is_said() -> None:
    said = found(filled())
    assert said["up"] == {(): 1.0}
    assert said["access_points"] == {(): 3.0}
    assert said["frames_received"] == {(): 100.0}
    assert said["frames"] == {("management",): 60.0, ("data",): 40.0}
    assert said["frames_discarded"] == {("damaged",): 7.0}
    assert said["losses"] == {("kernel",): 2.0, ("bus",): 3.0}
    assert said["alerts"] == {("deauth-flood", "critical"): 1.0, ("open-network", "weakness"): 1.0}
    assert said["alerts_open"][("critical",)] == 1.0
    assert said["alerts_open"][("weakness",)] == 0.0
    assert said["incidents_open"][("critical",)] == 1.0
    assert said["module_state"][("sniffer", "ready")] == 1.0
    assert said["module_state"][("sniffer", "failed")] == 0.0
    assert said["radio_mode"] == {("hopping",): 0.0, ("locked",): 1.0, ("camping",): 0.0, ("scanning",): 0.0}
    assert said["channel_frames"] == {("2.4", "6"): 20.0}
    assert said["channel_airtime_seconds"] == {("2.4", "6"): 3.0}
    assert said["bus_lost"] == {("logger",): 5.0}
    assert said["temperature_celsius"] == {(): 41.5}


def test_ends_and_a_daemon_that_is_away() -> None:
    figures = filled()
    figures.take(incident(1, IncidentClosed))
    figures.take(alert(1, AlertClosed))
    figures.take(DaemonUnreachable(reason="x"))
    said = found(figures)
    assert said["up"] == {(): 0.0}
    assert sum(said["alerts_open"].values()) == sum(said["incidents_open"].values()) == 0
    figures.take(AlertsStanding(alerts=(AlertState(alert(9), open=True, acknowledged=False),), incidents=()))
    assert found(figures)["alerts_open"][("critical",)] == 1.0
    assert found(figures)["alerts"] == {("deauth-flood", "critical"): 1.0, ("open-network", "weakness"): 1.0}


def test_labels_are_known_words_and_bounded() -> None:
    figures = filled()
    for number in range(3 * BOUND):
        figures.take(alert(number, rule=f"rule-{number}"))
    rows = tuple(
        ListenerRow(reader=f"r{n}", kinds=(), policy="", capacity=1, sent=0, delivered=0, lost=1, waiting=0, peak=0)
        for n in range(3 * BOUND)
    )
    figures.ask((), rows)
    for family in figures.families():
        assert set(family.labels) <= LABELS
        assert len(family.samples) <= BOUND + 1, family.name
    said = found(figures)
    assert sum(said["alerts"].values()) == 3 * BOUND + 2
    assert sum(said["bus_lost"].values()) == 3 * BOUND


def test_nothing_off_the_air_is_in_it() -> None:
    figures = filled()
    figures.take(alert(3, ssid=b"secret-network", bssid=bytes.fromhex("021122334455"), text="secret-network"))
    text = repr(list(figures.families()))
    assert "secret-network" not in text
    assert "02:11:22" not in text
    assert "10.0.0.1" not in text


def test_before_anything_is_known_only_that_is_said() -> None:
    assert found(Figures())["up"] == {(): 0.0}


def test_receivers_are_added_up_and_each_has_its_listening_time() -> None:
    figures = Figures()

    def report(received: int, *channels: tuple[int, float]) -> RadioReport:
        return RadioReport(
            received=received, dropped=1, malformed=0, bad_fcs=0, discarded=(("bad FCS", 2),), receiver=(), rate=0.0,
            types=(("management", received),), listened=30.0, channels=channels,
        )  # fmt: skip

    figures.take(report(100, (2412, 10.0), (2437, 20.0)), "sniffer")
    figures.take(report(7), "sniffer2")
    for source in ("sniffer", "sniffer2"):
        figures.take(RadioOpened(driver="linux", description=source), source)
        figures.take(HoppingChanged(mode="hopping"), source)
    said = found(figures)
    assert said["frames_received"] == {(): 107.0}
    assert said["frames_dropped"] == {(): 2.0}
    assert said["frames"] == {("management",): 107.0}
    assert said["frames_discarded"] == {("bad FCS",): 4.0}
    assert said["radio_mode"][("hopping",)] == 2.0
    assert said["receiver_frames"] == {("sniffer",): 100.0, ("sniffer2",): 7.0}
    assert said["receiver_dropped"] == {("sniffer",): 1.0, ("sniffer2",): 1.0}
    assert said["listening_seconds"] == {
        ("sniffer", "2.4", "1"): 10.0,
        ("sniffer", "2.4", "6"): 20.0,
        ("sniffer2", "", ""): 30.0,
    }


def test_a_receiver_that_was_closed_has_no_mode_and_no_faults_any_more() -> None:
    figures = filled()
    assert found(figures)["receiver_faults"] == {(): 1.0}
    figures.take(RadioClosed(reason="unplugged", received=100, dropped=2))
    said = found(figures)
    assert said["receiver_faults"] == {(): 0.0}
    assert set(said["radio_mode"].values()) == {0.0}
    assert said["frames_received"] == {(): 100.0}, "what it has heard stays counted"
    figures.take(RadioOpened(driver="scan", description="wlan0", announcements_only=True))
    assert found(figures)["radio_mode"][("scanning",)] == 1.0


def test_a_receiver_that_is_opened_again_goes_on_from_its_counts() -> None:
    """Prometheus takes a counter that falls for a start of the process, and all of the new count for an increase."""
    figures = Figures()

    def hear(received: int, listened: float, source: str = "sniffer") -> dict[str, dict[tuple[str, ...], float]]:
        report = RadioReport(
            received=received, dropped=received // 10, malformed=0, bad_fcs=0, discarded=(("bad FCS", received),),
            receiver=(), rate=0.0, types=(("data", received),), listened=listened, channels=((2412, listened),),
        )  # fmt: skip
        figures.take(report, source)
        return found(figures)

    hear(1000, 60.0, "sniffer2")
    hear(100, 10.0)
    hear(150, 20.0)
    hear(150, 20.0)  # told again to who connects anew
    said = hear(30, 5.0)
    assert said["frames_received"] == {(): 1180.0}
    assert said["frames"] == {("data",): 1180.0}
    assert said["frames_discarded"] == {("bad FCS",): 1180.0}
    assert said["receiver_frames"] == {("sniffer2",): 1000.0, ("sniffer",): 180.0}
    assert said["receiver_dropped"] == {("sniffer2",): 100.0, ("sniffer",): 18.0}
    assert said["listening_seconds"] == {("sniffer2", "2.4", "1"): 60.0, ("sniffer", "2.4", "1"): 25.0}
    assert hear(40, 6.0)["frames_received"] == {(): 1190.0}

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.survey.air import AP, beacon, frame

from whimbrel.events.alerts import (
    AcknowledgeAlert,
    Alert,
    AlertAcknowledged,
    LearnNetwork,
    NetworkLearned,
    NetworksGuarded,
    ReportAlerts,
)
from whimbrel.events.device import ReportSignal, SignalReported
from whimbrel.events.history import HistoryErased
from whimbrel.events.incidents import AlertsStanding
from whimbrel.events.radio import FrameBatch
from whimbrel.events.system import CommandRefused
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.testing import Lab, run_module
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with run_module(Watcher, WatcherSettings(learned=tmp_path / "guarded.yaml")) as running:
        await running.ready()
        assert (await running.event(AlertsStanding)).alerts == ()
        yield running


def flood() -> list[Frame]:
    beacons = [beacon(time=1000.0 + i / 10) for i in range(10)]
    return beacons + [frame(DEAUTH, b"\xff" * 6, AP, AP, b"\x07\0", time=1001.0 + i / 10) for i in range(40)]


async def test_who_is_late_is_told_which_alerts_there_are(lab: Lab) -> None:
    lab.publish(FrameBatch(frames=flood()))
    raised = await lab.event(Alert, lambda body: body.rule == "deauth-flood")
    assert (raised.family, raised.lasting, raised.ssid) == ("disruption", True, b"harbour")
    assert raised.meaning
    assert raised.advice
    lab.publish(ReportAlerts())
    standing = await lab.event(AlertsStanding)
    states = {state.alert.id: state for state in standing.alerts}
    assert (states[raised.id].open, states[raised.id].acknowledged) == (True, False)
    assert states[raised.id].alert.title == raised.title
    assert [state.alert.first for state in standing.alerts] == sorted(state.alert.first for state in standing.alerts)


async def test_an_alert_is_seen_for_everybody(lab: Lab) -> None:
    lab.publish(FrameBatch(frames=flood()))
    raised = await lab.event(Alert, lambda body: body.rule == "deauth-flood")
    lab.publish(AcknowledgeAlert(id=raised.id))
    assert (await lab.event(AlertAcknowledged)).id == raised.id
    lab.publish(ReportAlerts())
    standing = await lab.event(AlertsStanding)
    assert {state.alert.id for state in standing.alerts if state.acknowledged} == {raised.id}


async def test_an_alert_that_is_forgotten_is_refused(lab: Lab) -> None:
    asked = lab.publish(AcknowledgeAlert(id="404"))
    refused = await lab.event(CommandRefused)
    assert (refused.command, refused.answers) == ("acknowledge-alert", asked.seq)
    assert "not remembered" in refused.text


async def test_what_is_erased_from_a_history_is_forgotten_and_what_goes_on_is_a_new_alert(lab: Lab) -> None:
    frames = flood()
    lab.publish(FrameBatch(frames=frames))
    raised = await lab.event(Alert, lambda body: body.rule == "deauth-flood")
    lab.publish(HistoryErased(rows=1, alerts=(raised.id, "404")))
    assert raised.id not in {state.alert.id for state in (await lab.event(AlertsStanding)).alerts}
    for one in frames:
        one.time += 10.0
    lab.publish(FrameBatch(frames=frames))
    again = await lab.event(Alert, lambda body: body.rule == "deauth-flood")
    assert (int(again.id) > int(raised.id), again.again) == (True, 0)


async def test_a_network_is_learned_once_one_is_sure(lab: Lab) -> None:
    lab.publish(FrameBatch(frames=[beacon(time=1000.0)]))
    asked = lab.publish(LearnNetwork(bssid=AP))
    answer = await lab.event(NetworkLearned)
    assert (answer.written, answer.answers, answer.network.ssid) == (False, asked.seq, b"harbour")
    assert any("was heard for only 0 s" in doubt for doubt in answer.doubts)
    lab.publish(LearnNetwork(bssid=AP, sure=True))
    guarded = await lab.event(NetworksGuarded)
    assert guarded.ssids == (b"harbour",)
    learned = await lab.event(NetworkLearned)
    assert learned.written
    assert learned.network.bssids == (AP,)


async def test_a_network_that_is_not_heard_is_refused(lab: Lab) -> None:
    asked = lab.publish(LearnNetwork(bssid=b"\x02\0\0\0\0\x09"))
    refused = await lab.event(CommandRefused)
    assert (refused.command, refused.answers) == ("learn-network", asked.seq)
    assert "SSID of that access point is unknown" in refused.text


async def test_the_signal_of_the_last_half_minute_is_told(lab: Lab) -> None:
    lab.publish(FrameBatch(frames=[beacon(time=1000.0 + i, rssi=-80 + i) for i in range(40)]))
    lab.publish(ReportSignal(address=AP))
    told = await lab.event(SignalReported)
    while not told.samples:  # the frames may not have been looked at yet
        lab.publish(ReportSignal(address=AP))
        told = await lab.event(SignalReported)
    assert told.address == AP
    assert told.samples[-1][0] <= 1039.0
    assert [rssi for _, rssi in told.samples] == sorted(rssi for _, rssi in told.samples)
    lab.publish(ReportSignal(address=b"\x02\0\0\0\0\x09"))
    assert (await lab.event(SignalReported)).samples == ()

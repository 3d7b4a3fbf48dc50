"""Every fault of a receiver with every family of detections, live: the findings of a clean receiver, or a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.hearing.attacked_air import FAMILIES, attacked_air
from tests.hearing.frames import HONEST, READABLE, RECEIVERS
from tests.lab.tun import MonitorTun, skip_without_tun
from tests.process.daemon import DaemonProcess

pytestmark = pytest.mark.tun

LIVE = """\
daemon: {retry: 200ms, report: 200ms}
modules:
  sniffer: {source: linux, tuner: none, report: 200ms, linux: {interface: wmon0}}
  watcher: {report: 1s}
  logger: {to: stderr}
  control: {socket: SOCKET}
"""
WANTED = set().union(*FAMILIES.values())
PER_SECOND = 200


def feed(tun: MonitorTun, kind: str) -> None:
    tun.feed([RECEIVERS[kind](frame) for _, frame in attacked_air()], PER_SECOND)


def alerts(daemon: DaemonProcess) -> set[tuple[Any, ...]]:
    """Return the alerts: rule, severity, place, sender."""
    rows = daemon.ask("alerts")["alerts"]
    return {(row["rule"], row["severity"], row["bssid"], row["sender"]) for row in rows if row["rule"] in WANTED}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[Any, ...]]:
    skip_without_tun()
    with MonitorTun() as tun, DaemonProcess(tmp_path_factory.mktemp("clean"), LIVE, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("READY=1")
        feed(tun, "clean")
        daemon.wait_until(lambda: {rule for rule, *_ in alerts(daemon)} == WANTED, "an alert of every family")
        assert daemon.ask("status")["receiver"] == []
        return alerts(daemon)


@pytest.mark.parametrize("kind", READABLE)
def test_alerts_are_those_of_the_clean_receiver(
    tun: MonitorTun, clean: set[tuple[Any, ...]], kind: str, tmp_path: Path
) -> None:
    with DaemonProcess(tmp_path, LIVE, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("READY=1")
        feed(tun, kind)
        daemon.wait_until(lambda: alerts(daemon) == clean, "the alerts of the clean receiver")
        assert daemon.states()["sniffer"] == "ready"
        assert bool(daemon.ask("status")["receiver"]) is (kind not in HONEST)
        assert daemon.stop() == 0
    assert ("receiver-judged" in daemon.journal) is (kind not in HONEST)


@pytest.mark.parametrize("kind", sorted(RECEIVERS.keys() - set(READABLE)))
def test_a_receiver_of_no_use_is_a_degraded_radio(tun: MonitorTun, kind: str, tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, LIVE, spawn=tun.spawn) as daemon:
        daemon.wait_until_told("READY=1")
        feed(tun, kind)
        row = daemon.wait_for_state("sniffer", "degraded")
        assert "capture header of every frame is broken" in row["warnings"]["receiver"]
        daemon.wait_until_told("STATUS=sniffer degraded: none of its frames is usable")
        daemon.wait_until(lambda: daemon.ask("status")["discarded"], "a count of what is of no use")
        assert alerts(daemon) == set()
        tun.feed([RECEIVERS["clean"](frame) for _, frame in attacked_air()], PER_SECOND)
        daemon.wait_for_state("sniffer", "ready")
        assert daemon.stop() == 0
    assert "receiver-judged" in daemon.journal

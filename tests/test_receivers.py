from __future__ import annotations

from whimbrel.events.base import Body, Event
from whimbrel.events.radio import (
    ChannelsShared,
    HoppingChanged,
    ListeningChanged,
    ProbingChanged,
    RadioBlind,
    RadioClosed,
    RadioOpened,
    RadioRecovered,
    RadioReport,
)
from whimbrel.receivers import NewestOfEach, Together, heard_and_lost, radios, receiver_rows, together
from whimbrel.rows import ReceiverRow
from whimbrel.wifi.channels import Channel

OPENED = RadioOpened(driver="linux", description="phy1mon (phy1, ath9k_htc)", channels=(2412, 2437))
SECOND = RadioOpened(driver="scan", description="wlan0 (phy0, brcmfmac)", receiver=1, announcements_only=True)


def told(*bodies: tuple[str, Body]) -> NewestOfEach:
    newest = NewestOfEach()
    for seq, (source, body) in enumerate(bodies, 1):
        newest.take(Event(seq, 0.0, source, body))
    return newest


def rows(*bodies: tuple[str, Body]) -> tuple[ReceiverRow, ...]:
    return receiver_rows(told(*bodies).of)


def state(*bodies: Body) -> str:
    [row] = rows(*(("sniffer", body) for body in (OPENED, *bodies)))
    return row.state


def test_before_a_radio_is_open_there_is_none() -> None:
    assert rows() == ()
    assert rows(("sniffer", HoppingChanged(mode="hopping"))) == ()


def test_each_is_told_by_its_own_events() -> None:
    report = RadioReport(
        received=10, dropped=2, malformed=0, bad_fcs=1, discarded=(("bad FCS", 1),), receiver=("odd",), rate=5.04,
        listened=9.5,
    )  # fmt: skip
    first, second = rows(
        ("sniffer2", SECOND),
        ("sniffer", OPENED),
        ("sniffer", HoppingChanged(mode="locked", channel=Channel(2437))),
        ("sniffer", ChannelsShared(planned=(2412, 2437), visited=(2412,))),
        ("sniffer", report),
    )
    assert (first.receiver, first.number, first.mode, first.channel, first.visited) == ("sniffer", 0, "locked", "6", 1)
    assert (first.received, first.lost, first.rate, first.listened) == (10, 2, 5.0, 9.5)
    assert (first.faults, first.discarded) == (("odd",), {"bad FCS": 1})
    assert (second.receiver, second.number, second.mode, second.visited) == ("sniffer2", 1, "scanning", 0)
    assert (second.received, second.description) == (0, SECOND.description)


def test_the_state_is_that_of_the_newest_events() -> None:
    blind, seeing = RadioBlind(silent=9.0), RadioRecovered(blind=9.0, rung="")
    closed = RadioClosed(reason="", received=0, dropped=0)
    assert state() == "listening"
    assert state(blind) == "blind"
    assert state(blind, seeing) == "listening"
    assert state(seeing, blind) == "blind"
    assert state(blind, closed) == "closed"
    assert state(blind, closed, OPENED) == "listening"
    assert state(ListeningChanged(paused=True)) == "paused"
    assert state(ListeningChanged(paused=True), ListeningChanged(paused=False)) == "listening"


def test_whether_it_transmits_is_what_was_told_last() -> None:
    sending, refused = ProbingChanged(transmits=True), ProbingChanged(transmits=False, refused="EPERM")
    for bodies, transmits in (((SECOND,), False), ((SECOND, sending), True), ((SECOND, sending, refused), False)):
        [row] = rows(*(("sniffer", body) for body in bodies))
        assert row.transmits is transmits
    [row] = rows(("sniffer", SECOND), ("sniffer", sending), ("sniffer", SECOND))
    assert not row.transmits, "it was opened anew"


def test_what_was_before_the_opening_is_over() -> None:
    [row] = rows(
        ("sniffer", OPENED),
        ("sniffer", HoppingChanged(mode="locked", channel=Channel(2437))),
        ("sniffer", ChannelsShared(planned=(2412, 2437), visited=(2412,))),
        ("sniffer", OPENED),
    )
    assert (row.mode, row.channel, row.visited) == ("", "", 2)


def test_one_that_was_closed_does_nothing_and_has_no_faults() -> None:
    report = RadioReport(
        received=10, dropped=2, malformed=0, bad_fcs=1, discarded=(("bad FCS", 1),), receiver=("odd",), rate=5.0
    )
    [row] = rows(
        ("sniffer", OPENED),
        ("sniffer", HoppingChanged(mode="locked", channel=Channel(2437))),
        ("sniffer", report),
        ("sniffer", RadioClosed(reason="", received=10, dropped=2)),
    )
    assert (row.mode, row.channel, row.faults, row.rate) == ("", "", (), 0.0)
    assert (row.received, row.lost, row.discarded) == (10, 2, {"bad FCS": 1}), "that happened"


def test_the_state_of_all() -> None:
    def all_(*bodies: tuple[str, Body]) -> Together:
        return together(rows(*both, *bodies))

    odd = RadioReport(received=1, dropped=0, malformed=0, bad_fcs=0, discarded=(), receiver=("odd",), rate=1.0)
    both = (("sniffer2", OPENED), ("sniffer", SECOND), ("sniffer2", HoppingChanged(mode="hopping")))
    blind, paused = RadioBlind(silent=9.0), ListeningChanged(paused=True)
    closed = RadioClosed(reason="", received=0, dropped=0)
    assert together(()) == Together()
    assert (all_().state, all_().mode) == ("listening", "hopping"), "one that hears more than beacons leads"
    assert all_(("sniffer2", closed)).mode == "scanning"
    assert all_(("sniffer", blind)).state == "listening"
    assert all_(("sniffer", blind), ("sniffer2", blind)).state == "blind"
    assert all_(("sniffer", blind), ("sniffer2", closed)).state == "blind"
    assert all_(("sniffer", paused), ("sniffer2", paused)).state == "paused"
    assert all_(("sniffer", closed), ("sniffer2", closed)) == Together()
    assert all_(("sniffer2", odd)).faults == ("sniffer2: odd",)
    assert all_(("sniffer2", odd), ("sniffer2", closed)).faults == ()
    assert together(rows(("sniffer", OPENED), ("sniffer", odd))).faults == ("odd",)


def test_what_they_are_together() -> None:
    def report(received: int) -> RadioReport:
        return RadioReport(received=received, dropped=2, malformed=0, bad_fcs=0, discarded=(), receiver=(), rate=0.0)

    both = (("sniffer", OPENED), ("sniffer2", SECOND), ("sniffer", report(10)), ("sniffer2", report(5)))
    assert radios(told(*both).of) == "phy1mon (phy1, ath9k_htc) and wlan0 (phy0, brcmfmac)"
    assert heard_and_lost(told(*both).of) == {"sniffer": (10, 2), "sniffer2": (5, 2)}
    gone = told(*both, ("sniffer", RadioClosed(reason="", received=10, dropped=2)))
    assert radios(gone.of) == SECOND.description
    assert (radios(told().of), heard_and_lost(told().of)) == ("", {})

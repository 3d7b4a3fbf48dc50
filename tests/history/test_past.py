from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.history.rows import AP, DAY, NOW, access_point, opened, sample

from whimbrel.events.history import NetworkPast, PastKnown, WeaknessPast
from whimbrel.history import entries
from whimbrel.history.collecting import Collector, Keeping
from whimbrel.history.past import past_of
from whimbrel.history.queries import Reader
from whimbrel.wifi.security import Pmf, Protection, Security

SAE = Security(Protection.WPA3_PERSONAL, Pmf.REQUIRED, ("CCMP-128",), "CCMP-128", ("SAE",))
PSK = Security(Protection.WPA2_PERSONAL, Pmf.NONE, ("CCMP-128",), "CCMP-128", ("PSK",))


def security(value: Security) -> dict[str, Any]:
    return {
        "security": value.protection, "pmf": value.pmf, "ciphers": value.ciphers, "group_cipher": value.group,
        "akms": value.akms,
    }  # fmt: skip


def past(folder: Path, *heard: tuple[float, dict[str, Any]], clock: bool = True) -> PastKnown:
    store = opened(folder / "history.db")
    store.write([entries.session((1, NOW, NOW + DAY, int(clock), "0", "", "", 1, 0, 0, 0))])
    made = Collector(1, store.known, Keeping("relevant"))
    for at, said in heard:
        store.write(made.take(sample([access_point(last=NOW + at, **said)]), NOW))
    store.write(made.finish())
    with Reader(store.path) as reader:
        found = past_of(reader, [b"harbour"])
    store.close()
    return found


def test_each_protection_of_a_guarded_network_is_known_with_its_last_day(tmp_path: Path) -> None:
    found = past(tmp_path, (0, security(SAE)), (3600, security(SAE)), (7200, security(PSK)), (9000, security(PSK)))
    assert found.networks == (
        NetworkPast(b"harbour", AP, SAE, NOW + 7200),
        NetworkPast(b"harbour", AP, PSK, NOW + 9000),
    )
    assert found.weaknesses == ()


def test_what_was_so_for_minutes_only_is_not_believed(tmp_path: Path) -> None:
    found = past(tmp_path, (0, security(PSK)), (3600, security(SAE)), (3660, security(PSK)), (9000, security(PSK)))
    assert {network.security for network in found.networks} == {PSK}
    assert found.weaknesses == ()


@pytest.mark.parametrize(("clock", "known"), [(True, True), (False, False)])
def test_a_weakness_that_was_gone_is_known_where_the_clock_was(tmp_path: Path, clock: bool, known: bool) -> None:
    found = past(
        tmp_path,
        (0, {"wps": True}),
        (3600, {"wps": True}),
        (7200, {"wps": False}),
        (20000, {"wps": False}),
        clock=clock,
    )
    assert (found.weaknesses == (WeaknessPast(AP, "wps", NOW + 7200),)) is known
    assert bool(found.networks) is known


def test_a_weakness_that_is_there_again_is_not_gone(tmp_path: Path) -> None:
    heard = [(0, True), (3600, True), (7200, False), (20000, False), (30000, True), (40000, True)]
    assert past(tmp_path, *((at, {"wps": wps}) for at, wps in heard)).weaknesses == ()

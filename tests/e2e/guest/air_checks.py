"""What the daemon learns of real access points and stations, and of an attack on them."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.guest import air, daemon
from tests.vm.guest.checks import check, run, say, wait_for

ALERT = {"WHIMBREL_KIND": "alert", "WHIMBREL_RULE": "deauth-flood"}
"""Fields of the journal's entry for a disconnection attack."""
_TRIES = 12
_ATTACK = 60.0
"""Seconds that the attack lasts at most."""
_WARNING = 4


def finds_every_access_point_and_its_security_while_hopping() -> None:
    expected = {(n.ssid, n.channel, n.security, n.pmf) for n in air.NETWORKS}
    found: set[tuple[Any, ...]] = set()

    def all_found() -> bool:
        rows = json.loads(run("whimbrel", "survey", "--json"))["access_points"]
        found.clear()
        found.update((row["ssid"], row["channel"], row["security"], row["pmf"]) for row in rows)
        return expected <= found

    try:
        wait_for("all access points", all_found, 60, every=1)
    finally:
        say("NOTE  survey:", sorted(found, key=str))
    check(found == expected, f"more than there are: {found - expected}")
    for network in air.NETWORKS:
        entry = daemon.wait_for_entry("access-point-found", WHIMBREL_BSSID=air.address(network.interface))
        check(entry["WHIMBREL_SSID"] == network.ssid, entry)
        check(entry["WHIMBREL_CHANNEL"] == str(network.channel), entry)
    check(daemon.ask("status")["status"].startswith(("hopping", "camping")), daemon.ask("status")["status"])


def sees_the_handshake_of_wpa2() -> None:
    bssid = air.address(air.PERSONAL.interface)
    for attempt in range(1, _TRIES + 1):
        air.join_again(air.PERSONAL)
        # A radio that hops is elsewhere during some of them.
        try:
            entry = daemon.wait_for_entry("handshake-seen", within=3, WHIMBREL_BSSID=bssid)
        except AssertionError:
            continue
        say(f"NOTE  at handshake {attempt}:", entry["MESSAGE"])
        check(entry["WHIMBREL_STATION"] == air.address(air.PERSONAL.station), entry)
        return
    raise AssertionError(f"not one of {_TRIES} handshakes; eapol: {daemon.entries(WHIMBREL_KIND='eapol-seen')[-4:]}")


def knows_who_uses_which_network() -> None:
    expected = {(air.address(n.station), air.address(n.interface)) for n in (air.PERSONAL, air.SAE)}

    def members() -> set[tuple[str, str]]:
        return {(row["station"], row["bssid"]) for row in daemon.ask("survey", what="stations")["stations"]}

    for network in (air.PERSONAL, air.SAE):
        wait_for(f"{network.station} on {network.ssid}", lambda n=network: air.connected(n), 60)  # type: ignore[misc]

    def known() -> bool:
        for network in (air.PERSONAL, air.SAE):
            air.talk(network)
        return expected <= members()

    wait_for(f"the stations {expected}", known, 60)


def _incidents(since: float, number: str | None) -> list[dict[str, Any]]:
    return daemon.entries(since, WHIMBREL_KIND="incident-opened", WHIMBREL_INCIDENT=str(number))


def raises_the_alert_at_a_disconnection_attack() -> None:
    attacker = air.Attacker(air.PERSONAL)
    began = daemon.now()
    sent = lost = 0
    alert: list[dict[str, Any]] = []
    try:
        while not (alert and lost) and daemon.now() < began + _ATTACK:
            sent += attacker.attack(bursts=4, pause=0.25)
            lost = air.times_thrown_out(air.PERSONAL)
            alert = daemon.entries(began, **ALERT)
    finally:
        attacker.close()
    heard = daemon.entries(began, WHIMBREL_KIND="disconnected")
    words = [entry["MESSAGE"] for entry in heard]
    say(f"NOTE  {sent} frames in {daemon.now() - began:.0f} s; they threw the station out {lost} times")
    check(lost, "the attack did not disconnect the station: it proves nothing")
    check(heard, "not one disconnection was heard")
    check(alert, f"no entry with {ALERT}; disconnections in the journal: {words[:5]}")
    say("NOTE  said:", alert[0]["MESSAGE"])
    # The incident has the level of its severity, the alerts in it stand below.
    incident = alert[0].get("WHIMBREL_INCIDENT")
    wait_for(f"the entry of incident {incident}", lambda: _incidents(began, incident), 10)
    opened = _incidents(began, incident)[0]
    check(int(opened["PRIORITY"]) <= _WARNING, opened)
    check(alert[0].get("WHIMBREL_BSSID") == air.address(air.PERSONAL.interface), alert[0])

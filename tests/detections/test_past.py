from __future__ import annotations

from whimbrel.detections.past import Past
from whimbrel.events.history import NetworkPast, WeaknessPast
from whimbrel.wifi.security import OPEN


def test_it_is_looked_up_by_name_and_by_address_and_bounded() -> None:
    networks = [NetworkPast(b"harbour", n.to_bytes(6, "big"), OPEN, 1.0) for n in range(5000)]
    past = Past(networks, [WeaknessPast(b"\1" * 6, "wps", 1.0), WeaknessPast(b"\1" * 6, "open", 2.0)])
    assert len(past.networks[b"harbour"]) == 1024
    assert past.weaknesses[b"\1" * 6]["open"].since == 2.0

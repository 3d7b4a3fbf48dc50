"""With any input, the rules on imitations do not raise exceptions and stay small."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import OWN, STRANGER, beacons, disconnection, elements
from tests.survey.air import RSN, beacon, frame, probe, response

from whimbrel.detections.base import Detection
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.impersonation import answers, downgrade, evil_twin, guard, karma, lookalike, tools
from whimbrel.detections.impersonation.answers import AnswerSettings
from whimbrel.detections.impersonation.watch import Watch
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.security import Protection

MODULES = (evil_twin, guard, lookalike, downgrade, karma, answers, tools)
RULES: tuple[type[Detection[Any]], ...] = tuple(rule for module in MODULES for rule in module.DETECTIONS)
GUARDED = (
    GuardedNetwork(Ssid(b"harbour"), (Mac(OWN),), security=(Protection.WPA2_PERSONAL,)),
    GuardedNetwork(Ssid(b"Quay")),
)
LIMIT = 300 * 1024


def everything() -> Hearing:
    canaries = AnswerSettings(canaries=(Ssid(b"c4n4ry"),), answers=1)
    return Hearing(*RULES, guarded=GUARDED, answer_to_nobody=canaries)


def size(thing: object, seen: set[int]) -> int:
    """Return the octets of a detection's own state."""
    if id(thing) in seen or isinstance(thing, (type, str)) or callable(thing):
        return 0
    seen.add(id(thing))
    total = sys.getsizeof(thing)
    if isinstance(thing, dict):
        total += sum(size(key, seen) + size(value, seen) for key, value in thing.items())
    elif isinstance(thing, (list, tuple, set, frozenset)) or type(thing).__name__ == "deque":
        total += sum(size(each, seen) for each in cast("Iterable[object]", thing))
    if hasattr(thing, "__dict__"):
        total += size(vars(thing), seen)
    for name in {name for cls in type(thing).__mro__ for name in getattr(cls, "__slots__", ())}:
        total += size(getattr(thing, name, None), seen)
    return total


def kept(hearing: Hearing) -> dict[str, int]:
    return {
        detection.rule: size(
            {name: value for name, value in vars(detection).items() if name not in {"air", "settings", "_guard"}},
            set(),
        )
        for detection in hearing.engine.detections
    }


_OTHERS = {"air", "settings", "_guard", "_watch"}
KINDS = st.sampled_from([0x04, 0x05, 0x08, 0x0C])
ADDRESSES = st.sampled_from([OWN, STRANGER, b"\2\1\2\3\4\5"])
SAID = st.one_of(
    st.binary(max_size=120),
    st.builds(
        lambda head, name, rest: head + elements(name)[:20] + rest,
        st.binary(min_size=12, max_size=12),
        st.sampled_from([b"harbour", b"Harb0ur", b"Quay", b"c4n4ry", b"", b"\xff" * 9]),
        st.binary(max_size=60),
    ),
)


@given(st.lists(st.tuples(KINDS, ADDRESSES, SAID, st.booleans()), min_size=1, max_size=12))
def test_no_octets_make_a_rule_raise(said: list[tuple[int, bytes, bytes, bool]]) -> None:
    hearing = everything()
    for number, (kind, address, body, cut) in enumerate(said):
        hearing.hear(frame(kind, b"\xff" * 6, address, address, body, time=1000.0 + number / 7, seq=number, cut=cut))


@pytest.mark.parametrize("kind", ["beacons", "answers", "names", "falls", "guarded", "established", "bare", "adhoc"])
def test_a_flood_of_made_up_addresses_stays_small_and_drives_out_no_suspect(kind: str) -> None:
    hearing = everything()
    rng = random.Random(3)
    hearing.hear(*beacons(5, 999.0, bssid=STRANGER))
    for number in range(3000):
        bssid, name = b"\2" + rng.randbytes(5), rng.randbytes(32)
        more: dict[str, Any] = {"time": 1000.0 + number / 100, "seq": number % 4096, "bssid": bssid}
        extra = rng.randbytes(200)
        if kind == "beacons":
            hearing.hear(beacon(name=name, **more))
        elif kind == "answers":
            hearing.hear(probe(name[:8], time=more["time"]), response(elements(name[:8], RSN, extra), **more))
        elif kind == "names":
            more["bssid"] = b"\2\0\0\0\0" + bytes((number % 48,))
            hearing.hear(response(elements(name, RSN), **more))
        elif kind == "falls":
            more["bssid"] = b"\2\0\0\0" + (number % 200).to_bytes(2, "big")
            security = b"" if number > 1400 and number // 200 % 2 else RSN
            hearing.hear(beacon(name=b"falls", security=security, **more))
        elif kind == "established":
            more["bssid"] = b"\2\0\0\0" + (number // 15).to_bytes(2, "big")
            hearing.hear(beacon(name=b"name %d" % (number // 15), **more))
            hearing.hear(*[disconnection(more["bssid"], more["time"])] * (number % 15 == 14) * 5)
        elif kind == "bare":
            hearing.hear(beacon(elements=b"\0\x20" + name, **more))
        elif kind == "adhoc":
            more["bssid"] = b"\2\0\0\0" + (number % 200).to_bytes(2, "big")
            hearing.hear(beacon(name=b"Quay", capability=0x11 + number // 200 % 2, **more))
        else:
            hearing.hear(beacon(name=b"Quay", security=b"", **more))
        if number % 40 == 0:
            hearing.hear(*beacons(5, more["time"], bssid=STRANGER))
    assert {rule: octets for rule, octets in kept(hearing).items() if octets > LIMIT} == {}
    assert len(hearing.engine.air.shared(Watch)) <= 384
    twins = [event for event in hearing.events if event.rule == "evil-twin" and event.bssid == STRANGER]
    assert twins[-1].last > 1020


def test_no_rule_is_left_out() -> None:
    assert {rule.rule for rule in RULES} == {
        "evil-twin",
        "guard-breach",
        "lookalike-ssid",
        "security-downgrade",
        "adhoc-conflict",
        "karma",
        "answer-to-nobody",
        "attack-tool",
    }
    assert all(len(rule.title) <= 28 for rule in RULES)

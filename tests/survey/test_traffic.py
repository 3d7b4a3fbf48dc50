from __future__ import annotations

from collections.abc import Iterable

import pytest
from tests.survey.air import ALL, AP, RSN, STA, beacon, element, feed, frame, key, kinds, to_ap

from whimbrel.events.air import Disconnected, EapolSeen, HandshakeSeen
from whimbrel.survey.handshakes import LIMIT, PATIENCE, Handshakes
from whimbrel.survey.survey import Survey


@pytest.fixture
def survey() -> Survey:
    return Survey()


def handshakes(found: Iterable[object]) -> list[tuple[int, ...]]:
    return [each.messages for each in found if isinstance(each, HandshakeSeen)]


def test_every_disconnection_is_told(survey: Survey) -> None:
    deauth = frame(0x0C, ALL, AP, AP, b"\7\0")
    expected = Disconnected(bssid=AP, sender=AP, receiver=ALL, how="deauthentication", reason=7, protected=False)
    assert feed(survey, [deauth] * 3) == [expected] * 3


def test_disassociation_by_the_station(survey: Survey) -> None:
    found = survey.observe(frame(0x0A, AP, STA, AP, b"\x08\0")).findings
    assert found[-1] == Disconnected(bssid=AP, sender=STA, receiver=AP, how="disassociation", reason=8, protected=False)


@pytest.mark.parametrize(("flags", "body"), [(0x40, bytes(18)), (0, b""), (0, b"\7")])
def test_reason_that_cannot_be_read(survey: Survey, flags: int, body: bytes) -> None:
    found = survey.observe(frame(0x0C, STA, AP, AP, body, flags=flags)).findings
    assert isinstance(found[-1], Disconnected)
    assert (found[-1].reason, found[-1].protected) == (None, flags == 0x40)


def test_four_messages(survey: Survey) -> None:
    survey.observe(beacon())
    found = feed(survey, [key(1, 1), key(2, 1), key(3, 2), key(4, 2)])
    assert [each.message for each in found if isinstance(each, EapolSeen)] == ["M1", "M2", "M3", "M4"]
    assert found[-1] == HandshakeSeen(bssid=AP, station=STA, ssid=b"harbour", messages=(1, 2, 3, 4))
    assert survey.finish() == []


def test_messages_sent_again_are_one_handshake(survey: Survey) -> None:
    again = [key(1, 1), key(1, 2), key(2, 2), key(3, 3), key(3, 4), key(4, 4), key(4, 4), key(3, 4), key(4, 4)]
    assert handshakes(feed(survey, again)) == [(1, 2, 3, 4)]


def test_two_handshakes(survey: Survey) -> None:
    one = [key(1, 1), key(2, 1), key(3, 2), key(4, 2)]
    assert handshakes(feed(survey, one + one)) == [(1, 2, 3, 4)] * 2


def test_last_message_missed(survey: Survey) -> None:
    found = feed(survey, [key(1, 1), key(2, 1), key(3, 2)])
    assert handshakes(found) == []
    assert handshakes(feed(survey, [to_ap(time=1000 + PATIENCE + 0.1)])) == [(1, 2, 3)]


def test_last_message_missed_at_the_end(survey: Survey) -> None:
    feed(survey, [key(2, 1), key(3, 2)])
    assert handshakes(list(survey.finish())) == [(2, 3)]


@pytest.mark.parametrize(
    "messages",
    [
        [key(1, 1), key(2, 1)],  # a wrong password
        [key(1, 1), key(3, 2)],
        [key(4, 2)],
        [key(2, 5), key(3, 5)],  # a message 3 that answers nothing
        [key(3, 2), key(4, 9)],
    ],
)
def test_what_proves_nothing(survey: Survey, messages: list[object]) -> None:
    found = feed(survey, messages)  # type: ignore[arg-type]
    assert handshakes([*found, *survey.finish()]) == []


@pytest.mark.parametrize(
    ("messages", "heard"),
    [([key(3, 2), key(4, 2)], (3, 4)), ([key(2, 1), key(4, 2)], (2, 4)), ([key(1, 1), key(4, 2)], (1, 4))],
)
def test_parts_that_prove_it(survey: Survey, messages: list[object], heard: tuple[int, ...]) -> None:
    assert handshakes(feed(survey, messages)) == [heard]  # type: ignore[arg-type]


def test_encrypted_data_is_not_read(survey: Survey) -> None:
    message = key(1, 1)
    message.flags |= 0x40
    assert kinds(survey.observe(message).findings) == ["station-found", "station-joined"]


def test_pmkid(survey: Survey) -> None:
    message = key(1, 1)
    kde = element(0xDD, b"\x00\x0f\xac\x04" + b"k" * 16)
    raw = message.raw[:-2] + len(kde).to_bytes(2, "big") + kde
    length_at = message.body + 10
    raw = raw[:length_at] + (95 + len(kde)).to_bytes(2, "big") + raw[length_at + 2 :]
    message.raw, message.end = raw, len(raw)
    found = survey.observe(message).findings
    assert isinstance(found[-1], EapolSeen)
    assert found[-1].pmkid


def test_bounded_and_nothing_proven_is_lost() -> None:
    going = Handshakes()
    going.message(AP, STA, 2, 1, 1.0)
    going.message(AP, STA, 3, 2, 1.0)
    told = []
    for number in range(1000):
        told += going.message(AP, number.to_bytes(6, "big"), 1, 1, 1.0)
        assert len(going) <= LIMIT
    assert told == [(AP, STA, (2, 3))]


def test_association_request_of_any_content(survey: Survey) -> None:
    for size in range(40):
        survey.observe(frame(0x00, AP, STA, AP, (bytes(4) + RSN)[:size]))
        survey.observe(frame(0x01, STA, AP, AP, (bytes(6) + RSN)[:size]))
    assert not survey.observe(frame(0x0D, AP, STA, AP, b"")).findings

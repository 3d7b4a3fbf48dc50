"""Runs the compiled programs, in a machine for them written after the kernel's documentation."""

from __future__ import annotations

import pytest
from tests.drivers.linux.machine import run
from tests.lab.frames import LLC_EAPOL, LLC_IPV4, control, data, management, radiotap

from whimbrel.drivers.linux import libpcap
from whimbrel.drivers.linux.bpf import FilterError, FilterUnavailable
from whimbrel.drivers.linux.filter import (
    PRISM,
    RADIOTAP,
    RAW,
    FrameClass,
    compile_filter,
    pack,
)

ENCRYPTED = 0x41
SAMPLES = {
    "association request": management(0),
    "reassociation response": management(3),
    "probe request": management(4),
    "probe response": management(5),
    "beacon": management(8),
    "disassociation": management(10),
    "authentication": management(11),
    "deauthentication": management(12),
    "action": management(13),
    "block ack": control(9),
    "ps-poll": control(10),
    "rts": control(11),
    "cts": control(12),
    "ack": control(13),
    "encrypted": data(0, LLC_EAPOL + bytes(20), flags=ENCRYPTED),
    "encrypted qos": data(8, bytes(30), flags=ENCRYPTED),
    "clear": data(0, LLC_IPV4 + bytes(20)),
    "clear qos": data(8, LLC_IPV4 + bytes(20)),
    "null": data(4),
    "qos null": data(12),
    "eapol": data(0, LLC_EAPOL + bytes(95)),
    "qos eapol": data(8, LLC_EAPOL + bytes(95)),
    "qos eapol with ht control": data(8, LLC_EAPOL + bytes(95), flags=0x82),
    "wds eapol": data(0, LLC_EAPOL + bytes(95), flags=0x03),
    "wds qos eapol": data(8, LLC_EAPOL + bytes(95), flags=0x03),
    "qos eapol, padded": data(8, bytes(2) + LLC_EAPOL + bytes(95)),
    "dmg beacon": bytes([0x0C, 0, 0, 0]) + bytes(20),
}
MANAGEMENT = {
    "association request",
    "reassociation response",
    "probe request",
    "probe response",
    "beacon",
    "disassociation",
    "authentication",
    "deauthentication",
    "action",
}
EAPOL = {name for name in SAMPLES if "eapol" in name}
CLEAR = EAPOL | {"clear", "clear qos"}
DATA = CLEAR | {"encrypted", "encrypted qos", "null", "qos null"}
CLASSES = {
    FrameClass.ALL: set(SAMPLES),
    FrameClass.MANAGEMENT: MANAGEMENT,
    FrameClass.BEACONS: {"beacon"},
    FrameClass.PROBES: {"probe request", "probe response"},
    FrameClass.ASSOCIATION: {"association request", "reassociation response"},
    FrameClass.AUTHENTICATION: {"authentication"},
    FrameClass.DISCONNECTION: {"disassociation", "deauthentication"},
    FrameClass.ACTION: {"action"},
    FrameClass.CONTROL: {"block ack", "ps-poll", "rts", "cts", "ack"},
    FrameClass.RESERVATION: {"rts", "cts"},
    FrameClass.ACKNOWLEDGEMENT: {"block ack", "ack"},
    FrameClass.POWER_SAVE: {"ps-poll"},
    FrameClass.DATA: DATA,
    FrameClass.NULL_DATA: {"null", "qos null"},
    FrameClass.CLEAR_DATA: CLEAR,
    FrameClass.EAPOL: EAPOL,
    FrameClass.EXTENSION: {"dmg beacon"},
}


def accepted(frames: set[FrameClass], link_type: int, header: bytes, expression: str = "") -> set[str]:
    program = compile_filter(link_type, frames, expression)
    return {name for name, frame in SAMPLES.items() if not program or run(program, header + frame)}


def test_every_class_has_its_samples() -> None:
    assert CLASSES.keys() == set(FrameClass)


@pytest.mark.parametrize("chosen", FrameClass, ids=lambda chosen: chosen.value)
def test_a_class_is_what_it_says(chosen: FrameClass) -> None:
    assert accepted({chosen}, RADIOTAP, radiotap(b"")) == CLASSES[chosen]


@pytest.mark.parametrize(
    ("link_type", "header"),
    [(RADIOTAP, radiotap(b"", pad=5)), (RADIOTAP, radiotap(b"", pad=300)), (RAW, b""), (PRISM, bytes(144))],
    ids=["radiotap", "long radiotap", "raw", "prism"],
)
def test_classes_add_up_behind_any_header(link_type: int, header: bytes) -> None:
    frames = {FrameClass.MANAGEMENT, FrameClass.POWER_SAVE, FrameClass.NULL_DATA, FrameClass.EAPOL}
    assert accepted(frames, link_type, header) == MANAGEMENT | {"ps-poll", "null", "qos null"} | EAPOL


def test_all_is_no_filter() -> None:
    assert compile_filter(RADIOTAP, {FrameClass.ALL, FrameClass.BEACONS}) == []


def test_no_class_at_all_is_refused() -> None:
    with pytest.raises(FilterError, match="no class"):
        compile_filter(RADIOTAP, set())


def test_frames_cut_off_are_refused_without_harm() -> None:
    program = compile_filter(RADIOTAP, {FrameClass.EAPOL})
    whole = radiotap(SAMPLES["qos eapol"])
    outcomes = [run(program, whole[:length]) > 0 for length in range(len(whole) + 1)]
    first = outcomes.index(True)
    assert first == len(radiotap(b"")) + 26 + 8
    assert not any(outcomes[:first])
    assert all(outcomes[first:])


def test_a_program_is_the_kernel_s_array() -> None:
    program = compile_filter(RADIOTAP, {FrameClass.BEACONS})
    assert len(pack(program)) == 8 * len(program)


@pytest.fixture(scope="module")
def libpcap_installed() -> None:
    try:
        compile_filter(RADIOTAP, {FrameClass.ALL}, "type mgt")
    except FilterUnavailable as missing:
        pytest.skip(str(missing))


@pytest.mark.usefixtures("libpcap_installed")
class TestExpression:
    def test_alone(self) -> None:
        assert accepted({FrameClass.ALL}, RADIOTAP, radiotap(b""), "type mgt") == MANAGEMENT

    def test_and_classes(self) -> None:
        frames = {FrameClass.MANAGEMENT, FrameClass.EAPOL}
        assert (
            accepted(frames, RADIOTAP, radiotap(b"", pad=3), "not subtype beacon") == (MANAGEMENT - {"beacon"}) | EAPOL
        )

    def test_agrees_with_libpcap_where_both_can_say_it(self) -> None:
        spoken = "type mgt subtype deauth or type mgt subtype disassoc"
        assert accepted({FrameClass.ALL}, RAW, b"", spoken) == CLASSES[FrameClass.DISCONNECTION]

    def test_errors_say_where(self) -> None:
        with pytest.raises(FilterError, match="syntax error; understood up to 'type mgt', not 'and wlan foo' after it"):
            compile_filter(RADIOTAP, {FrameClass.ALL}, "type mgt and wlan foo")
        with pytest.raises(FilterError, match="in 'nonsense'"):
            compile_filter(RADIOTAP, {FrameClass.ALL}, "nonsense")


def test_libpcap_is_missed_only_where_an_expression_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libpcap, "_LIBRARY", "libpcap-that-is-not-there.so")
    assert compile_filter(RADIOTAP, {FrameClass.BEACONS})
    with pytest.raises(FilterUnavailable, match=r"libpcap0\.8"):
        compile_filter(RADIOTAP, {FrameClass.BEACONS}, "type mgt")

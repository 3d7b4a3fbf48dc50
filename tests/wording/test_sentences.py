from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.events.air import AccessPointChanged, AccessPointFound, Change, Disconnected, NetworkProbed
from whimbrel.events.base import KINDS, Body, Level
from whimbrel.events.device import PowerWanted, SystemReport
from whimbrel.events.keys import Press
from whimbrel.events.radio import HoppingChanged, Tuned
from whimbrel.events.system import ModuleChanged, ModuleFailed
from whimbrel.text import ssid
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.reasons import reason
from whimbrel.wifi.security import Pmf, Protection
from whimbrel.wording.sentences import MAX_LENGTH, known_kinds, sentence

AP = bytes.fromhex("021122334455")
STATION = bytes.fromhex("06aabbccddee")
OWN = sorted(kind for kind, body in KINDS.items() if body.__module__.startswith("whimbrel.events."))


def found(**values: Any) -> AccessPointFound:
    usual: dict[str, Any] = {
        "bssid": AP, "ssid": b"home", "hidden": False, "channel": 6, "freq": 2437, "band": "2.4",
        "security": Protection.WPA2_PERSONAL,
        "pmf": Pmf.NONE, "wps": False, "vendor": "", "rssi": -50,
    }  # fmt: skip
    return AccessPointFound(**usual | values)


class Plain(Body):
    note: str
    ssid: bytes


class Wordy(Body):
    note: str

    def sentence(self) -> str:
        return f"It says {self.note}"


class Clumsy(Body, level=Level.ERROR):
    note: str

    def sentence(self) -> str:
        raise RuntimeError


def test_a_name_of_spaces_is_seen() -> None:
    assert [ssid(name) for name in (b"", b"  ", b" a ")] == ["", r"\x20\x20", " a "]


@pytest.mark.parametrize("kind", OWN)
def test_every_event_of_the_project_has_a_wording(kind: str) -> None:
    assert kind in known_kinds()


def test_access_point() -> None:
    assert sentence(found(vendor="Example", wps=True, pmf=Pmf.OPTIONAL)) == (
        'Access point 02:11:22:33:44:55 (Example) offers "home" on channel 6: WPA2-Personal, PMF optional, WPS, -50 dBm'
    )
    assert "offers a hidden network" in sentence(found(ssid=b"", hidden=True))


def test_changes() -> None:
    changes = (
        Change("ssid", b"old", b""),
        Change("channel", "1", "6"),
        Change("security", Protection.OPEN, Protection.WEP),
    )
    text = sentence(AccessPointChanged(bssid=AP, ssid=b"", changes=changes))
    assert text.endswith('ssid was "old", is a hidden network; channel was 1, is 6; security was open, is WEP')


def test_disconnection() -> None:
    body = Disconnected(bssid=AP, sender=AP, receiver=b"\xff" * 6, how="deauthentication", reason=7, protected=False)
    text = sentence(body)
    assert text.startswith("Deauthentication of everyone from 02:11:22:33:44:55")
    assert text.endswith(f": reason 7 ({reason(7)})")
    protected = Disconnected(bssid=AP, sender=AP, receiver=STATION, how="x", reason=None, protected=True)
    assert sentence(protected).endswith(": reason not readable, protected")


def test_channels_are_written_as_people_do() -> None:
    assert '"home" on channel 6GHz:5:' in sentence(found(channel=5, freq=5975))
    assert sentence(Tuned(channel=Channel(2437), dwell=0.25)) == "Tuned to channel 6 (2437 MHz) for 250 ms"
    assert "on channel 36/80 (5180 MHz)" in sentence(HoppingChanged(mode="locked", channel=Channel(5180, 80, 5210)))


def test_the_board() -> None:
    report = SystemReport(
        cpu=0.256, memory_used=96 << 20, memory_total=427 << 20, resident=41 << 20, temperature=48.312,
        throttled="under-voltage", disk_used=0.31, uptime=30.0, battery=None, addresses=(),
        losses=(("kernel", 3), ("bus", 0)),
    )  # fmt: skip
    assert sentence(report) == (
        "The board: processor 26%, 48 °C, disk 31%, memory 96 of 427 MiB, 41 of it ours, under-voltage, "
        "3 lost (kernel); up for 30 s"
    )
    assert sentence(PowerWanted(what="reboot")) == "A reboot of the board is requested"
    assert sentence(Press(key="ok", gesture="long", gesture_id=1, held=0.5)) == "Key ok: long after 500 ms"


def test_third_party_bodies() -> None:
    assert sentence(Wordy(note="hello")) == "It says hello"
    assert sentence(Wordy(note="two\nlines \x1b[1m")) == "It says two\\nlines \\x1b[1m"
    assert sentence(Plain(note="n", ssid=b"\xff")) == "plain: note=n, ssid=\\xff, ssid_hex=ff"
    assert sentence(Clumsy(note="n")) == "clumsy: note=n"
    assert sentence(object()).startswith("object: value=<object object")


def test_length_is_bounded() -> None:
    body = ModuleFailed(module="m", error="x" * 5000, trace="t", retry_in=1.0)
    assert len(sentence(body)) == MAX_LENGTH


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"two\nlines", r'"two\nlines"'),
        (b"\x1b[31mred", r'"\x1b[31mred"'),
        (b"nul\x00", r'"nul\x00"'),
        ("a\u202eb".encode(), r'"a\u202eb"'),
        (b"\xff" * 32, '"' + r"\xff" * 32 + '"'),
        (b"back\\nslash", r'"back\\nslash"'),
        ("grün 日本".encode(), '"grün 日本"'),
    ],
)
def test_hostile_names_stay_one_printable_line(name: bytes, shown: str) -> None:
    text = sentence(NetworkProbed(station=STATION, ssid=name))
    assert text == f"Station 06:aa:bb:cc:dd:ee probes for {shown}"
    assert text.isprintable()


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(max_size=32), st.tuples(st.text()),
    st.builds(Channel, st.integers(0, 10**5)),
)  # fmt: skip


@given(st.data())
def test_any_values_give_one_printable_line(data: st.DataObject) -> None:
    kind = KINDS[data.draw(st.sampled_from([kind for kind in OWN if kind not in {"frame-batch", "alert-evidence"}]))]
    text = sentence(kind(**{name: data.draw(anything) for name in kind.fields}))
    assert not [char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}]
    assert 0 < len(text) <= MAX_LENGTH * 10


def test_a_module_s_state_comes_with_its_reason_unless_an_event_beside_it_has_it() -> None:
    def said(state: str) -> str:
        return sentence(ModuleChanged(module="sniffer", state=state, previous="ready", reason="no wlan1"))

    assert said("failed") == "Module sniffer is failed: no wlan1"
    assert said("waiting") == "Module sniffer is waiting"

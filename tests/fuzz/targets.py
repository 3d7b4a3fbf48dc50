"""What is fuzzed: each target takes any octets, and raises only for a mistake of ours.

An error that a parser declares is caught here; everything else, a broken promise of the result included, is a finding.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.detections.hearing import MADE
from tests.detections.test_hostile import all_rules

from whimbrel.bus import Bus
from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.client import wire
from whimbrel.client.errors import ClientError
from whimbrel.config.loader import as_text, loads
from whimbrel.control.protocol import ProtocolError, answer, parse_request, refusal
from whimbrel.drivers.helper import protocol as helper
from whimbrel.drivers.nl80211 import client as nl80211
from whimbrel.drivers.nl80211 import codec
from whimbrel.drivers.nl80211.scanning import parse_bss
from whimbrel.drivers.scan.frames import News
from whimbrel.events.base import Event
from whimbrel.events.decode import DecodeError, decode_event
from whimbrel.events.encode import encode
from whimbrel.module import Context, VerbError
from whimbrel.modules.mqtt import Mqtt
from whimbrel.position.gpsd import parse as parse_report
from whimbrel.settings.problems import ConfigError
from whimbrel.watching import guarded_file, ignoring
from whimbrel.web import arguments
from whimbrel.web.routes import ROUTES
from whimbrel.wifi import linktypes
from whimbrel.wifi.eap import parse_eap
from whimbrel.wifi.eapol import key_data_fit, parse_eapol
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.multi_link import parse_multi_link
from whimbrel.wifi.payloads import payloads
from whimbrel.wifi.wps import parse_wps
from whimbrel.wording.sentences import sentence

Target = Callable[[bytes], None]
LINK_TYPES = (linktypes.RADIOTAP, linktypes.IEEE802_11, linktypes.PRISM, linktypes.AVS, linktypes.PPI)
_FRESH = 2000
"""Frames after which the rules begin anew: what one input does must not depend on all before it."""
_NOW = 1_700_000_000.0
_clock = itertools.count()


def frames(data: bytes) -> None:
    """The link type's number, then a record: parsed, surveyed and judged by every rule."""
    if len(data) < 2:
        return
    number = next(_clock)
    if number % _FRESH == 0:
        MADE.clear()
        frames.hearing = all_rules()  # type: ignore[attr-defined]
    raw = data[1:]
    link_type = LINK_TYPES[data[0] % len(LINK_TYPES)]
    frame = linktypes.parse(link_type, (_NOW + number / 50, raw, len(raw)))
    assert 0 <= frame.start <= frame.body <= frame.end <= len(raw) or frame.malformed is not None
    for start, end in payloads(frame):
        assert frame.body <= start < end <= frame.end
    hearing = frames.hearing  # type: ignore[attr-defined]
    for found in hearing.hear(frame):
        told = sentence(Event(1, frame.time, "watcher", found))
        assert told.isprintable(), told


def elements(data: bytes) -> None:
    """The body of a management frame."""
    found = parse_elements(data, 0, len(data))
    for _number, start, end in found.spans:
        assert 0 <= start <= end <= len(data)
    for name in dir(found):
        if not name.startswith("_"):
            getattr(found, name)
    parse_multi_link(data)
    parse_wps(data)


def eapol(data: bytes) -> None:
    """A packet with its LLC header, or without one."""
    for raw in (data, b"\xaa\xaa\x03\0\0\0\x88\x8e" + data):
        packet = parse_eapol(raw, 0, len(raw))
        if packet is not None:
            assert packet.start <= packet.end <= len(raw)
            key_data_fit(raw, packet)
            parse_eap(raw, packet.start, packet.end)


def captures(data: bytes) -> None:
    """A capture file, of which every whole frame comes out whatever follows."""
    with contextlib.suppress(CaptureError):
        for link_type, records in read_capture(io.BytesIO(data)):
            assert 1 <= len(records) <= 64
            for record in records:
                linktypes.parse(link_type, record)


def netlink(data: bytes) -> None:
    """A datagram of the kernel: its messages, their attributes, radios, interfaces and the table of a scan."""
    with contextlib.suppress(codec.NetlinkError):
        answers = []
        for message in codec.unpack_messages(data):
            with contextlib.suppress(codec.NetlinkError):
                codec.unpack_error(message, "fuzzing")
                codec.unpack_done(message, "fuzzing")
            answers.append(codec.unpack_attributes(message.payload, 4))
        for found in answers:
            bss = parse_bss(found, 1000.0)
            if bss is not None:
                for _time, raw in News(0.0).take([bss]):
                    linktypes.parse(linktypes.RADIOTAP, (_NOW, raw, len(raw)))
            nl80211._interface(found)
        nl80211._radios(answers)


def radio_helper(data: bytes) -> None:
    """A request to the process with the radio, and its answer."""
    with contextlib.suppress(helper.MalformedRequest):
        helper.unpack_request(data)
    with contextlib.suppress(ValueError):
        helper.unpack_answer(data)


def requests(data: bytes) -> None:
    """A line to the control socket."""
    try:
        request = parse_request(data)
    except ProtocolError as error:
        line = refusal(str(error), error.id)
    else:
        line = answer(request.args, request.id)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    json.loads(line)


def answers(data: bytes) -> None:
    """A line from the control socket, as a client reads it."""
    with contextlib.suppress(ClientError):
        wire.value_of(Path("fuzz"), data)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    with contextlib.suppress(DecodeError):
        event = decode_event(value)
        encode(event)
        sentence(event)


def settings(data: bytes) -> None:
    """A settings file."""
    with contextlib.suppress(ConfigError):
        loads(as_text(data, "fuzz"))


def learned(data: bytes) -> None:
    """The file of learned networks, which can be written again, and the list of ignored devices."""
    with contextlib.suppress(guarded_file.BadFile):
        networks = guarded_file._networks(data, Path("fuzz"))
        assert guarded_file._networks(guarded_file.text(networks).encode(), Path("fuzz")) == networks
    with contextlib.suppress(ignoring.BadList):
        addresses = ignoring.parse(data)
        assert ignoring.parse(ignoring.text(addresses).encode()) == addresses


def position(data: bytes) -> None:
    """A line of gpsd."""
    parse_report(data)


_TOPICS = ("acknowledge", "lock", "unlock", "nonsense", "")


def mqtt(data: bytes) -> None:
    """A command of the broker: its topic, then its payload."""
    if not data:
        return

    async def ask() -> None:
        module = Mqtt(Context("mqtt", Mqtt.Settings(host="broker", may=("lock", "acknowledge")), Bus()))
        name = _TOPICS[data[0] % len(_TOPICS)]
        module._take_message(f"{module._topics.commands}/{name}", data[1:])
        module._take_message(data[1:].decode("utf-8", "replace"), data[1:])
        while not module._commands.empty():
            name, text = module._commands.get_nowait()
            with contextlib.suppress(VerbError):
                await module._do(name, text)

    asyncio.run(ask())


def web(data: bytes) -> None:
    """The arguments of a request to the page: the number of its route, then a body, which is a query too."""
    if not data:
        return
    route: Any = ROUTES[data[0] % len(ROUTES)]
    with contextlib.suppress(arguments.BadArgument):
        arguments.of_body(route, data[1:])
    text = data[1:].decode("utf-8", "replace")
    pairs = [part.partition("=")[::2] for part in text.split("&")]
    with contextlib.suppress(arguments.BadArgument):
        arguments.of_query(route, pairs)


TARGETS: dict[str, Target] = {
    "frames": frames, "elements": elements, "eapol": eapol, "captures": captures, "netlink": netlink,
    "radio-helper": radio_helper, "requests": requests, "answers": answers, "settings": settings, "learned": learned,
    "position": position, "mqtt": mqtt, "web": web,
}  # fmt: skip

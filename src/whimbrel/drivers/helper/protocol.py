"""The requests to the radio's helper and its answers: one datagram each, on a Unix socket of type SOCK_SEQPACKET.

There is nothing else to ask for. No request has a frame; none transmits, unless the helper was started to allow active
scans. All numbers are in the machine's order, because both ends are on one machine.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable, Mapping
from typing import NamedTuple

from whimbrel.drivers.linux.thinning.order import COUNTS_MAX, ThinningCounts, ThinningOrder, unpack_counts, unpack_order
from whimbrel.errors import WhimbrelError
from whimbrel.wifi.channels import Channel

NO_ORDER = ThinningOrder(0)
NO_COUNTS = ThinningCounts()


class MalformedRequest(WhimbrelError, ValueError):
    """A request that no daemon of this version makes; the message has the fault."""


class Ask(enum.IntEnum):
    """The kind of a request."""

    OPEN = 1
    """Get a monitor interface on the radio or interface `name` (empty for any), and set it up."""
    SET_CHANNEL = 2
    """Tune the open radio to `channel`."""
    CYCLE = 3
    """Set the interface down and up; one to scan with only if its radio is not connected."""
    RECREATE = 4
    """Delete the interface and make it anew."""
    CLOSE = 5
    """End the capture and undo all changes."""
    LOOK = 6
    """Describe the monitor interface `name`."""
    CAPTURE = 7
    """Capture on the monitor interface `name` what passes `program`, with `size` octets for waiting frames. The answer
    carries three descriptors (`whimbrel.drivers.helper.slots`); an earlier capture ends."""
    SCAN = 8
    """Set an interface of the radio `name` (empty for any) up for scanning; `connected`: also one that is connected."""
    THIN = 10
    """Have the kernel only count what `order` allows of the capture, and return what it has counted."""
    TRIGGER = 9
    """Begin a scan, of `freqs` or of all channels; passive unless `active`."""


class Outcome(enum.IntEnum):
    """The outcome of a request."""

    DONE = 0
    NOT_READY = 1
    """Something is missing."""
    REFUSED = 2
    """The radio refused; it may be tried again."""
    FORBIDDEN = 3
    """The radio refused for good."""
    MALFORMED = 4
    """The request cannot be read; the helper hangs up."""


class HelperRequest(NamedTuple):
    """A request. `number` is repeated in the answer."""

    number: int
    ask: Ask
    name: str = ""
    channel: Channel | None = None
    size: int = 0
    program: bytes = b""
    """The kernel's array of ``struct sock_filter``."""
    connected: bool = False
    active: bool = False
    freqs: tuple[int, ...] = ()
    """MHz."""
    order: ThinningOrder = NO_ORDER
    """Of THIN."""


class HelperAnswer(NamedTuple):
    """An answer."""

    number: int
    outcome: Outcome
    lines: tuple[str, ...] = ()
    """Of OPEN: interface, description. Of SCAN: interface. Of LOOK: description. Of CLOSE: what could not be undone.
    Else the reason."""
    channels: tuple[int, ...] = ()
    """Frequencies in MHz that can be received at 20 MHz, where they are news."""
    link_type: int = 0
    """Of LOOK."""
    error: int = 0
    """Of TRIGGER and THIN, the errno if it was refused."""
    counts: ThinningCounts = NO_COUNTS
    """Of THIN."""


NAME_MAX = 64
SIZE_MAX = 64 * 1024 * 1024
"""The upper bound of the setting ``buffer``."""
PROGRAM_MAX = 4096 * 8  # BPF_MAXINSNS instructions
_HEAD = struct.Struct("=IB")
_CHANNEL = struct.Struct("=HHH")  # MHz: centre of the primary 20 MHz, width, centre of all
_CAPTURE = struct.Struct("=IB")  # size, length of the name
_SCAN = struct.Struct("=?")  # connected
_TRIGGER = struct.Struct("=?")  # active; frequencies follow, two octets each
_FREQS_MAX = 256
REQUEST_MAX = _HEAD.size + _CAPTURE.size + NAME_MAX + PROGRAM_MAX
_ANSWER = struct.Struct("=IBHHHHI")  # number, outcome, link type, errno, octets of text, channels, octets of counts
_TEXT_MAX = 8192
_CHANNELS_MAX = 1024
ANSWER_MAX = _ANSWER.size + _TEXT_MAX + 2 * _CHANNELS_MAX + COUNTS_MAX

_WIDTHS = frozenset({20, 40, 80, 160})
_LOWEST, _HIGHEST = 2000, 8000  # MHz; which of them the radio may use is the kernel's to say
_INSTRUCTION = 8
_FLAGS = (b"\0", b"\1")


def pack_request(request: HelperRequest) -> bytes:
    """Encode a request. Raises ValueError for a name or a program that is too long."""
    head = _HEAD.pack(request.number, request.ask)
    name = request.name.encode()
    if len(name) > NAME_MAX or len(request.program) > PROGRAM_MAX:
        raise ValueError("the name or the filter is too long")
    if request.ask in {Ask.OPEN, Ask.LOOK}:
        return head + name
    if request.ask is Ask.SET_CHANNEL:
        assert request.channel is not None
        channel = request.channel
        return head + _CHANNEL.pack(channel.freq, channel.width, channel.center or channel.freq)
    if request.ask is Ask.CAPTURE:
        return head + _CAPTURE.pack(min(request.size, SIZE_MAX), len(name)) + name + request.program
    if request.ask is Ask.SCAN:
        return head + _SCAN.pack(request.connected) + name
    if request.ask is Ask.THIN:
        return head + request.order.pack()
    if request.ask is Ask.TRIGGER:
        return head + _TRIGGER.pack(request.active) + struct.pack(f"={len(request.freqs)}H", *request.freqs)
    return head


def unpack_request(data: bytes, *, cut: bool = False) -> HelperRequest:
    """Decode a request, of which the end is missing if it was `cut`. Raises `MalformedRequest` and nothing else."""
    if cut:
        raise MalformedRequest(f"a request of more than {REQUEST_MAX} octets")
    if len(data) < _HEAD.size:
        raise MalformedRequest(f"{len(data)} octets are no request")
    number, code = _HEAD.unpack_from(data)
    try:
        ask = Ask(code)
    except ValueError:
        raise MalformedRequest(f"there is no request {code}") from None
    body = data[_HEAD.size :]
    if ask in _BODIES:
        return _BODIES[ask](HelperRequest(number, ask), body)
    if body:
        raise MalformedRequest(f"{ask.name} has {len(body)} octets too many")
    return HelperRequest(number, ask)


def pack_answer(answer: HelperAnswer) -> bytes:
    """Encode an answer; text that is too long is cut."""
    text = "\n".join(line.replace("\n", " ") for line in answer.lines).encode()[:_TEXT_MAX]
    channels = answer.channels[:_CHANNELS_MAX]
    counts = answer.counts.pack() if answer.counts is not NO_COUNTS else b""
    head = _ANSWER.pack(
        answer.number, answer.outcome, answer.link_type, answer.error, len(text), len(channels), len(counts)
    )
    return head + text + struct.pack(f"={len(channels)}H", *channels) + counts


def unpack_answer(data: bytes) -> HelperAnswer:
    """Decode an answer. Raises ValueError if it is none of this version."""
    if len(data) < _ANSWER.size:
        raise ValueError("the answer is cut short")
    number, outcome, link_type, error, length, count, counted = _ANSWER.unpack_from(data)
    behind = _ANSWER.size + length + 2 * count
    if len(data) != behind + counted:
        raise ValueError("a length in the answer does not fit")
    text = data[_ANSWER.size : _ANSWER.size + length].decode("utf-8", "replace")
    channels = struct.unpack_from(f"={count}H", data, _ANSWER.size + length)
    lines = tuple(text.split("\n")) if text else ()
    counts = unpack_counts(data[behind:]) if counted else NO_COUNTS
    return HelperAnswer(number, Outcome(outcome), lines, channels, link_type, error, counts)


def _named(request: HelperRequest, body: bytes) -> HelperRequest:
    return request._replace(name=_name(body))


def _name(body: bytes) -> str:
    if len(body) > NAME_MAX:
        raise MalformedRequest(f"a name of {len(body)} octets; at most {NAME_MAX} are allowed")
    try:
        name = body.decode("ascii")
    except UnicodeDecodeError:
        raise MalformedRequest("a name that is not ASCII") from None
    if not all("!" <= character <= "~" and character != "/" for character in name) or name in {".", ".."}:
        raise MalformedRequest("a name with characters that no interface and no radio has")
    return name


def _with_channel(request: HelperRequest, body: bytes) -> HelperRequest:
    if len(body) != _CHANNEL.size:
        raise MalformedRequest(f"a channel of {len(body)} octets")
    freq, width, center = _CHANNEL.unpack(body)
    if width not in _WIDTHS or not all(_LOWEST <= each <= _HIGHEST for each in (freq, center)):
        raise MalformedRequest(f"there is no channel at {freq} MHz, {width} MHz wide around {center} MHz")
    return request._replace(channel=Channel(freq, width, center if width > 20 else 0))


def _to_capture(request: HelperRequest, body: bytes) -> HelperRequest:
    if len(body) < _CAPTURE.size:
        raise MalformedRequest("CAPTURE is cut short")
    size, length = _CAPTURE.unpack_from(body)
    name, program = body[_CAPTURE.size :][:length], body[_CAPTURE.size + length :]
    if len(name) != length or not 0 < size <= SIZE_MAX:
        raise MalformedRequest("a length in CAPTURE does not fit")
    if len(program) > PROGRAM_MAX or len(program) % _INSTRUCTION:
        raise MalformedRequest(f"a filter of {len(program)} octets")
    return request._replace(name=_name(name), size=size, program=program)


def _to_scan(request: HelperRequest, body: bytes) -> HelperRequest:
    if body[:1] not in _FLAGS:
        raise MalformedRequest("SCAN without a flag")
    return request._replace(connected=body[0] == 1, name=_name(body[1:]))


def _to_thin(request: HelperRequest, body: bytes) -> HelperRequest:
    try:
        return request._replace(order=unpack_order(body))
    except ValueError as error:
        raise MalformedRequest(str(error)) from None


def _to_trigger(request: HelperRequest, body: bytes) -> HelperRequest:
    if body[:1] not in _FLAGS:
        raise MalformedRequest("TRIGGER without a flag")
    count, odd = divmod(len(body) - 1, 2)
    if odd or count > _FREQS_MAX:
        raise MalformedRequest(f"TRIGGER of {len(body)} octets")
    freqs = struct.unpack_from(f"={count}H", body, 1)
    if not all(_LOWEST <= freq <= _HIGHEST for freq in freqs):
        raise MalformedRequest("there is no channel at these frequencies")
    return request._replace(active=body[0] == 1, freqs=freqs)


_BODIES: Mapping[Ask, Callable[[HelperRequest, bytes], HelperRequest]] = {
    Ask.OPEN: _named,
    Ask.LOOK: _named,
    Ask.SET_CHANNEL: _with_channel,
    Ask.CAPTURE: _to_capture,
    Ask.SCAN: _to_scan,
    Ask.THIN: _to_thin,
    Ask.TRIGGER: _to_trigger,
}

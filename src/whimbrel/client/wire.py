"""The client's side of the control socket's protocol: encodes requests and decodes answers. No I/O."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any, TypeVar

from whimbrel.client.errors import BadAnswer, Refused, Unreachable
from whimbrel.control import DEFAULT_SOCKET
from whimbrel.control.protocol import answer_ends, to_line
from whimbrel.events.decode import DecodeError, decode
from whimbrel.verbs.declare import Verb, check_arguments

T = TypeVar("T")

CONNECT_TIMEOUT = 5.0
"""Seconds; a daemon whose loop runs accepts at once."""
ANSWER_TIMEOUT = 30.0
"""Seconds; a reload may restart several modules before it answers."""
MAX_ANSWER = 8 << 20
"""Limit of a line from the daemon in octets. A survey at its default bounds takes about 2 MiB."""

_RESULT, _END = answer_ends()
"""What stands before and behind the result in the answer to a request without an id."""
_WHY = {
    errno.ENOENT: "the socket is not there; is the daemon running, with the control module on?",
    errno.ECONNREFUSED: "nothing answers on it; its daemon has ended",
    errno.EACCES: "permission denied; join the group that owns it, or use sudo",
    errno.EPERM: "permission denied; join the group that owns it, or use sudo",
}


def socket_path(path: str | Path | None) -> Path:
    """Return the path of the socket: `path`, else ``$WHIMBREL_SOCKET``, else the path of the service."""
    return Path(path or os.environ.get("WHIMBREL_SOCKET") or DEFAULT_SOCKET)


def unreachable(path: Path, error: OSError) -> Unreachable:
    """Return the error for a connection that fails or breaks."""
    if isinstance(error, TimeoutError):
        return Unreachable(f"{path}: no answer in time; is the daemon overloaded?")
    return Unreachable(f"{path}: {_WHY.get(error.errno or 0, error.strerror or str(error) or 'the connection broke')}")


def request_line(verb: Verb[Any] | str, arguments: dict[str, Any]) -> bytes:
    """Return the request line of a verb. Raises TypeError for a key that the verb does not have."""
    if isinstance(verb, Verb):
        check_arguments(verb, arguments)
    name = verb.name if isinstance(verb, Verb) else verb
    return to_line({"verb": name} | {key: value for key, value in arguments.items() if value is not None})


def value_of(path: Path, line: bytes) -> dict[str, Any]:
    """Decode a line as an object. Raises `Unreachable` if it is incomplete, `BadAnswer` if it is no object."""
    if not line.endswith(b"\n"):
        raise Unreachable(f"{path}: the daemon closed the connection before it answered")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"{path}: the answer is not JSON: {str(error)[:100]}") from error
    if not isinstance(value, dict):
        raise BadAnswer(f"{path}: the answer is not from Whimbrel")
    return value


def result_of(path: Path, line: bytes) -> Any:
    """Return the result of an answer as JSON values. Raises like `value_of`, and `Refused`."""
    value = value_of(path, line)
    if value.get("ok") is not True:
        raise Refused(str(value.get("error", "refused without a reason")))
    return value.get("result")


def json_of(path: Path, line: bytes) -> bytes:
    """Return the JSON of a result as it came; only an error is read. Raises like `result_of`."""
    if line.startswith(_RESULT) and line.endswith(_END):
        return line[len(_RESULT) : -len(_END)]
    return json.dumps(result_of(path, line)).encode("ascii")


def typed(path: Path, hint: type[T], result: Any) -> T:
    """Return a result as the type `hint`. Raises `BadAnswer`."""
    try:
        return decode(hint, result)
    except DecodeError as error:
        raise BadAnswer(f"{path}: the answer is of another version of Whimbrel: {error}") from error


def too_long(path: Path) -> BadAnswer:
    """Return the error for a line longer than `MAX_ANSWER`."""
    return BadAnswer(f"{path}: the answer has more than {MAX_ANSWER} octets; it is not from Whimbrel")

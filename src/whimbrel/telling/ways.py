"""The channels of messages: ntfy by one request, other services by Apprise in a separate process, or a program.

Importing Apprise takes 50 MB and, on a Pi Zero, half a minute: it is a program that runs while there is something to
send by it. Nothing here puts an address with its secrets into a message.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.client
import json
import sys
from typing import NamedTuple, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from whimbrel import command
from whimbrel.errors import WhimbrelError
from whimbrel.events.encode import dump
from whimbrel.telling.words import TellingMessage

_PRIORITY = {"weakness": 2, "notice": 3, "warning": 4, "critical": 5}
_TAGS = {"weakness": "mag", "notice": "information_source", "warning": "warning", "critical": "rotating_light"}
_MAX_TEXT = 3500
"""The limit of ntfy's texts is 4096 octets."""
_PUBLIC_NTFY = "ntfy.sh"
_APPRISE_PATIENCE = 120.0
_ESCAPES = "write / # ? @ : [ ] in a name or a password as %2F %23 %3F %40 %3A %5B %5D"


class NotSent(WhimbrelError):
    """A message did not get through; it is sent again."""


class NotTaken(WhimbrelError):
    """The other side refuses this message permanently."""


class TellingWay(Protocol):
    """Where messages go."""

    name: str
    """For people: without a secret."""
    lane: str
    """The same for the same address, in every process."""

    async def send(self, message: TellingMessage) -> None:
        """Send. Raises `NotSent` or `NotTaken`."""


class NtfyAddress(NamedTuple):
    """Where a topic of ntfy is."""

    host: str
    port: int | None
    secure: bool
    topic: str
    headers: dict[str, str]


def way_of(url: str, patience: float) -> TellingWay:
    """Return the way to a URL of Apprise. Raises ValueError, with no secret in it."""
    try:
        parts = urlsplit(url)
    except ValueError:  # whose text has a part of the address
        raise ValueError(f"this is no URL; {_ESCAPES}") from None
    if not parts.scheme or "://" not in url:
        raise ValueError("expected a URL such as ntfys://ntfy.sh/TOPIC")
    if parts.scheme in {"ntfy", "ntfys"} and not parts.query:
        return NtfyWay(url, ntfy_address(parts), patience)
    return AppriseWay(url, patience)


def ntfy_address(parts: SplitResult) -> NtfyAddress:
    """Return the address in a URL of ntfy as Apprise reads it. Raises ValueError."""
    topics = [unquote(part) for part in parts.path.split("/") if part]
    host = parts.hostname or ""
    if not topics:  # ntfy://topic is one of the public server
        host, topics = _PUBLIC_NTFY, [parts.netloc.rpartition("@")[2]]
    if len(topics) != 1 or not topics[0] or not host:
        raise ValueError(f"{parts.scheme}: expected one topic, as in ntfys://ntfy.sh/TOPIC")
    headers = {}
    if parts.username is not None:
        user, password = unquote(parts.username), parts.password
        if password is None and user.startswith("tk_"):
            headers["Authorization"] = f"Bearer {user}"
        else:
            both = f"{user}:{unquote(password or '')}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(both).decode()
    try:
        port = parts.port
    except ValueError:  # whose text has what stands there, such as a part of a password
        raise ValueError(f"{parts.scheme}: its port is no number; {_ESCAPES}") from None
    secure = parts.scheme == "ntfys" or host == _PUBLIC_NTFY
    return NtfyAddress(host, port, secure, topics[0], headers)


def lane_of(text: str) -> str:
    """Return a name that distinguishes this address from others without revealing it."""
    return "to " + hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


class NtfyWay:
    """Publishes on a topic of ntfy (docs.ntfy.sh/publish, as JSON)."""

    def __init__(self, url: str, address: NtfyAddress, patience: float) -> None:
        self.name = f"ntfy at {address.host}"
        self.lane = lane_of(url)
        self._address = address
        self._patience = patience

    async def send(self, message: TellingMessage) -> None:
        """Send. Raises `NotSent` or `NotTaken`."""
        text = message.text.encode()[:_MAX_TEXT].decode("utf-8", "ignore")
        body = {
            "topic": self._address.topic,
            "title": message.title,
            "message": text,
            "priority": _PRIORITY[message.severity.value],
            "tags": [_TAGS[message.severity.value]],
        }
        await asyncio.to_thread(self._post, json.dumps(body).encode())

    def _post(self, body: bytes) -> None:
        to = self._address
        kind = http.client.HTTPSConnection if to.secure else http.client.HTTPConnection
        connection = kind(to.host, to.port, timeout=self._patience)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json", **to.headers})
            answer = connection.getresponse()
            answer.read(65536)
        except ValueError:  # of the address, whose text has parts of it
            raise NotSent(f"{self.name}: its address or its token has characters that are not possible there") from None
        except (OSError, http.client.HTTPException) as error:
            raise NotSent(
                f"{self.name}: {getattr(error, 'strerror', None) or str(error) or type(error).__name__}"
            ) from None
        finally:
            connection.close()
        if answer.status in {401, 403, 404}:
            raise NotSent(f"{self.name} answers {answer.status} {answer.reason}: check its address and its token")
        if 400 <= answer.status < 500 and answer.status not in {408, 429}:
            raise NotTaken(f"{self.name} answers {answer.status} {answer.reason}")
        if answer.status >= 300:
            raise NotSent(f"{self.name} answers {answer.status} {answer.reason}")


class AppriseWay:
    """Sends by Apprise, in a separate process for each message."""

    def __init__(self, url: str, patience: float) -> None:
        self.name = f"{url.partition('://')[0]} by Apprise"
        self.lane = lane_of(url)
        self._url = url
        self._patience = patience

    async def send(self, message: TellingMessage) -> None:
        """Send. Raises `NotSent`."""
        order = {"url": self._url, "title": message.title, "text": message.text, "severity": message.severity.value}
        program = [sys.executable, "-m", "whimbrel.telling.by_apprise"]
        problem = await command.run(program, max(self._patience, _APPRISE_PATIENCE), json.dumps(order).encode())
        if problem:
            raise NotSent(f"{self.name}: {problem.removeprefix(sys.executable).strip()}")


class CommandWay:
    """Runs a program with the message as JSON on its standard input."""

    def __init__(self, program: tuple[str, ...], patience: float) -> None:
        self.name = program[0]
        self.lane = lane_of("\0".join(program))
        self._program = program
        self._patience = patience

    async def send(self, message: TellingMessage) -> None:
        """Send. Raises `NotSent`."""
        problem = await command.run(self._program, self._patience, f"{_line(message)}\n".encode())
        if problem:
            raise NotSent(problem)


def _line(message: TellingMessage) -> str:
    """Return a message as one line of JSON, the events in it as they are."""
    rest = dump(message.as_dict() | {"news": []})
    return f"{rest.removesuffix('[]}')}[{','.join(message.news)}]}}"

"""The devices that belong here and are no followers: their list and its file, and the devices that were near."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whimbrel.errors import WhimbrelError
from whimbrel.module import Context, VerbError
from whimbrel.settings import Mac
from whimbrel.settings.scalars import find
from whimbrel.text import mac, printable
from whimbrel.verbs.visitors import IGNORE, IGNORED, VISITORS, Ignored, VisitorRow, Visitors
from whimbrel.watching import state_file
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections

NAME = "ignored.txt"
MOST = 4096
"""Addresses in the list: a Zero reads them in some tens of milliseconds."""
_LARGEST = 1 << 20
"""Octets that are read."""
_HERE = 120.0
"""Seconds within which a device was heard that is near."""
_ROWS = 64
_KEY = "ignored"
_HEAD = """\
# Devices that belong here and are no followers, one address on each line; `whimbrel ignore here` adds them.
# You may edit it: it is read at the start, and again before it is rewritten.
"""


class BadList(WhimbrelError, ValueError):
    """The file cannot be used; the message has the reason and the line."""


class Ignoring:
    """Makes the detections ignore the devices on the list, and answers the verbs ``ignore``, ``ignored`` and
    ``visitors``.

    `now` returns the time of the last frame.
    """

    def __init__(self, ctx: Context[Any], detections: Detections, file: Path | None, now: Callable[[], float]) -> None:
        self.file = state_file.default_path(NAME) if file is None else file
        self._ctx = ctx
        self._detections = detections
        self._now = now
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Ignore the devices on the list, and answer from now on. A file with a mistake is a warning."""
        try:
            self._detections.air.ignored = await asyncio.to_thread(read, self.file)
        except (OSError, BadList) as error:
            self._ctx.warn(_KEY, f"no device is ignored: {_why(self.file, error)}")
        self._ctx.serve(IGNORE, self._ignore)
        self._ctx.serve(IGNORED, self._ignored)
        self._ctx.serve(VISITORS, self._visitors)

    async def _ignored(self, _request: dict[str, Any]) -> Ignored:
        return self._answer(self._detections.air.ignored, 0)

    async def _ignore(self, request: dict[str, Any]) -> Ignored:
        forget = request.get("forget", False)
        if not isinstance(forget, bool):
            raise VerbError('"forget": expected true or false')
        async with self._writing:
            try:
                before = await asyncio.to_thread(read, self.file)
                named = _addresses(request.get("addresses"))
                if forget:
                    after = before.difference(before if named is None else named)
                else:
                    after = before.union(self._near() if named is None else named)
                    if len(after) > MOST:
                        raise VerbError(f"at most {MOST} devices can be ignored; `whimbrel ignore --forget` some first")
                if after != before:
                    await asyncio.to_thread(state_file.replace, self.file, text(after))
            except (OSError, BadList) as error:
                raise VerbError(f"the list is not changed: {_why(self.file, error)}") from error
        self._ctx.clear(_KEY)
        self._detections.air.ignored = after
        return self._answer(after, len(after ^ before))

    def _answer(self, addresses: frozenset[bytes], changed: int) -> Ignored:
        return Ignored(file=str(self.file), addresses=tuple(sorted(addresses)), changed=changed)

    def _near(self) -> set[bytes]:
        survey, since = self._detections.survey, self._now() - _HERE
        tables = (survey.access_points.table, survey.stations.table)
        return {heard.address for table in tables for heard in table.entries.values() if heard.last > since}

    async def _visitors(self, _request: dict[str, Any]) -> Visitors:
        follower: Any = self._detections.of_rule("follower")
        if follower is None:
            raise VerbError("followers are not detected: modules.watcher.detections.follower.enabled is false")
        found = follower.visitors()
        offset = self._now() - self._detections.air.now
        return Visitors(
            visitors=tuple(
                VisitorRow(
                    address=visitor.address,
                    vendor=vendor(visitor.address),
                    randomised=bool(visitor.address[0] & 2),
                    places=visitor.places,
                    windows=visitor.windows,
                    at_home=visitor.at_home,
                    first=visitor.first + offset,
                    last=visitor.last + offset,
                )
                for visitor in islice(found, _ROWS)
            ),
            left_out=max(len(found) - _ROWS, 0),
            near=follower.near,
            random=follower.random,
        )


def read(path: Path) -> frozenset[bytes]:
    """Return the addresses of a list, none if there is no file. Raises OSError and `BadList`."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return frozenset()
    if len(content) > _LARGEST:
        raise BadList("expected at most 1 MiB")
    return parse(content)


def parse(content: bytes) -> frozenset[bytes]:
    """Return the addresses of a list, one on each line, without comments after a #. Raises `BadList`."""
    scalar = find(Mac)
    assert scalar is not None
    found: set[bytes] = set()
    for number, line in enumerate(content.split(b"\n"), 1):
        word = line.partition(b"#")[0].strip()
        if not word:
            continue
        try:
            found.add(scalar.parse(word.decode("ascii")))
        except ValueError as error:
            shown = printable(word[:40].decode("utf-8", "backslashreplace"))
            raise BadList(f"line {number}: expected {scalar.noun} such as {scalar.example}, found {shown!r}") from error
    if len(found) > MOST:
        raise BadList(f"expected at most {MOST} addresses, found {len(found)}")
    return frozenset(found)


def text(addresses: Iterable[bytes]) -> str:
    """Return the text of a list, each address with its maker."""
    lines = (f"{mac(address)}  # {printable(vendor(address)) or 'maker not known'}\n" for address in sorted(addresses))
    return _HEAD + "".join(lines)


def _addresses(value: object) -> set[bytes] | None:
    if value is None:
        return None
    scalar = find(Mac)
    assert scalar is not None
    try:
        if not isinstance(value, list) or len(value) > MOST:
            raise ValueError  # noqa: TRY301  # as for an address that is none
        return {scalar.parse(each) if isinstance(each, str) else scalar.parse("") for each in value}
    except ValueError as error:
        raise VerbError(f'"addresses": expected a list of addresses such as {scalar.example}') from error


def _why(path: Path, error: Exception) -> str:
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return f"{path}: {reason}"

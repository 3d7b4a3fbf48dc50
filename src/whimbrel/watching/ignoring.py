"""The devices that belong here and are no followers: their list and its file, and the devices that were near."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whimbrel.errors import WhimbrelError
from whimbrel.module import Context, VerbError
from whimbrel.settings import Mac
from whimbrel.settings.nodes import END, START, begins, is_ended
from whimbrel.settings.scalars import find
from whimbrel.text import mac, printable
from whimbrel.verbs.visitors import IGNORE, IGNORED, VISITORS, Ignored, VisitorRow, Visitors
from whimbrel.watching import kept_file, state_file
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections
    from whimbrel.watching.kept_file import Recalled

NAME = "ignored.txt"
MOST = 4096
"""Addresses in the list: a Zero reads them in some tens of milliseconds."""
_HERE = 120.0
"""Seconds within which a device was heard that is near."""
_ROWS = 64
_KEY = "ignored"
_HEAD = """\
# Devices that belong here and are no followers, one address on each line; `whimbrel ignore here` adds them.
# You may edit it: it is read at the start, and again before it is rewritten. It begins with --- and ends with a line of
# three dots: without that line it counts as truncated, and its last valid version is used.
---
"""
_MARKS = frozenset({START.encode(), END.encode()})


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
        recalled = await asyncio.to_thread(recall, self.file)
        self._detections.air.ignored = recalled.value or frozenset()
        if recalled.problem:
            instead = "those that were last right are ignored" if recalled.value else "nobody is ignored"
            self._ctx.warn(_KEY, f"{recalled.problem}; {instead}")
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
                # In a thread as well: thousands of addresses would hold up the loop of a Zero.
                named = await asyncio.to_thread(_addresses, request.get("addresses"))
                if forget:
                    after = before.difference(before if named is None else named)
                else:
                    after = before.union(self._near() if named is None else named)
                    if len(after) > MOST:
                        raise VerbError(f"at most {MOST} devices can be ignored; `whimbrel ignore --forget` some first")
                if after != before:
                    await asyncio.to_thread(_write, self.file, after)
            except BadList as error:
                raise VerbError(f"the list is not changed: {error}") from error
            except OSError as error:
                raise VerbError(f"the list is not changed: {self.file}: {error.strerror}") from error
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


def recall(path: Path) -> Recalled[frozenset[bytes]]:
    """Return the addresses of a list; those that it last had, with the reason, where it cannot be used."""
    return kept_file.recall(path, lambda content: _parsed(content, path))


def read(path: Path) -> frozenset[bytes]:
    """Return the addresses of a list; where it is gone, those that it last had. Raises WhimbrelError."""
    recalled = recall(path)
    if recalled.problem and path.exists():
        raise BadList(recalled.problem)
    return recalled.value or frozenset()


def _write(path: Path, addresses: Iterable[bytes]) -> None:
    written = text(addresses)
    state_file.replace(path, written)
    kept_file.keep(path, written.encode())


def _parsed(content: bytes, path: Path) -> frozenset[bytes]:
    try:
        return parse(content)
    except BadList as error:
        raise BadList(f"{path}: {error}") from error


def parse(content: bytes) -> frozenset[bytes]:
    """Return the addresses of a list, one on each line, without comments after a #. Raises `BadList`."""
    scalar = find(Mac)
    assert scalar is not None
    found: set[bytes] = set()
    if not begins(written := content.decode("latin-1")):
        raise BadList(
            f"expected the line {START} above the addresses, and {END} below them: it was cut short, or lacks both"
        )
    if not is_ended(written):
        raise BadList(f"expected the line {END} at its end: it was cut short")
    for number, line in enumerate(content.split(b"\n"), 1):
        word = line.partition(b"#")[0].strip()
        if not word or word in _MARKS:
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
    return f"{_HEAD}{''.join(lines)}{END}\n"


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

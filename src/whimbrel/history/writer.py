"""The writing thread: it collects entries and writes them together; a failing card delays no other module."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from whimbrel.history.entries import URGENT, Entry
from whimbrel.history.store import Store, StoreError, Unusable

T = TypeVar("T")

_RETRY = 2.0
"""Seconds after which a write that failed is tried again, doubled up to `_RETRY_MAX`."""
_RETRY_MAX = 15.0
_FIRST_TIDY = 120.0
_TIDY = 3600.0
"""Seconds between two checks for rows that are too old or too many."""


class Told(NamedTuple):
    """The thread's report after each success or failure."""

    upto: int
    """The newest mark that was handed in and is on the card."""
    problem: str
    """Why nothing can be written now; empty where it can."""
    damaged: str
    """As `Store.damaged`."""
    not_kept: int
    """Entries given up so far."""
    commits: int
    """Batches that are on the card."""
    begun: int
    """As `Store.begun`."""
    replaced: bool = False
    """As `Store.replaced`."""


class HistoryWriter:
    """Takes entries from the loop; `tell` is called in the thread. Entries are collected until an urgent one, or until
    `put` flushes them. `most` limits the entries that wait while the card fails. The newest entry of a slot replaces a
    waiting one; beyond `most` the least important are dropped first, and counted.
    """

    def __init__(self, store: Store, most: int, tell: Callable[[Told], object]) -> None:
        self._store = store
        self._most = most
        self._tell = tell
        self._waiting: OrderedDict[Hashable, Entry] = OrderedDict()
        self._jobs: list[tuple[Callable[[Store], Any], Future[Any], bool]] = []
        self._wake = threading.Condition()
        self._mark = 0
        self._urgent = False
        self._ending = False
        self._now = 0.0  # of the air, for the age of rows
        self._told = Told(0, "", "", 0, 0, 0)
        self._thread = threading.Thread(target=self._run, name="history writer", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def not_kept(self) -> int:
        """Entries given up so far."""
        return self._told.not_kept

    def start(self) -> None:
        """Begin; the store is open."""
        self._thread.start()

    def put(self, entries: Iterable[Entry], mark: int = 0, *, flush: bool = False, now: float = 0.0) -> None:
        """Queue entries in this order, and write them at once with `flush`; `mark` is reported when they and all
        earlier ones are on the card. `now` is the time of the air, 0 if the clock is not known."""
        with self._wake:
            for entry in entries:
                # After the newer entries: a step of the clock moves only times stamped before it.
                self._waiting.pop(entry.slot, None)
                self._waiting[entry.slot] = entry
                self._urgent = self._urgent or entry.matters == URGENT
            self._urgent = self._urgent or (flush and (bool(self._waiting) or mark > self._told.upto))
            self._mark = max(self._mark, mark)
            self._now = now or self._now
            self._give_up()
            if self._urgent:
                self._wake.notify()

    def call(self, job: Callable[[Store], T], *, behind_all: bool = False) -> Future[T]:
        """Run `job` on the store after the flushed entries; the future raises its exception.

        `behind_all`: only once all entries are written, even while the card rests after an error; the future raises
        StoreError if they cannot be. What the job erases is then in no waiting entry.
        """
        answer: Future[T] = Future()
        with self._wake:
            self._jobs.append((job, answer, behind_all))
            self._urgent = self._urgent or behind_all
            self._wake.notify()
        return answer

    def end(self, patience: float) -> bool:
        """Write the waiting entries and close the file; return whether that took at most `patience` seconds."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _give_up(self) -> None:
        """Drop the least important entries, the oldest first, down to the limit."""
        surplus = len(self._waiting) - self._most
        if surplus <= 0:
            return
        gone = sorted(self._waiting, key=lambda slot: -self._waiting[slot].matters)[:surplus]
        for slot in gone:
            del self._waiting[slot]
        self._told = self._told._replace(not_kept=self._told.not_kept + len(gone))

    def _run(self) -> None:
        pause = retry = 0.0
        tidy = time.monotonic() + _FIRST_TIDY
        while True:
            with self._wake:
                while not (self._ending or self._jobs or (self._urgent and time.monotonic() >= retry)):
                    self._wake.wait(max(retry - time.monotonic(), 0.0) if self._urgent else None)
                jobs, self._jobs = self._jobs, []
                mark, ending, now = self._mark, self._ending, self._now
                forced = any(behind_all for _, _, behind_all in jobs)
                due = ending or (self._urgent and (forced or time.monotonic() >= retry))
                batch: OrderedDict[Hashable, Entry] = OrderedDict()
                if due:
                    batch, self._waiting = self._waiting, batch
                    self._urgent = False
            written = due and self._write(batch, mark)
            if due:
                pause = 0.0 if written else min(max(pause * 2, _RETRY), _RETRY_MAX)
                retry = time.monotonic() + pause
            if written and time.monotonic() >= tidy:
                tidy = time.monotonic() + _TIDY
                self._do(lambda store, now=now: store.tidy(now))  # type: ignore[misc]
            for job, answer, behind_all in jobs:
                if not answer.set_running_or_notify_cancel():
                    continue  # whoever asked has left
                if behind_all and not written:
                    answer.set_exception(StoreError(self._told.problem))
                else:
                    _answer(job, answer, self._store)
            if ending:
                self._store.close()
                return

    def _write(self, batch: OrderedDict[Hashable, Entry], mark: int) -> bool:
        """Write a batch; if that fails, put it back before the later entries."""
        if not batch and mark <= self._told.upto and not self._told.problem:
            return True
        written = self._do(lambda store: store.write(batch.values()))
        with self._wake:
            told = self._told
            if written:
                told = told._replace(upto=mark, problem="", commits=told.commits + 1)
            else:
                since = self._waiting
                self._waiting = OrderedDict((slot, entry) for slot, entry in batch.items() if slot not in since)
                self._waiting.update(since)
                self._urgent = True
                self._give_up()
                told = self._told
            store = self._store
            self._told = told._replace(damaged=store.damaged, begun=store.begun, replaced=store.replaced)
        self._tell(self._told)
        return written

    def _do(self, act: Callable[[Store], object]) -> bool:
        try:
            act(self._store)
        except (StoreError, Unusable) as error:
            with self._wake:
                self._told = self._told._replace(problem=str(error))
            return False
        return True


def _answer(job: Callable[[Store], Any], answer: Future[Any], store: Store) -> None:
    try:
        answer.set_result(job(store))
    except Exception as error:  # noqa: BLE001  # it belongs to whoever asked
        answer.set_exception(error)

"""A unit of root's that does a job for the daemon, and the module that asks for it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.lab.waiting import until
from tests.system.pi import make_zero

from whimbrel import jobs
from whimbrel.modules.system import System, SystemSettings
from whimbrel.settings import Duration
from whimbrel.testing import Lab, run_module


class Root:
    """Stands in for the unit, by the files that it and the daemon exchange."""

    def __init__(self, exchange: ModuleType, outcome: type[Any], folder: Path) -> None:
        self.request, self.outcome = folder / "request", folder / "outcome.json"
        self._exchange = exchange
        self._made = outcome

    @property
    def asked(self) -> Any:
        """The request; None without one."""
        return self._exchange.asked(self.request)

    async def answer(self, *, ended: bool = True, **what: int | str) -> Any:
        """Answer the request once it is there, and return it."""
        request = await until(lambda: self.asked)
        number = getattr(request, "number", request)
        self._exchange.answer(self._made(number=number, ended=ended, **what), self.outcome)
        return request


def stand_in(root: Root, asking: ModuleType, exchange: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Root:
    """Have the daemon's side talk with `root`."""
    find, ask = exchange.outcome, exchange.ask
    monkeypatch.setattr(exchange, "outcome", lambda number: find(number, root.outcome))
    monkeypatch.setattr(exchange, "ask", lambda request: ask(request, root.request))
    monkeypatch.setattr(asking, "is_possible", lambda: True)
    monkeypatch.setattr(jobs, "_LOOK", 0.01)
    return root


@contextlib.asynccontextmanager
async def running_system(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    """Run the module on a Zero's files, with hardly a look at them."""
    init = System.__init__
    zero = make_zero(folder / "zero")
    monkeypatch.setattr(System, "__init__", lambda self, ctx: init(self, ctx, zero))
    async with run_module(System, SystemSettings(every=Duration(3600.0))) as lab:
        await lab.ready()
        yield lab

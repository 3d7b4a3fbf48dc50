"""What depends on being quick fails with the plugin, and what waits for a state does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from whimbrel.testing import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
QUICK = """\
import time

from tests.lab.waiting import block_until


def test_a_state_that_does_not_last():
    over = time.monotonic() + 0.15
    block_until(lambda: True)
    assert time.monotonic() < over


def test_a_state_that_lasts():
    block_until(lambda: True)
"""
BRIEF = """\
import time

from tests.lab.waiting import block_until


def test_a_state_that_is_brief():
    began = time.monotonic()
    block_until(lambda: 0 < time.monotonic() - began - 0.1 < 0.3, seconds=2)


def test_a_state_that_lasts():
    began = time.monotonic()
    block_until(lambda: 0 < time.monotonic() - began - 0.1)
"""
THREADS = """\
import threading

from tests.lab.waiting import block_until


def test_a_thread_that_has_hardly_begun():
    done = threading.Event()
    threading.Thread(target=done.set).start()
    assert done.wait(0.1)


def test_a_thread_that_is_waited_for():
    done = threading.Event()
    threading.Thread(target=done.set).start()
    block_until(done.is_set)
"""
LATE = """\
import asyncio
import time

from whimbrel.module import Module
from whimbrel.testing import run_module


class Brief(Module):
    async def run(self):
        self.ctx.ready()
        self.ctx.warn("brief", "soon over")
        await asyncio.sleep(0.05)
        self.ctx.clear("brief")
        await self.ctx.stopping.wait()


async def test_a_warning_that_does_not_last():
    async with run_module(Brief) as lab:
        await lab.ready()
        assert lab.ctx.warnings


async def test_a_warning_that_is_kept():
    async with run_module(Brief) as lab:
        await lab.ready()
        assert lab.warned
"""


@pytest.mark.parametrize(
    ("text", "option", "failed"),
    [
        (QUICK, "--late=0.2", "test_a_state_that_does_not_last"),
        (BRIEF, "--late-looks=0.5", "test_a_state_that_is_brief"),
        (THREADS, "--late-threads=0.6", "test_a_thread_that_has_hardly_begun"),
        (LATE, "--late=0.3", "test_a_warning_that_does_not_last"),
    ],
)
def test_it_finds_those_that_depend_on_being_quick(text: str, option: str, failed: str, tmp_path: Path) -> None:
    path = tmp_path / "test_them.py"
    path.write_text(text)
    command: list[str | Path] = [
        sys.executable, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", "-p", "tools.late", "-p",
        "no:cacheprovider", option, path,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    told = [line.partition("::")[2].split()[0] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert told == [failed], done.stdout

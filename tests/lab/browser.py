"""A real browser: Debian's Chromium, driven by Playwright, with everything noted that it complains of."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import pytest
from tests.lab.waiting import block_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

AXE = "4.14.1"
"""Version of axe-core, which is fetched for the tests alone."""
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDTHS = {360: 740, 1280: 800}
"""Height for each width that the page is looked at with: a small phone, a laptop."""
_BUILD = Path(__file__).parents[2] / "build"


def chromium() -> str | None:
    """Return the path of the browser, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Run the browser, without a window, with a profile that ends with it. Skips the test where there is none."""
    path = chromium()
    if path is None:
        pytest.skip("there is no chromium: apt install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make setup")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield running
        finally:
            running.close()


class Visit:
    """One page of the browser, with a cookie jar of its own."""

    def __init__(
        self, running: Browser, origin: str, *, width: int = 1280, scheme: Literal["light", "dark"] = "light",
        scale: float = 1.0,
    ) -> None:  # fmt: skip
        self.origin = origin
        self._context = running.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme, device_scale_factor=scale,
            accept_downloads=True,
        )  # fmt: skip
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        """Errors and warnings of the console, violated policies and exceptions without a handler."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # Whether somebody is logged in is known by asking; the browser notes the answer no.
        if "401" in message.text and message.location["url"].endswith("/api/v1/session"):
            return
        self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def log_in(self, token: str) -> None:
        """Open the page, and log in by hand."""
        self.page.goto(f"{self.origin}/")
        self.page.fill("#token", token)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("main .view")

    def show(self, view: str) -> None:
        """Show a view, and wait until it has its contents."""
        self.page.goto(f"{self.origin}/#/{view}")
        # A handle of an element, as `wait_for_selector` returns it, would keep the view in memory.
        self.page.locator(f"main .view-{view.partition('/')[0].partition('?')[0]}").wait_for()
        self.until("!document.querySelector('main .loading')")

    def until(self, expression: str, arg: object = None) -> None:
        """Wait until this is true in the page, whose policy forbids Playwright's own way to do so."""
        block_until(lambda: self.page.evaluate(expression, arg), expression, every=0.05)

    def get(self, path: str) -> Any:
        """Return the JSON of a request with the session of this page."""
        return self._context.request.get(f"{self.origin}/api/v1/{path}").json()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._context.close()


@contextlib.contextmanager
def asleep() -> Iterator[None]:
    """Stop every page of the browsers of this process, as a phone does that sleeps; what reaches them waits."""
    pages = [pid for pid, line in _descendants(os.getpid()) if b"--type=renderer" in line]
    assert pages
    for pid in pages:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pages:
            os.kill(pid, signal.SIGCONT)


def _descendants(ancestor: int) -> list[tuple[int, bytes]]:
    """Return the processes that a process has started, and those of these, with their command lines."""
    parents: dict[int, tuple[int, bytes]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                parents[int(folder.name)] = (parent, (folder / "cmdline").read_bytes())

    def is_below(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid][0]
            if pid == ancestor:
                return True
        return False

    return [(pid, line) for pid, (_, line) in parents.items() if is_below(pid)]


def axe() -> str:
    """Return axe-core as a script, fetched by npm where it is not here yet. Skips the test where that fails."""
    place = _BUILD / f"axe-core-{AXE}.min.js"
    if not place.exists():
        place.parent.mkdir(exist_ok=True)
        if shutil.which("npm") is None:
            pytest.skip("axe-core is not here, and there is no npm to fetch it")
        command = ["npm", "pack", "--silent", f"axe-core@{AXE}"]
        done = subprocess.run(command, cwd=_BUILD, capture_output=True, check=False, timeout=120)
        archive = _BUILD / f"axe-core-{AXE}.tgz"
        if done.returncode or not archive.exists():
            pytest.skip(f"npm cannot fetch axe-core {AXE}")
        with tarfile.open(archive) as packed:
            member = packed.extractfile("package/axe.min.js")
            assert member is not None
            place.write_bytes(member.read())
        archive.unlink()
    return place.read_text(encoding="utf-8")

"""The radio suite of the guest: the drivers on a real kernel with simulated radios. Runs as root.

``python -m tests.vm.guest.suite [CHECK…]``: all checks, or those named.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.vm.guest import radio, receivers, scanning
from tests.vm.guest.checks import check, say


async def run_checks(checks: Sequence[Callable[[], Awaitable[None]]]) -> int:
    """Run every check, say what came of it, and return how many failed."""
    failed = 0
    for one in checks:
        name = getattr(one, "__name__", "").replace("_", " ")
        began = time.monotonic()
        before = radio.interfaces()
        try:
            async with asyncio.timeout(180):
                await one()
            check(radio.interfaces() == before, (before, radio.interfaces()))
        except Exception:  # noqa: BLE001  # every check gets its turn
            failed += 1
            traceback.print_exc(file=sys.stdout)
            say(f"FAIL  {name}")
        else:
            say(f"PASS  {name} ({time.monotonic() - began:.1f} s)")
    say(f"{len(checks) - failed} passed, {failed} failed")
    return failed


def main() -> int:
    """Run the checks named on the command line, else all; return the exit status."""
    only = sys.argv[1:]
    failed = 0
    if chosen := [one for one in radio.CHECKS if not only or one.__name__ in only]:
        Path("/run/hostapd.conf").write_text(radio.HOSTAPD)
        access_point = subprocess.Popen(["hostapd", "/run/hostapd.conf"], stdout=subprocess.DEVNULL)
        try:
            failed += asyncio.run(run_checks(chosen))
        finally:
            access_point.terminate()
            access_point.wait()
    if chosen := [one for one in (*scanning.CHECKS, *receivers.CHECKS) if not only or one.__name__ in only]:
        failed += asyncio.run(run_checks(chosen))
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

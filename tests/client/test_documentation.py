"""The example of docs/client.md, run unchanged."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.lab.child import Child
from tests.lab.waiting import block_until
from tests.process.daemon import SIMULATED, DaemonProcess

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "client.md").read_text()


def test_the_example_asks_and_follows_a_daemon(tmp_path: Path) -> None:
    (example, *_) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    with DaemonProcess(tmp_path, SIMULATED) as daemon:
        daemon.wait_for_state("sniffer", "ready")
        daemon.wait_until_written("offers")
        out = tmp_path / "out"
        environment = os.environ | {"WHIMBREL_SOCKET": str(daemon.socket), "PYTHONUNBUFFERED": "1"}
        with (
            out.open("wb") as told,
            Child([sys.executable, "-c", example], stdout=told, stderr=told, env=environment) as process,
        ):
            ended = lambda: None if process.poll() is None else out.read_text()  # noqa: E731
            block_until(lambda: " found: " in out.read_text(), "an event", ended=ended)
            assert daemon.stop() == 0
            process.wait(30)
        assert process.returncode == 0, out.read_text()
        assert "Traceback" not in out.read_text()

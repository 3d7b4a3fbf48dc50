"""A daemon that gets no more memory goes on, and is as before once there is some again."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.process.daemon import DaemonProcess
from tests.process.test_descriptors import SETTINGS


def test_it_outlasts_a_lack_of_memory(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, SETTINGS.replace("FOLDER", str(tmp_path)), checks=False) as daemon:
        daemon.wait_for_state("watcher", "ready")
        daemon.wait_until_written("recording-begun")
        pid = daemon.process.pid
        size = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(pid, resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
        before = daemon.ask("status")["events"]
        for verb in ("survey", "alerts", "modules") * 10:
            daemon.ask(verb)
        daemon.wait_until(lambda: daemon.ask("status")["events"] > before + 50, "events without more memory")
        resource.prlimit(pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        daemon.wait_until(lambda: set(daemon.states().values()) == {"ready"}, "every module to be ready again")
        assert daemon.stop() == 0

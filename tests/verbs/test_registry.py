"""What is declared is served, and documented."""

from __future__ import annotations

import re
from pathlib import Path

from tests.process.daemon import SIMULATED, DaemonProcess

from whimbrel.verbs.registry import VERBS

CONTROL = (Path(__file__).resolve().parents[2] / "docs" / "control.md").read_text()
EVERYTHING = SIMULATED + "  buttons: {driver: sim}\n  display: {driver: none}\n  recorder: {folder: FOLDER}\n"
EVERYTHING += "  history: {file: FOLDER/history.db}\n  system:\n"


def test_a_daemon_with_every_module_serves_what_is_declared(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path, EVERYTHING.replace("FOLDER", str(tmp_path))) as daemon:
        for module in ("sniffer", "watcher", "control", "buttons", "display", "recorder", "history", "system"):
            daemon.wait_for_state(module, "ready")
        served = daemon.ask("help")["verbs"]
        assert served == {name: verb.summary for name, verb in sorted(VERBS.items())}
        assert daemon.stop() == 0


def test_every_verb_is_documented_with_its_keys() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", CONTROL, re.MULTILINE))
    assert rows.keys() == VERBS.keys()
    for name, verb in VERBS.items():
        told = set(re.findall(r"`([a-z_]+)`:?", rows[name]))
        assert set(verb.arguments) <= told, name

"""Records a session with the attack scene in tmux: `python -m tools.session` makes docs/pictures/session.svg.

Nothing of it is drawn by hand: the demonstration runs in one window of tmux, commands are typed in another, and what
the two show is taken as tmux shows it. Listening is paused for the commands, by the keys of the device, so that the
numbers of all windows can be compared.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from tools.picture import DEMO, PICTURES, ROOT, Run, drawn

_COLUMNS, _ROWS = 132, 30
_PATIENCE = 300.0
_PROMPT = "$ "
_SCENE = "attack"
_PAUSE = ("b", *["Down"] * 6, "Enter", "a")
"""The keys that pause listening: menu, six lines down, ok, back."""
_INK = {
    "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "37": "#f0f6fc", "90": "#7d8590", "91": "#ff7b72",
    "97": "#f0f6fc",
}  # fmt: skip
_SGR = re.compile(r"\x1b\[([0-9;]*)m|\x0e|\x0f")


class Tmux:
    """A separate tmux server, with a window for the device and one for commands."""

    def __init__(self, folder: Path) -> None:
        self._command = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        self.socket = folder / "control.sock"

    def run(self, *words: str) -> str:
        """Run a tmux command; return its output."""
        done = subprocess.run([*self._command, *words], check=True, capture_output=True, text=True)
        return done.stdout

    def open(self, settings: Path) -> None:
        """Start both windows."""
        size = ("-x", str(_COLUMNS), "-y", str(_ROWS))
        python = shlex.quote(sys.executable)
        device = f"{python} -m whimbrel run --config {shlex.quote(str(settings))}"
        shell = f"PS1={shlex.quote(_PROMPT)} WHIMBREL_SOCKET={shlex.quote(str(self.socket))} bash --norc --noprofile -i"
        self.run("new-session", "-d", "-s", "session", "-n", "device", *size, "-c", str(ROOT), device)
        self.run("set-option", "-g", "status", "off")
        self.run("new-window", "-d", "-t", "session", "-n", "shell", "-c", str(ROOT), shell)
        self.type("shell", f'whimbrel() {{ {python} -m whimbrel "$@"; }}; clear')

    def close(self) -> None:
        """End the device and the server."""
        self.keys("device", "q")
        self.run("kill-session", "-t", "session")

    def keys(self, window: str, *keys: str) -> None:
        """Press keys, one after the other, as fast as a person might."""
        for key in keys:
            self.run("send-keys", "-t", f"session:{window}", key)
            time.sleep(0.3)

    def type(self, window: str, line: str) -> None:
        """Type a line and Enter, and wait until its prompt is back."""
        self.run("send-keys", "-t", f"session:{window}", "-l", line)
        self.run("send-keys", "-t", f"session:{window}", "Enter")
        wait_until(lambda: self.text(window).rstrip("\n").endswith(_PROMPT.rstrip()), f"the end of {line}")

    def text(self, window: str) -> str:
        """Return the contents of a window."""
        return self.run("capture-pane", "-p", "-t", f"session:{window}")

    def look(self, window: str) -> list[str]:
        """Return the lines that a window shows, with their colours."""
        lines = self.run("capture-pane", "-e", "-p", "-t", f"session:{window}").split("\n")
        while lines and not _SGR.sub("", lines[-1]).strip():
            lines.pop()
        return lines

    def command(self, line: str) -> list[str]:
        """Run a command in an empty window; return its contents then, without the last prompt."""
        self.run("send-keys", "-t", "session:shell", "C-l")
        self.run("clear-history", "-t", "session:shell")
        time.sleep(0.3)
        self.type("shell", line)
        return self.look("shell")[:-1]

    def ask(self, *words: str) -> str:
        """Send a request to the daemon, outside the session."""
        command = [sys.executable, "-m", "whimbrel", *words, "--socket", str(self.socket)]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def wait_until(state: Callable[[], object], what: str) -> None:
    """Wait for a state. Raises TimeoutError."""
    until = time.monotonic() + _PATIENCE
    while not state():
        if time.monotonic() > until:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.2)


def record(tmux: Tmux) -> list[tuple[str, list[str]]]:
    """Play the session; return the contents of the terminal, with a line about each picture."""
    incidents: list[dict[str, object]] = []

    def several() -> bool:
        answer = tmux.ask("alerts", "--json")
        incidents[:] = [row for row in json.loads(answer)["incidents"] if len(row["alerts"]) > 1] if answer else []
        return bool(incidents)

    wait_until(lambda: "Uferschnepfe" in tmux.text("device").split("\n")[2], "the table")
    seen = [("The office, before anything happens", tmux.look("device"))]
    wait_until(lambda: "critical" in tmux.ask("alerts", "--json"), "the attack")
    wait_until(
        lambda: "isconnect" in tmux.text("device").split("\n")[-1] or "ncident" in tmux.text("device"), "its line"
    )
    seen.append(("The attack breaks in", tmux.look("device")))
    wait_until(several, "an incident of several alerts")
    tmux.keys("device", "a", *_PAUSE)
    wait_until(lambda: "paused" in tmux.ask("status"), "the pause")
    time.sleep(1.5)  # the screen's own snapshots come twice a second
    seen.append(("The overview counts unseen alerts; listening is paused", tmux.look("device")))
    number = str(incidents[0]["id"])
    commands = ("survey", "alerts", f"alerts {number} | head -n 12", "acknowledge all")
    seen += [("In another window", tmux.command(f"whimbrel {line}")) for line in commands]
    time.sleep(1.5)
    seen.append(("Everything has been seen", tmux.look("device")))
    return seen


def runs(line: str) -> Iterator[Run]:
    """Take a line of tmux apart: it sets colours and weights one after the other, and undoes them likewise."""
    from whimbrel.wording.tables import text_width

    ink, bold, faint, column = "", False, False, 0
    for number, part in enumerate(_SGR.split(line)):
        if number % 2 == 0:
            if part:
                style = f"fill:{'#7d8590' if faint else ink or '#ffffff' if bold else ink or '#c9d1d9'}"
                yield Run(column, part, style + (";font-weight:bold" if bold else ""))
                column += text_width(part)
            continue
        for code in (part or "0").split(";"):
            if code in {"", "0"}:
                ink, bold, faint = "", False, False
            elif code == "39":
                ink = ""
            bold, faint = bold or code == "1", faint or code == "2"
            ink = _INK.get(code, ink)


def picture(seen: Sequence[tuple[str, list[str]]]) -> str:
    """Return all of it as one picture, one below the other."""
    lines: list[list[Run]] = []
    for title, shown in seen:
        lines.append([Run(0, f"# {title}", "fill:#7ee787")])
        lines += [list(runs(line)) for line in shown]
        lines.append([])
    return drawn(lines[:-1], "a session with the attack scene")


def main() -> None:
    """Make the picture."""
    with tempfile.TemporaryDirectory() as folder:
        tmux = Tmux(Path(folder))
        demo = (ROOT / DEMO).read_text()
        demo = re.sub(r"socket: .*", f"socket: {tmux.socket}", demo)
        demo = re.sub(r"\n +hint: .*", "", demo.replace("scene: home\n", f"scene: {_SCENE}\n"))
        settings = Path(folder, f"{_SCENE}.yaml")
        settings.write_text(demo)
        tmux.open(settings)
        try:
            seen = record(tmux)
        finally:
            tmux.close()
    text = picture(seen).replace(escape(str(settings)), f"{_SCENE}.yaml")
    (PICTURES / "session.svg").write_text(text)


if __name__ == "__main__":
    main()

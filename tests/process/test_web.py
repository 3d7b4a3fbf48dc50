"""The interface of the page over both real processes: its description holds, files come whole, absence is told."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.lab.waiting import block_until, until
from tests.lab.watched_air import HARMFUL, TOKEN, WatchedAir, end, raised

from whimbrel.capture.reader import read_capture
from whimbrel.testing import PATIENCE

pytestmark = pytest.mark.process


class Reader:
    """A program that has logged in."""

    def __init__(self, air: WatchedAir) -> None:
        self.origin = air.origin
        self.headers: dict[str, str] = {}
        answer = self.send("/api/v1/login", {"token": TOKEN})
        self.headers = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}

    def send(self, path: str, body: Any = None) -> Any:
        """Return the answer to a GET, or to a POST of `body`."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Origin": self.origin, **self.headers}
        request = urllib.request.Request(f"{self.origin}{path}", data=data, headers=headers)
        return urllib.request.urlopen(request, timeout=PATIENCE)

    def read(self, path: str) -> bytes:
        with self.send(f"/api/v1/{path}") as answer:
            content: bytes = answer.read()
            return content

    def ask(self, path: str) -> Any:
        return json.loads(self.read(path))

    def status(self, path: str) -> int:
        try:
            return int(self.send(f"/api/v1/{path}").status)
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedAir]:
    made = WatchedAir(tmp_path_factory.mktemp("air"))
    with made.daemon() as daemon, made.reach() as reach:
        made.wait_for_page()
        daemon.wait_until_told("READY=1")
        daemon.wait_until(lambda: raised(daemon), "an incident")
        yield made
        end(reach)


@pytest.fixture
def reader(air: WatchedAir) -> Reader:
    return Reader(air)


CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "negative_data_rejection", "unsupported_method",
)  # fmt: skip
LEFT_OUT = ("/api/v1/login", "/api/v1/logout", "/api/v1/events", "/api/v1/report.html")
"""They would wait for too many logins, end the session, want a WebSocket, or take a second each."""


@pytest.mark.slow
def test_every_answer_is_as_the_description_says(reader: Reader, tmp_path: Path) -> None:
    """schemathesis asks what fits the description and what does not; both get the answers that it promises."""
    program = Path(sys.executable).with_name("schemathesis")
    if not program.exists():
        pytest.skip("schemathesis is not installed: make setup")
    description = reader.ask("openapi.json")
    # The session comes with each request: that it is needed is tested elsewhere.
    del description["security"], description["components"]["securitySchemes"]
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(description))
    command: list[str | Path] = [
        program, "run", path, "--url", reader.origin, "--checks", ",".join(CHECKS), "--max-examples", "3",
        "--phases", "examples,coverage,fuzzing", "--seed", "7", "--no-color", "--generation-database", "none",
        "-H", f"Cookie: {reader.headers['Cookie']}", "-H", f"Origin: {reader.origin}",
    ]  # fmt: skip
    for left_out in LEFT_OUT:
        command += ["--exclude-path", left_out]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]


def test_names_made_to_do_harm_are_text_with_their_octets_beside_them(reader: Reader) -> None:
    wanted = {name.encode().hex() for name in HARMFUL}

    def rows() -> list[dict[str, Any]]:
        answer = reader.read("survey?what=access_points")
        assert answer.isascii()
        found: list[dict[str, Any]] = json.loads(answer)["access_points"]
        return found if wanted <= {row["ssid_hex"] for row in found} else []

    found = block_until(rows, "the names", every=0.1)
    assert all("\u202e" not in row["ssid"] for row in found)


def test_evidence_and_recordings_are_captures_that_can_be_read(reader: Reader, tmp_path: Path) -> None:
    def raised() -> list[dict[str, Any]]:
        return [row for row in reader.ask("alerts")["alerts"] if row["rule"] == "deauth-flood"]

    block_until(raised, "the attack to be noticed", every=0.1)
    (alert, *_) = raised()

    def kept_frames() -> int:
        return len(reader.ask(f"alerts/{alert['id']}/evidence")["frames"])

    before = kept_frames()
    path = tmp_path / "evidence.pcapng"
    path.write_bytes(reader.read(f"alerts/{alert['id']}/evidence.pcapng"))
    # The attack goes on.
    assert 0 < before <= number_of_frames(path) <= kept_frames()

    kept = json.loads(reader.send("/api/v1/record", {"what": "keep"}).read())["recording"]
    reader.send("/api/v1/record", {"what": "all"}).read()
    block_until(lambda: reader.status(f"recordings/{kept}") == 200, "the recording", every=0.1)
    names = [row["recording"] for row in reader.ask("recordings")["recordings"]]
    assert kept in names
    path.write_bytes(reader.read(f"recordings/{kept}"))
    assert path.read_bytes()[:4] == b"\n\r\r\n"
    for wrong in ("2026-11-29T205314Z-none", "..%2f..%2fetc%2fpasswd", "-h"):
        assert reader.status(f"recordings/{wrong}") == 404
    assert reader.status("alerts/999999/evidence.pcapng") == 404


def number_of_frames(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(len(records) for _, records in read_capture(stream))


def test_a_report_is_made_beside_this_process(reader: Reader) -> None:
    with reader.send("/api/v1/report.html?since=1") as answer:
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        page = answer.read().decode()
    assert "Brambling" in page
    assert "<script>hurt()" not in page


async def test_a_page_left_open_is_told_of_the_daemons_end_and_return(tmp_path: Path) -> None:
    air = WatchedAir(tmp_path)
    with air.reach() as reach:
        await until(lambda: (tmp_path / "reach.log").read_text().count("page-served"))
        headers = Reader(air).headers | {"Origin": air.origin}
        url = f"{air.origin}/api/v1/events?kinds=alert,air-report,message-sent"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            async with session.ws_connect(url, headers=headers) as events:
                assert (await told(events, "daemon"))["daemon"] == "unreachable"
                with air.daemon() as daemon:
                    assert (await told(events, "daemon"))["daemon"] == "reached"
                    first = await told(events, "alert")
                    assert first["body"]["title"]
                    assert first["message"]
                    daemon.signal(signal.SIGKILL)
                    daemon.wait()
                gone = await told(events, "daemon")
                assert gone["daemon"] == "unreachable"
                assert gone["reason"]
                async with session.get(f"{air.origin}/api/v1/status", headers=headers) as answer:
                    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
                with air.daemon():
                    assert (await told(events, "daemon"))["daemon"] == "reached"
                    assert (await told(events, "air-report"))["body"]["frames"] >= 0
                    async with session.get(f"{air.origin}/api/v1/status", headers=headers) as answer:
                        assert answer.status == 200
            end(reach)


async def told(events: Any, kind: str) -> dict[str, Any]:
    """Return the next message of a kind, or the next one about the daemon."""
    while True:
        message = json.loads((await events.receive(PATIENCE)).data)
        if kind in message or message.get("kind") == kind:
            found: dict[str, Any] = message
            return found


def test_a_phone_logs_in_by_the_code_on_the_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token gets from one process to the panel of the other, and from there through a reader of codes."""
    reads = shutil.which("zbarimg")
    if reads is None:
        pytest.skip("zbar-tools is not installed")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run" / "whimbrel"))
    air = WatchedAir(tmp_path)
    picture = tmp_path / "panel.png"

    def read(entry: int) -> str:
        """Open that entry of the menu, and return what a camera reads."""
        for key, gesture in (("back", "long"), ("menu", "short"), *[("down", "short")] * entry, ("ok", "short")):
            daemon.ask("press", key=key, gesture=gesture)
        picture.write_bytes(base64.b64decode(daemon.ask("screenshot", scale=6)["png"]))
        done = subprocess.run([reads, "--quiet", "--raw", picture], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    with air.daemon() as daemon, air.reach() as reach:
        air.wait_for_page()
        daemon.wait_for_state("display", "ready")
        url = daemon.wait_until(lambda: next(filter(None, map(read, range(4, 10))), ""), "the code")
        assert url == f"{air.origin.upper()}/#token={TOKEN}"
        assert Reader(air).ask("session")["device"]
        assert TOKEN not in daemon.journal + (tmp_path / "reach.log").read_text()
        end(reach)


def test_the_token_is_shown_and_renewed_by_a_command(tmp_path: Path) -> None:
    settings = tmp_path / "whimbrel.yaml"
    settings.write_text("---\nmodules: {sniffer: {source: sim, tuner: sim}, watcher: , control: , web: }\n...\n")
    environment = os.environ | {"STATE_DIRECTORY": str(tmp_path)}
    command = [sys.executable, "-m", "whimbrel", "web-token", "--config", str(settings)]
    shown = [
        subprocess.run([*command, *more], env=environment, capture_output=True, text=True, check=True).stdout
        for more in ((), (), ("--new",))
    ]
    assert shown[0] == shown[1] != shown[2]
    assert shown[0].startswith("http://127.0.0.1:8080/#token=")

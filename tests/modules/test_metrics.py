"""Metrics: scraped over HTTP, and by a real Prometheus, which evaluates the rules that are shipped."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.lab.alerts import alert, incident
from tests.lab.child import Child
from tests.lab.ports import free_port
from tests.lab.waiting import until
from tests.metering.test_figures import filled

from whimbrel.events.air import AirReport
from whimbrel.events.reach import DaemonReached
from whimbrel.module import NotReady
from whimbrel.modules import metrics as metrics_file
from whimbrel.modules.metrics import Metrics, MetricsSettings
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE, run_module

pytest.importorskip("prometheus_client")
FLEET = Path(__file__).resolve().parents[2] / "deploy" / "fleet"
AIR = AirReport(access_points=3, stations=4, frames=5, malformed=0, evicted=6, rate=0.0, busiest_freq=0)


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
        return text


async def test_what_is_known_can_be_scraped() -> None:
    port = free_port()
    async with run_module(Metrics, MetricsSettings(port=port), name="metrics") as lab:
        await lab.ready()
        lab.publish(AIR)
        lab.publish(alert(1))
        await until(lambda: "whimbrel_access_points 3.0" in scrape(port))
        await until(lambda: 'whimbrel_alerts_total{rule="deauth-flood",severity="critical"} 1.0' in scrape(port))
        assert "whimbrel_reach_process_resident_memory_bytes" in scrape(port)
        await lab.finish()


async def test_a_start_that_is_late_knows_what_was_told_before() -> None:
    port = free_port()
    async with run_module(Metrics, MetricsSettings(port=port), name="metrics") as lab:
        lab.publish(DaemonReached(version="1.0", away=None))  # before its first step
        lab.publish(AIR)
        await lab.ready()
        await until(lambda: "whimbrel_up 1.0" in scrape(port) and "whimbrel_access_points 3.0" in scrape(port))
        await lab.finish()


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(NotReady, match=r"Address already in use; set modules.metrics.port"):
            async with run_module(Metrics, MetricsSettings(port=taken.getsockname()[1]), name="metrics") as lab:
                await lab.ready()


def is_served(port: int) -> bool:
    try:
        return "whimbrel_up" in scrape(port)
    except OSError:
        return False


class Dribbling(socket.socket):
    """A client that says something now and then, and never all."""

    def __init__(self, port: int, source: str) -> None:
        super().__init__()
        self.bind((source, 0))
        self.connect(("127.0.0.1", port))
        self.setblocking(False)

    def goes_on(self) -> bool:
        try:
            self.send(b"G")
            return self.recv(1) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False


@pytest.mark.parametrize("sources", [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2", "127.0.0.3", "127.0.0.4"]])
async def test_clients_that_never_end_lock_nobody_out(monkeypatch: pytest.MonkeyPatch, sources: list[str]) -> None:
    monkeypatch.setattr(metrics_file, "_PROTECTED", 0.2)
    port = free_port()
    async with run_module(Metrics, MetricsSettings(port=port), name="metrics") as lab:
        await lab.ready()
        clients = [Dribbling(port, sources[number % len(sources)]) for number in range(12)]
        for _ in range(3):
            await until(lambda: is_served(port))
        assert not all(client.goes_on() for client in clients)
        for client in clients:
            client.close()
        await lab.finish()


async def test_a_whole_connection_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_file, "_WHOLE", 0.5)
    port = free_port()
    async with run_module(Metrics, MetricsSettings(port=port), name="metrics") as lab:
        await lab.ready()
        with Dribbling(port, "127.0.0.1") as client:
            await until(lambda: not client.goes_on())
        await lab.finish()


async def test_silent_clients_are_few_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_file, "_CLIENTS", 2)
    monkeypatch.setattr(metrics_file, "_PATIENCE", 1.0)
    monkeypatch.setattr(metrics_file, "_PROTECTED", PATIENCE)
    port = free_port()
    async with run_module(Metrics, MetricsSettings(port=port), name="metrics") as lab:
        await lab.ready()
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one_more:
            assert await asyncio.to_thread(one_more.recv, 1) == b""
        await until(lambda: is_served(port))
        for each in silent:
            each.close()
        await lab.finish()


@pytest.mark.slow
async def test_prometheus_scrapes_it_and_fires_the_rule(tmp_path: Path) -> None:
    prometheus = program("prometheus")
    port, page = free_port(), free_port()
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(FLEET / "rules.yml")],
        "scrape_configs": [{"job_name": "whimbrel", "static_configs": [{"targets": [f"127.0.0.1:{page}"]}]}],
    }
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    settings = MetricsSettings(port=page, interval=Duration(0.5))
    async with run_module(Metrics, settings, name="metrics") as lab:
        await lab.ready()
        lab.publish(DaemonReached(version="1.0", away=None))
        lab.publish(incident(1))
        command = [prometheus, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                   f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
        with (tmp_path / "log").open("wb") as log, Child(command, stdout=log, stderr=log) as child:
            fired: list[dict[str, Any]] = []

            def look() -> bool:
                address = f"http://127.0.0.1:{port}/api/v1/alerts"
                try:
                    with urllib.request.urlopen(address, timeout=5) as answer:
                        fired[:] = json.load(answer)["data"]["alerts"]
                except OSError:
                    return False
                return any(each["labels"]["alertname"] == "WhimbrelAttack" for each in fired)

            await until(look, ended=lambda: child.poll() is not None and (tmp_path / "log").read_text())
            child.terminate()
        assert fired[0]["state"] == "firing"
        await lab.finish()


def test_the_rules_are_right_and_do_what_they_say() -> None:
    promtool = program("promtool")
    for command in (
        ["check", "rules", "rules.yml"],
        ["test", "rules", "rules.test.yml"],
        ["check", "config", "prometheus.yml"],
    ):
        done = subprocess.run(
            [promtool, *command], cwd=FLEET, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def expressions() -> list[str]:
    panels = json.loads((FLEET / "dashboard.json").read_text())["panels"]
    rules = yaml.safe_load((FLEET / "rules.yml").read_text())["groups"][0]["rules"]
    return [target["expr"] for panel in panels for target in panel["targets"]] + [rule["expr"] for rule in rules]


def test_dashboard_and_rules_ask_for_what_there_is() -> None:
    names = {f"whimbrel_{family.name}" + ("_total" if family.is_counter else "") for family in filled().families()}
    names.add("whimbrel_reach_process_resident_memory_bytes")
    asked = {name for text in expressions() for name in re.findall(r"whimbrel_\w+", text)}
    assert asked <= names


def test_every_expression_of_the_dashboard_is_one(tmp_path: Path) -> None:
    promtool = program("promtool")
    rules = [
        {"record": f"r{number}", "expr": text.replace("$instance", ".*")} for number, text in enumerate(expressions())
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    command = [promtool, "check", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

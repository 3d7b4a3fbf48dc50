"""Debian's VictoriaMetrics and InfluxDB, and Telegraf's configuration, of which Debian has no program."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.test_fleet import FLEET
from tests.lab.alerts import alert, incident
from tests.lab.child import Child
from tests.lab.ports import free_port
from tests.lab.waiting import block_until, until
from tests.modules.test_metrics import expressions, program

from whimbrel.broker.topics import Topics, news, state
from whimbrel.events.air import AirReport
from whimbrel.events.base import Event
from whimbrel.events.reach import DaemonReached
from whimbrel.modules.metrics import Metrics, MetricsSettings
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE, run_module

pytest.importorskip("prometheus_client")
_LIKE_PROMETHEUS = ("-promscrape.config.strictParse=false", "-search.latencyOffset=0s")
"""Without the first, it refuses what only Prometheus knows of the file; the second spares the test half a minute."""


@contextmanager
def victoria(folder: Path, *more: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Run one with a folder of its own; give its address, and what tells whether it has ended."""
    address = f"127.0.0.1:{free_port()}"
    command = [program("victoria-metrics"), f"-httpListenAddr={address}", f"-storageDataPath={folder}/data",
               "-retentionPeriod=1", *more]  # fmt: skip
    with (folder / "log").open("wb") as log, Child(command, stdout=log, stderr=log) as child:
        yield f"http://{address}", lambda: child.poll() is not None and (folder / "log").read_text()
        child.terminate()


def ask(url: str, expression: str) -> list[dict[str, Any]]:
    query = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?{query}", timeout=PATIENCE) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return found
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{expression}: {error.read().decode()}") from error
    except OSError:
        return []


@pytest.mark.slow
async def test_it_scrapes_by_prometheus_configuration_and_knows_every_expression(tmp_path: Path) -> None:
    page = free_port()
    config = yaml.safe_load((FLEET / "prometheus.yml").read_text())
    config["global"]["scrape_interval"] = "1s"
    config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{page}"]}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "whimbrel.json").write_text("[]")
    settings = MetricsSettings(port=page, interval=Duration(0.5))
    async with run_module(Metrics, settings, name="metrics") as lab:
        await lab.ready()
        lab.publish(DaemonReached(version="1.0", away=None))
        lab.publish(incident(1))
        lab.publish(alert(1))
        with victoria(tmp_path, f"-promscrape.config={tmp_path}/prometheus.yml", *_LIKE_PROMETHEUS) as (url, ended):
            await until(lambda: any(row["value"][1] == "1" for row in ask(url, "whimbrel_up")), ended=ended)
            for expression in expressions():
                ask(url, expression.replace("$instance", ".*"))
            attacked = 'sum by (instance) (whimbrel_incidents_open{severity="critical"}) > 0'
            await until(lambda: ask(url, attacked))
        await lab.finish()


def test_vmalert_takes_the_rules() -> None:
    vmalert = shutil.which("vmalert")
    if vmalert is None:
        pytest.skip("vmalert is not installed")
    command = [vmalert, "-dryRun", f"-rule={FLEET}/rules.yml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr


# Of Telegraf's documentation: plugins/inputs/mqtt_consumer, plugins/parsers/json, plugins/outputs/influxdb, and
# name_override of every input (docs/CONFIGURATION.md).
INPUT = {"servers", "topics", "topic_tag", "qos", "connection_timeout", "max_undelivered_messages",
         "persistent_session", "client_id", "username", "password", "tls_ca", "tls_cert", "tls_key",
         "insecure_skip_verify", "data_format",
         "topic_parsing", "name_override"}  # fmt: skip
PARSER = {"json_strict", "json_query", "tag_keys", "json_string_fields", "json_name_key", "json_time_key",
          "json_time_format", "json_timezone"}  # fmt: skip
OUTPUT = {"urls", "database", "skip_database_creation", "timeout", "username", "password", "retention_policy"}


def telegraf() -> dict[str, Any]:
    return tomllib.loads((FLEET / "telegraf.conf").read_text())


def test_telegraf_s_options_are_those_of_its_documentation() -> None:
    found = telegraf()
    assert found.keys() == {"inputs", "outputs"}
    for each in found["inputs"]["mqtt_consumer"]:
        assert each.keys() <= INPUT | PARSER
        assert each["data_format"] == "json"
        assert (each["persistent_session"], each["qos"]) == (True, 1), "nothing waits for it otherwise"
        assert each["client_id"], "without it, no session stays"
        (parsing,) = each["topic_parsing"]
        assert parsing.keys() <= {"topic", "measurement", "tags", "fields", "types"}
        assert [parsing["topic"]] == each["topics"]
        assert parsing["tags"].count("/") == parsing["topic"].count("/")
    assert found["outputs"]["influxdb"][0].keys() <= OUTPUT


def test_telegraf_asks_for_topics_and_fields_that_there_are() -> None:
    topics = Topics("whimbrel", "+")
    of_state, of_alert = telegraf()["inputs"]["mqtt_consumer"]
    assert (of_state["topics"], of_alert["topics"]) == ([topics.state], [topics.alert])
    event = Event(1, 1_767_225_601.0, "watcher", alert(1))
    (message,) = news(event, Topics("whimbrel", "attic"), "attic/alert/1")
    fields = json.loads(message.payload)["body"]
    assert set(of_alert["tag_keys"] + of_alert["json_string_fields"]) <= fields.keys()
    assert isinstance(fields[of_alert["json_time_key"]], float), "seconds since the epoch"
    assert set(of_state["json_string_fields"]) <= state(lambda _: []).keys()


def line_of(plugin: dict[str, Any], topic: str, payload: str) -> str:
    """Return what Telegraf makes of a message, after the documentation of this plugin, in InfluxDB's line protocol."""
    value = json.loads(payload)
    value = value[plugin["json_query"]] if "json_query" in plugin else value
    places = zip(plugin["topic_parsing"][0]["tags"].split("/"), topic.split("/"), strict=True)
    tags = {name: level for name, level in places if name != "_"}
    tags |= {name: value[name] for name in plugin.get("tag_keys", ()) if value[name]}
    strings = {name: value[name] for name in plugin["json_string_fields"] if isinstance(value[name], str)}
    numbers = {name: float(each) for name, each in value.items() if isinstance(each, (int, float)) and each is not True}
    fields = [f"{name}={each}" for name, each in numbers.items()]
    fields += ['{}="{}"'.format(name, each.replace('"', '\\"')) for name, each in strings.items()]
    when = f" {int(value[plugin['json_time_key']] * 1e9)}" if "json_time_key" in plugin else ""
    return f"{plugin['name_override']},{','.join(f'{k}={v}' for k, v in tags.items())} {','.join(fields)}{when}"


def lines() -> list[str]:
    topics = Topics("whimbrel", "attic")
    of_state, of_alert = telegraf()["inputs"]["mqtt_consumer"]
    (message,) = news(Event(1, time.time(), "watcher", alert(1, last=time.time())), topics, "attic/alert/1")
    air = AirReport(access_points=3, stations=4, frames=5, malformed=0, evicted=0, rate=0.0, busiest_freq=0)
    known = state(lambda kind: [Event(1, 0.0, "watcher", air)] if kind is AirReport else [])
    return [line_of(of_state, topics.state, json.dumps(known)), line_of(of_alert, topics.alert, message.payload)]


def write(url: str, text: str) -> None:
    request = urllib.request.Request(f"{url}/write?db=whimbrel", text.encode(), method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 204


def listens(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/ping", timeout=PATIENCE).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.mark.slow
def test_victoriametrics_takes_what_telegraf_writes(tmp_path: Path) -> None:
    with victoria(tmp_path, "-search.latencyOffset=0s") as (url, ended):
        block_until(lambda: listens(url), "VictoriaMetrics", ended=ended)
        write(url, "\n".join(lines()))
        block_until(lambda: ask(url, 'whimbrel_state_access_points{device="attic"} == 3'), "the state", ended=ended)
        wanted = 'whimbrel_alert_count{device="attic",rule="deauth-flood",severity="critical"}'
        block_until(lambda: ask(url, wanted), "the alert", ended=ended)


@pytest.mark.slow
def test_influxdb_takes_what_telegraf_writes(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    settings = f"""\
reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
  dir = "{tmp_path}/meta"
[data]
  dir = "{tmp_path}/data"
  wal-dir = "{tmp_path}/wal"
[http]
  bind-address = "{url.removeprefix("http://")}"
"""
    (tmp_path / "influxdb.conf").write_text(settings)

    def query(text: str) -> Any:
        body = urllib.parse.urlencode({"q": text, "db": "whimbrel"}).encode()
        with urllib.request.urlopen(f"{url}/query", body, timeout=PATIENCE) as answer:
            return json.load(answer)["results"][0]

    command = [program("influxd"), "-config", str(tmp_path / "influxdb.conf")]
    with (tmp_path / "log").open("wb") as log, Child(command, stdout=log, stderr=log) as child:
        block_until(lambda: listens(url), "InfluxDB", ended=lambda: child.poll() is not None and log.name)
        query("CREATE DATABASE whimbrel")
        write(url, "\n".join(lines()))
        found = query("SELECT \"count\", text FROM whimbrel_alert WHERE device = 'attic' AND rule = 'deauth-flood'")
        assert found["series"][0]["values"][0][1:] == [10.0, "12 frames in 10 s"]
        found = query("SELECT access_points FROM whimbrel_state WHERE device = 'attic'")
        assert found["series"][0]["values"][0][1] == 3
        child.terminate()

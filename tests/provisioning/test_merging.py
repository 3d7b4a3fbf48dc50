"""The settings with what is provisioned: they keep their values, and what was provisioned before goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.config import loads
from whimbrel.provisioning.document import read
from whimbrel.provisioning.merging import merged, provided, record, to_yaml
from whimbrel.settings.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose

PROJECT = Path(__file__).resolve().parents[2]
DEVICE = "---\ndevice: {name: attic}\n"
FIRST = read(f"{DEVICE}modules:\n  mqtt: {{host: b}}\n  metrics:\nguarded: [{{ssid: Home}}]\n...\n", "p")
SECOND = read(f"{DEVICE}modules:\n  metrics: {{port: 99}}\n...\n", "p")


def put(settings: str, *, before: set[str] = frozenset()) -> str:  # type: ignore[assignment]
    return merged(settings, "s", FIRST, before=before, name="provision.yaml")


def test_modules_come_to_those_that_are_there() -> None:
    found = loads(put("modules:\n  sniffer:\n  watcher: {stations: 9}\n  logger: {to: stderr}\n"))
    assert list(found.modules) == ["sniffer", "watcher", "logger", "mqtt", "metrics"]
    assert found.modules["watcher"].stations == 9
    assert [network.ssid for network in found.modules["watcher"].guarded] == [b"Home"]
    assert found.modules["mqtt"].host == "b"


@pytest.mark.parametrize("settings", ["", "---\n...\n", "daemon: {stall: 1s}\n", "modules:\n"])
def test_settings_without_modules_keep_the_usual_ones(settings: str) -> None:
    found = loads(put(settings))
    assert list(found.modules) == ["sniffer", "watcher", "logger", "control", "mqtt", "metrics"]
    assert (float(found.daemon.stall) == 1.0) is ("stall" in settings)


def test_a_module_that_is_there_is_replaced_in_its_place() -> None:
    found = loads(put("modules:\n  mqtt: {host: old, port: 7}\n  sniffer:\n  watcher:\n"))
    assert list(found.modules) == ["mqtt", "sniffer", "watcher", "metrics"]
    assert (found.modules["mqtt"].host, found.modules["mqtt"].port) == ("b", None)


def test_what_was_provisioned_before_goes() -> None:
    text = merged(put("modules:\n  watcher:\n  syslog:\n"), "s", SECOND, before=provided(FIRST), name="p")
    found = loads(text)
    assert list(found.modules) == ["watcher", "syslog", "metrics"]
    assert found.modules["metrics"].port == 99
    assert not found.modules["watcher"].guarded


def test_every_setting_of_the_project_survives() -> None:
    text = (PROJECT / "deploy/image/boot/whimbrel.yaml").read_text()
    before, after = loads(text), loads(put(text))
    for name, settings in before.modules.items():
        if name != "watcher":
            assert after.modules[name] == settings


def test_the_record_reads_back_to_the_same() -> None:
    again = read(record(FIRST), "r")
    assert again.device == FIRST.device
    assert provided(again) == provided(FIRST) == {"mqtt", "metrics", "guarded"}
    assert record(again) == record(FIRST)


def test_a_plain_value_with_an_empty_line_stays_one_value() -> None:
    root, _ = compose("a: one\n\n  two # 3\n", "f")
    assert isinstance(root, MappingNode)
    again, problems = compose(to_yaml(root), "f")
    assert problems == []
    assert isinstance(again, MappingNode)
    assert [node.text for _, node in again.entries] == ["one\ntwo"]  # type: ignore[union-attr]


def texts(node: Node) -> object:
    if isinstance(node, ScalarNode):
        return node.text, node.null, node.plain or node.null
    if isinstance(node, SequenceNode):
        return [texts(item) for item in node.items]
    return [(key.text, texts(inner)) for key, inner in node.entries]


_SCALARS = st.builds(lambda text: ScalarNode(0, 0, text, plain=False), st.text(max_size=8)) | st.sampled_from(
    [ScalarNode(0, 0, text, plain=True) for text in ("", "null", "7", "true", "a b", "10.0.0.1", "36/80", "NO")]
)
_NODES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.builds(lambda items: SequenceNode(0, 0, items), st.lists(inner, max_size=3))
        | st.builds(
            lambda entries: MappingNode(
                0, 0, [(ScalarNode(0, 0, key, plain=False), node) for key, node in entries.items()]
            ),
            st.dictionaries(st.text(max_size=5), inner, max_size=3),
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), _NODES, min_size=1, max_size=3))
def test_what_is_written_reads_back(entries: dict[str, Node]) -> None:
    root = MappingNode(0, 0, [(ScalarNode(0, 0, key, plain=False), node) for key, node in entries.items()])
    back, problems = compose(to_yaml(root), "f")
    assert problems == []
    assert back is not None
    assert texts(back) == texts(root)

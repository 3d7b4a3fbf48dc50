from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from whimbrel.cli import exits, main, settings_file
from whimbrel.cli.commands import report_hardware
from whimbrel.config import effective
from whimbrel.system import hardware
from whimbrel.verbs.daemon import STATUS, ModuleRow

SETTINGS = """---
modules:
  sniffer: {source: sim, tuner: sim}
  watcher: {guarded: [{ssid: Annas Heimnetz}]}
  display: {driver: epaper, epaper: {board: inky-phat, dc: 22}}
...
"""


def test_it_tells_the_hardware_and_nothing_private(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "whimbrel.yaml"
    settings.write_text(SETTINGS)
    asked = ["report-hardware", "--config", str(settings), "--socket", str(tmp_path / "none")]
    assert main(asked) == exits.OK
    told = capsys.readouterr().out
    assert "[machine]\nkernel: " in told
    assert "modules.display.epaper.board: inky-phat" in told
    assert "does not answer here" in told
    assert "Annas" not in told
    assert str(tmp_path) not in told


def test_wrong_settings_are_counted_and_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "whimbrel.yaml"
    settings.write_text("modules: {secret-name: }\n")
    assert main(["report-hardware", "--config", str(settings), "--socket", str(tmp_path / "none")]) == exits.OK
    told = capsys.readouterr().out
    assert "settings: wrong: 1 mistakes" in told
    assert "secret-name" not in told


def test_each_shown_setting_exists(tmp_path: Path) -> None:
    file = tmp_path / "whimbrel.yaml"
    file.write_text("modules: {sniffer: {source: sim, tuner: sim}, display: {}, buttons: {}, system: {}}\n")
    found = {setting.path for setting in effective(settings_file.load(argparse.Namespace(config=file)))}
    assert found >= report_hardware.SHOWN


def test_a_radio_is_named_as_the_kernel_names_it_and_never_as_its_owner_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "radios", lambda: {"annas-stick": [("driver", "x")], "phy0": [("driver", "y")]})
    monkeypatch.setattr(report_hardware, "_add_abilities", lambda _found: "no kernel here")
    assert report_hardware._radios() == {
        "renamed radio 0": [("driver", "x")], "radio phy0": [("driver", "y")],
        "radios": [("abilities", "unknown: no kernel here")],
    }  # fmt: skip


def test_a_module_of_another_package_is_counted_without_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ModuleRow(
        module="", state="ready", reason="Annas Heimnetz", critical=False, seconds=1.0, starts=1, failures=0,
        warnings={"x": "Annas Heimnetz"},
    )  # fmt: skip
    status = SimpleNamespace(ready=True, receiver=())
    rows = (row.replace(module="sniffer"), row.replace(module="annas_module"))
    monkeypatch.setattr(report_hardware, "ask_daemon", lambda _args, verb: status if verb is STATUS else rows)
    told = list(report_hardware._daemon(argparse.Namespace()))
    assert [label for label, _ in told] == ["ready", "receiver", "sniffer", "another module"]
    assert "nna" not in "".join(value for _, value in told)


NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=12, max_size=20)


@tried(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES)
def test_no_path_and_no_text_of_the_owner_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    display = {
        "driver": "png", "png": {"path": f"/home/{name}/panel.png"}, "led": 7,
        "terminal": {"device": f"/dev/{name}", "caption": name, "hint": name},
    }  # fmt: skip
    modules = {
        "sniffer": {"source": "sim", "tuner": "sim"},
        "display": display, "buttons": {"driver": "keyboard", "keyboard": {"terminal": f"/dev/{name}"}},
    }  # fmt: skip
    file = tmp_path / "whimbrel.yaml"
    file.write_text(yaml.safe_dump({"modules": modules}))
    assert main(["report-hardware", "--config", str(file), "--socket", str(tmp_path / "none")]) == exits.OK
    told = capsys.readouterr().out
    assert "modules.display.driver: png" in told
    assert "modules.buttons.driver: keyboard" in told
    assert name not in told

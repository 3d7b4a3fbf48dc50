"""The man pages are complete."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.packaging import man1, man5
from tools.packaging.roff import escape

from whimbrel.cli import exits, make_parser
from whimbrel.config import effective, loads
from whimbrel.config.registry import BUILT_IN


def plain(page: str) -> str:
    """Return a page as its reader sees the characters."""
    text = page.replace("\\-", "-").replace("\\`", "`").replace("\\(ha", "^").replace("\\(ti", "~")
    return text.replace("\\&", "").replace("\\e", "\\")


def test_every_command_and_option_is_there() -> None:
    page = plain(man1.page())
    for name, (parser, _) in man1.subcommands(make_parser(whole=True)).items():
        section = re.search(rf"^\.SS whimbrel {name}\b.*?(?=^\.S[SH] )", page, re.MULTILINE | re.DOTALL)
        assert section, name
        for action in parser._actions:
            for option in set(action.option_strings) - {"-h", "--help"}:
                assert option in section[0], (name, option)


def test_every_exit_status_is_there() -> None:
    page = man1.page()
    for code in exits.MEANINGS:
        assert f"\n.B {code}\n" in page


def test_every_setting_is_there() -> None:
    everything = loads("modules:\n" + "".join(f"  {name}:\n" for name in BUILT_IN))
    documented = {path for path, _, _ in man5.entries(_documented())}
    missing = {setting.path for setting in effective(everything)} - documented
    assert not missing


def _documented() -> str:
    return (Path(__file__).resolve().parents[2] / "config" / "whimbrel.yaml").read_text()


def test_a_setting_has_its_path_default_and_words() -> None:
    found = {path: (value, said) for path, value, said in man5.entries(_documented())}
    value, said = found["modules.sniffer.hop.dwell"]
    assert value == "250ms"
    assert said.startswith("The time to stay")
    assert found["modules.sniffer.hop"] == (None, "The channels to visit, for every tuner.")


@pytest.mark.parametrize(("text", "escaped"), [(".x", "\\&.x"), ("'x", "\\&'x"), ("a\\b-c", "a\\eb\\-c"), ("", "")])
def test_nothing_in_a_text_is_a_request(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize("page", [man1.page, man5.page])
def test_the_formatters_have_nothing_to_say(page: Callable[[], str]) -> None:
    text = page()
    assert not [
        line for line in text.splitlines() if line.startswith((".", "'")) and not re.match(r"\.(\w|\\\")", line)
    ]
    mandoc = shutil.which("mandoc")
    if mandoc is None:
        pytest.skip("mandoc is not installed: only the requests were looked at")
    said = subprocess.run(
        [mandoc, "-T", "lint", "-W", "warning"], input=text, capture_output=True, text=True, check=False
    )
    assert [line for line in said.stdout.splitlines() if "missing date" not in line] == []

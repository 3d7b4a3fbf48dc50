from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.cli import exits, main
from whimbrel.cli.commands.call import argument


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("channel=6", 6), ("sure=true", True), ("seconds=2.5", 2.5), ('alert="7"', "7"), ("ssids=[\"a\"]", ["a"]),
        ("ssid=home=sweet", "home=sweet"), ("ssid=", ""), ("ssid=NaN", "NaN"), ("ssid=[[[", "[[["), ("open=null", None),
    ],
)  # fmt: skip
def test_values(text: str, value: object) -> None:
    key, read = argument(text)
    assert (key, read) == (text.partition("=")[0], value)
    assert type(read) is type(value)


@given(st.text())
def test_anything_is_an_argument_or_refused(text: str) -> None:
    with contextlib.suppress(exits.CommandError):
        key, _ = argument(text)
        assert text.startswith(f"{key}=")


@pytest.mark.parametrize("words", [["help", "x"], ["help", "id=1"], ["help", "verb=x"], ["tail"]])
def test_what_is_no_call(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", *words]) == exits.USAGE
    assert capsys.readouterr().err.startswith("whimbrel: ")

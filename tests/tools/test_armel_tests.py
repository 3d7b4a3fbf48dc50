"""What the tests on 32-bit ARM leave out is there to be left out."""

from __future__ import annotations

from tools import armel_tests
from tools.icount.armel import PROJECT


def test_what_is_run_and_left_out_exists() -> None:
    for package in armel_tests.PACKAGES:
        assert list((PROJECT / "tests" / package).rglob("test_*.py")), package
    for path in armel_tests._LEFT_OUT:
        assert (PROJECT / path).is_file()
    for test in armel_tests._OTHER_PROCESSES:
        path, name = test.split("::")
        assert f"def {name}(" in (PROJECT / path).read_text(encoding="utf-8")


def test_arguments_replace_the_choice_and_not_the_options() -> None:
    assert armel_tests.chosen(["tests/bus"])[-1] == "tests/bus"
    assert "--hypothesis-profile=emulated" in armel_tests.chosen(["tests/bus"])
    assert armel_tests.chosen([])[-len(armel_tests.PACKAGES) :] == [f"tests/{name}" for name in armel_tests.PACKAGES]

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


def test_processes_share_every_file_of_the_packages() -> None:
    found = {
        str(path.relative_to(PROJECT))
        for name in armel_tests.PACKAGES
        for path in (PROJECT / "tests" / name).rglob("test_*.py")
    } - {*armel_tests._LEFT_OUT}
    for number in (1, 2, 5):
        parts = [
            {each for each in share if each.startswith("tests/") and "::" not in each}
            for share in armel_tests.shares(number)
        ]
        assert len(parts) == number
        assert sum(map(len, parts)) == len(found)
        assert set().union(*parts) == found
        sizes = [sum((PROJECT / each).stat().st_size for each in part) for part in parts]
        assert max(sizes) < 1.1 * min(sizes)


def test_a_part_leaves_out_the_same_as_the_whole() -> None:
    whole = {each for share in armel_tests.shares(1) for each in share}
    (part,) = armel_tests.shares(1, ["tests/detections"])
    assert set(part) == {each for each in whole if not each.startswith("tests/") or "tests/detections/" in each}
    (file,) = armel_tests.shares(4, ["tests/bus/test_door.py"])
    assert [each for each in file if each.startswith("tests/")] == ["tests/bus/test_door.py"]
    assert not armel_tests.shares(4, ["tests/nothing"])

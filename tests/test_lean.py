from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest
from tests.lab.fresh import fresh

from whimbrel import lean

WITHOUT = """
import sys
from whimbrel.lean import pause_collection, settle, spare_openssl
import gc
pause_collection()
assert not gc.isenabled()
spare_openssl()
import asyncio, hashlib
assert not {"ssl", "_ssl", "_hashlib"} & sys.modules.keys()
assert hashlib.blake2b(b"x", digest_size=8).hexdigest() and hashlib.sha256(b"x").hexdigest().startswith("2d711642")
asyncio.run(asyncio.sleep(0))
import ssl  # who needs it has it
assert ssl.create_default_context()
spare_openssl()
assert sys.modules["ssl"] is ssl
settle()
assert gc.isenabled() and gc.get_freeze_count()
frozen = gc.get_freeze_count()
settle()
assert gc.get_freeze_count() == frozen
"""


def test_a_start_without_openssl_and_looks_for_garbage() -> None:
    assert fresh(WITHOUT).stderr == ""


PUT_OFF = """
import sys
from whimbrel.lean import put_off
put_off()
import shutil, textwrap
import textwrap as again
late = {name for name in ("ast", "shutil", "tempfile", "textwrap", "tokenize") if len(vars(sys.modules[name])) < 9}
assert late == {"ast", "shutil", "tempfile", "textwrap", "tokenize"}, late
assert textwrap.fill("a b", 1) == "a\\nb"
assert again is textwrap and sys.modules["textwrap"].dedent is textwrap.dedent
from shutil import which
assert which("sh") and shutil.which is which
try:
    textwrap.nothing
except AttributeError as error:
    assert "nothing" in str(error)
put_off()
assert sys.modules["shutil"].which is which
"""


def test_modules_that_are_put_off_are_there_when_they_are_used() -> None:
    assert fresh(PUT_OFF).stderr == ""


def test_a_module_that_is_put_off_is_executed_once_and_by_the_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tidetable", lean)  # so that none is left behind
    del sys.modules["tidetable"]
    (tmp_path / "tidetable.py").write_text('print("executed")\nheight = 2\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(lean, "_RARE", ("tidetable", "json"))
    here = sys.modules["json"]
    lean.put_off()
    assert sys.modules["json"] is here, "one that is there stays"
    early = sys.modules["tidetable"]
    assert capsys.readouterr().out == ""
    assert early.height == 2
    late = sys.modules["tidetable"]
    assert late is not early
    vars(late)["height"] = 3
    assert (early.height, capsys.readouterr().out) == (2, "executed\n")
    with pytest.raises(AttributeError, match="depth"):
        _ = early.depth


def test_a_module_that_cannot_be_imported_says_so_at_the_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lean, "_RARE", ("notidetable",))
    lean.put_off()
    early = sys.modules["notidetable"]
    with pytest.raises(ModuleNotFoundError, match="notidetable"):
        _ = early.height
    assert "notidetable" not in sys.modules


def test_openssl_is_not_hidden_for_longer_than_the_imports_last(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, object, object]] = []
    for name in ("ssl", "_hashlib"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    def broken(name: str) -> None:
        seen.append((name, sys.modules["ssl"], sys.modules["_hashlib"]))
        if name == "json":
            raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", broken)
    with pytest.raises(ImportError, match="json"):
        lean.spare_openssl()
    assert seen == [("asyncio", None, None), ("hashlib", None, None), ("json", None, None)]
    assert not {"ssl", "_hashlib"} & sys.modules.keys()


def test_openssl_stays_where_it_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    monkeypatch.delitem(sys.modules, "_hashlib", raising=False)
    lean.spare_openssl()
    assert sys.modules["ssl"] is ssl
    assert "_hashlib" not in sys.modules


def test_the_objects_of_the_start_are_collected_no_more() -> None:
    before = gc.get_freeze_count()
    try:
        lean.pause_collection()
        assert not gc.isenabled()
        lean.settle()
        assert gc.isenabled()
        frozen = gc.get_freeze_count()
        assert frozen > before
        kept: list[list[int]] = [[] for _ in range(100)]
        lean.settle()
        assert gc.get_freeze_count() == frozen, f"{len(kept)} later objects are collected as ever"
    finally:
        gc.enable()
        gc.unfreeze()


SIGNALS = """
import sys
from whimbrel.lean import put_off, spare_openssl
put_off()
spare_openssl()
import asyncio, functools, inspect, signal
def plain(): pass
async def awaited(): pass
class Both:
    def plain(self): pass
    async def awaited(self): pass
def told(): return None
told._is_coroutine_mark = inspect
async def handled():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, plain)
asyncio.run(handled())
assert len(vars(inspect)) < 9, "a handler of a signal has inspect imported"
usual = [plain, awaited, Both().plain, Both().awaited, told]
others = [functools.partial(awaited), functools.partial(plain), Both, print, 5]
found = [inspect.iscoroutinefunction(each) for each in usual + others]
assert len(vars(inspect)) > 9
assert found == [inspect.iscoroutinefunction(each) for each in usual + others], found
assert found[:4] == [False, True, False, True]
"""


def test_handlers_of_signals_do_not_need_inspect() -> None:
    assert fresh(SIGNALS).stderr == ""


ASYNCIO = """
import sys
from whimbrel.lean import put_off
put_off()
import asyncio
late = {name for name in ("subprocess", "traceback") if type(sys.modules[name]).__name__ == "_PutOff"}
assert late == {"subprocess", "traceback"}, late
streams = {name: vars(sys.modules["subprocess"])[name] for name in ("PIPE", "STDOUT", "DEVNULL")}
import subprocess
assert issubclass(subprocess.CalledProcessError, Exception)
assert streams == {name: getattr(subprocess, name) for name in streams}
async def told():
    process = await asyncio.create_subprocess_exec("echo", "heard", stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0]
assert asyncio.run(told()) == b"heard\\n"
asyncio.run(asyncio.sleep(0), debug=True)  # which notes where each callback was made
import traceback
assert traceback.format_exception_only(ValueError("x")) == ["ValueError: x\\n"]
"""


def test_asyncio_is_imported_without_what_it_hardly_ever_uses_and_runs_programs_all_the_same() -> None:
    assert fresh(ASYNCIO).stderr == ""


TYPE_CHECKS = """
import typing
from whimbrel.lean import spare_type_checks
spare_type_checks()
class Mark(typing.NamedTuple):
    place: "typing.Optional[int]"
    text: str = ""
assert Mark.__annotations__ == {"place": "typing.Optional[int]", "text": str}
assert typing.get_type_hints(Mark) == {"place": typing.Optional[int], "text": str}
assert Mark(1) == (1, "") and Mark._field_defaults == {"text": ""}
for wrong in (lambda: typing.Optional[()], lambda: typing.NamedTuple("Wrong", [("place", ())])):
    try:
        wrong()
    except TypeError:
        continue
    raise SystemExit("a wrong annotation was taken")
assert isinstance(typing.List["int"].__args__[0], typing.ForwardRef), "what is no field is as ever"
"""


def test_named_tuples_keep_the_texts_of_their_annotations() -> None:
    assert fresh(TYPE_CHECKS).stderr == ""


DAEMON = """
import sys
def told(event, arguments):
    if event == "compile" and "ForwardRef" in sys._getframe(1).f_code.co_qualname:
        raise SystemExit(f"a type is compiled that is written as a text: {arguments[0].decode()}")
sys.addaudithook(told)
import whimbrel.cli.commands.run
from whimbrel.lean import put_off, spare_type_checks
put_off()
spare_type_checks()
import whimbrel.cli.settings_file, whimbrel.process
from importlib import import_module
for name in "sniffer watcher logger control display buttons system history recorder position".split():
    import_module(f"whimbrel.modules.{name}")
from whimbrel.detections.registry import all_detections
assert all_detections()
"""


def test_no_type_is_compiled_when_a_daemon_is_imported() -> None:
    # The first one has Python make the classes of its syntax tree, a fiftieth of a Zero's start.
    assert fresh(DAEMON).stderr == ""

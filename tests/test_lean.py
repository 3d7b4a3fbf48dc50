from __future__ import annotations

import subprocess
import sys

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
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


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
    done = subprocess.run([sys.executable, "-c", PUT_OFF], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

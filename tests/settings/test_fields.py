from __future__ import annotations

import subprocess
import sys


def test_declaring_settings_does_not_import_what_reads_them() -> None:
    code = "import sys, whimbrel.settings as s; s.setting; print(*({'yaml', 'difflib'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"

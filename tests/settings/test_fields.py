from __future__ import annotations

from tests.lab.fresh import fresh


def test_declaring_settings_does_not_import_what_reads_them() -> None:
    code = "import sys, whimbrel.settings as s; s.setting; print(*({'yaml', 'difflib'} & {*sys.modules}))"
    assert fresh(code).stdout == "\n"

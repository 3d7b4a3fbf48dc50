"""A package made of what is installed, so that it can be put back: no archive on the card has the old version.

As dpkg-repack does, which needs Perl and dpkg-dev.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from pathlib import Path

from whimbrel.errors import WhimbrelError
from whimbrel.updating.programs import run
from whimbrel.updating.remembering import sync

_QUICK, _PACKING = 120.0, 1800.0
_SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "md5sums", "triggers", "conffiles", "shlibs")
_OWN_FIELDS = ("Status:", "Conffiles:")
"""Fields of dpkg's database that a package does not have."""


class KeepError(WhimbrelError):
    """The old version cannot be kept; the message says why."""


def keep(package: str, root: Path, target: Path) -> None:
    """Write the installed version of `package` as the package `target`. Raises `KeepError`, OSError.

    Files that the system leaves out (dpkg's path-exclude: manuals, translations) are left out again.
    """
    work = target.with_name("keep")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    database = root / "var/lib/dpkg"
    try:
        listed = run(["dpkg-query", f"--admindir={database}", "--listfiles", package], _QUICK)
        if listed.status:
            raise KeepError(listed.reason)
        for name in listed.out.splitlines():
            _copy(root / name.lstrip("/"), work / name.lstrip("/"))
        control = work / "DEBIAN"
        control.mkdir(mode=0o755)
        for name in _SCRIPTS:
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(database / "info" / f"{package}.{name}", control / name)
        (control / "control").write_text(_control(package, database), encoding="utf-8")
        draft = target.with_name(f"{target.name}.new")
        # Little to compute: it is there to be read once, if at all.
        made = run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", work, draft], _PACKING)
        if made.status:
            raise KeepError(made.reason)
        _settle(draft, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def keep_program(target: Path, source: Path = Path(__file__).parent) -> None:
    """Write this program as one file that needs nothing of what is being replaced. Raises OSError."""
    if not source.is_dir():
        return  # that file is what runs
    draft = target.with_name(f"{target.name}.new")
    with zipfile.ZipFile(draft, "w") as archive:
        archive.writestr("__main__.py", "import sys\nfrom whimbrel.updating.__main__ import main\nsys.exit(main())\n")
        archive.writestr("whimbrel/__init__.py", "")
        archive.write(source.parent / "errors.py", "whimbrel/errors.py")
        for path in sorted(source.glob("*.py")):
            archive.write(path, f"whimbrel/updating/{path.name}")
    _settle(draft, target)


def stage(source: Path, target: Path) -> None:
    """Copy a package off the partition that every computer writes to. Raises OSError."""
    draft = target.with_name(f"{target.name}.new")
    shutil.copyfile(source, draft)
    _settle(draft, target)


def _settle(draft: Path, target: Path) -> None:
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    sync(target.parent)


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink() or source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    elif source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copystat(source, target)


def _control(package: str, database: Path) -> str:
    """Return the control file of the installed version, of what dpkg's database has of it."""
    told = run(["dpkg-query", f"--admindir={database}", "--status", package], _QUICK)
    if told.status:
        raise KeepError(told.reason)
    kept, own = [], False
    for line in told.out.splitlines():
        own = line.startswith(_OWN_FIELDS) or (own and line.startswith(" "))
        if line and not own:
            kept.append(line)
    return "\n".join(kept) + "\n"

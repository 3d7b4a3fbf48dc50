"""``python3 -m whimbrel.bundling [--remove]``: writes the bundle of the package's modules, or removes it.

`whimbrel.bundle` uses it.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

from whimbrel.bundle import FOLDER, HEAD, LENGTH, PATH, Place


def write(path: Path, folder: Path) -> int:
    """Write the bundle of the modules below `folder`, with their sources as they are; return the number of modules.

    An earlier one is replaced at once. Raises OSError, or SyntaxError for a source.
    """
    places: dict[str, Place] = {}
    codes = []
    begin = 0
    for file in sorted(folder.rglob("*.py")):
        parts = ("whimbrel", *file.relative_to(folder).with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        told = file.stat()
        # What Python has compiled itself is taken from there.
        code = marshal.dumps(SourceFileLoader(name, str(file)).get_code(name))
        places[name] = (begin, len(code), told.st_mtime_ns, told.st_size, is_package)
        codes.append(code)
        begin += len(code)
    index = marshal.dumps(places)
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(HEAD + len(index).to_bytes(LENGTH, "little") + index + b"".join(codes))
    unfinished.replace(path)
    return len(places)


def main() -> int:
    """Write or remove the bundle of this package."""
    path = Path(PATH)
    if sys.argv[1:] == ["--remove"]:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        return 0
    if sys.argv[1:]:
        sys.stderr.write(f"{__doc__}\n")
        return os.EX_USAGE
    try:
        write(path, Path(FOLDER))
    except OSError as error:
        sys.stderr.write(f"whimbrel: no bundle of modules was written, so each start takes longer: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

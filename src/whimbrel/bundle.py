"""All modules of the package in one file, compiled: a start opens one file and not several hundred.

`whimbrel.bundling` writes the file, as the Debian package has it do when it is installed. Where there is none, and for
each module whose source is another one than then, Python's own way is taken. The file lies beside the compiled files
that Python writes itself, and is trusted like them: whoever may write there may also write the sources.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader
from types import CodeType

FOLDER = os.path.dirname(__file__)  # noqa: PTH120  # pathlib would be imported at every start
PATH = f"{FOLDER}/__pycache__/whimbrel.{sys.implementation.cache_tag}.bundle"
HEAD = b"whimbrel bundle 1\n" + MAGIC_NUMBER
LENGTH = 4
"""Octets behind `HEAD` with the length of the index, little-endian. The index, a marshalled dictionary of places by the
name of the module, comes next; then the code."""

_DAMAGED = (OSError, EOFError, TypeError, ValueError)
_load = marshal.loads  # as Python does with its own compiled files, which lie in the same folder

Place = tuple[int, int, int, int, bool]
"""Offset from the end of the index, and length, of a module's marshalled code; time (ns) and size of its source;
whether it is a package."""


class _Loader(SourceFileLoader):
    """Loads the code of one module from the bundle; everything else is as it is for a source file."""

    def __init__(self, fullname: str, path: str, descriptor: int, begin: int, length: int) -> None:
        super().__init__(fullname, path)
        self._descriptor = descriptor
        self._begin = begin
        self._length = length

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the module, from its source where the bundle is damaged."""
        try:
            code = _load(os.pread(self._descriptor, self._length, self._begin))
        except _DAMAGED:
            code = None
        return code if isinstance(code, CodeType) else super().get_code(fullname)


class Bundle:
    """Finds the modules of a bundle. Raises one of `_DAMAGED` for a file that is none."""

    def __init__(self, path: str = PATH, folder: str = FOLDER) -> None:
        """`folder` has the sources of the package."""
        self._path = path
        self._folder = folder
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        head = os.pread(self._descriptor, len(HEAD) + LENGTH, 0)
        size = int.from_bytes(head[len(HEAD) :], "little")
        if not head.startswith(HEAD) or not size:
            os.close(self._descriptor)
            raise ValueError(f"{path} is no bundle of this Python")
        self._begin = len(head) + size
        self._places: dict[str, Place] = _load(os.pread(self._descriptor, size, len(head)))
        if not isinstance(self._places, dict):
            raise TypeError(f"{path} has no index")

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return how to load a module of the bundle; None for others, and if its source has changed."""
        place = self._places.get(name)
        if place is None:
            return None
        begin, length, time, size, is_package = place
        file = self._folder + name.removeprefix("whimbrel").replace(".", "/")
        file += "/__init__.py" if is_package else ".py"
        try:
            found = os.stat(file)  # noqa: PTH116  # pathlib would be imported at every start
        except OSError:
            return None
        if found.st_mtime_ns != time or found.st_size != size:
            return None
        loader = _Loader(name, file, self._descriptor, self._begin + begin, length)
        spec = ModuleSpec(name, loader, origin=file, is_package=is_package)
        spec.has_location = True
        spec.cached = self._path
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(file[: -len("/__init__.py")])
        return spec


def use() -> None:
    """Load modules from the bundle from now on, if there is one."""
    try:
        bundle = Bundle()
    except _DAMAGED:
        return  # it saves time, and nothing else
    sys.meta_path.insert(0, bundle)

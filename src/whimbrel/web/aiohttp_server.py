"""Imports the server of aiohttp without its client, which its package imports beside it: 4 MB of no use here."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

_NAME = "aiohttp"
_PLAIN_LISTS = "FROZENLIST_NO_EXTENSIONS"
"""Variable by which frozenlist takes its list in Python: the compiled one, which holds a middleware, is 1 MB."""
_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)


def load() -> None:
    """Import ``aiohttp.web``. Whoever looks for the rest of aiohttp afterwards gets it: it is imported then.

    Raises ImportError without aiohttp.
    """
    os.environ.setdefault(_PLAIN_LISTS, "1")
    if _NAME not in sys.modules and (spec := importlib.util.find_spec(_NAME)) is not None:
        package = importlib.util.module_from_spec(spec)
        # What the server itself asks its package for. Where it is written otherwise, the whole package is imported.
        if spec.origin and (version := _VERSION.search(Path(spec.origin).read_text(encoding="utf-8"))):
            package.__version__ = version[1]  # type: ignore[attr-defined]
        vars(package)["__getattr__"] = _Rest(package, spec)
        sys.modules[_NAME] = package
    importlib.import_module(f"{_NAME}.web")


class _Rest:
    """The package's own file, executed when something that it defines is looked for."""

    def __init__(self, package: ModuleType, spec: ModuleSpec) -> None:
        self._package = package
        self._spec = spec

    def __call__(self, name: str) -> Any:
        # `from . import helpers` asks for the attribute first, which is there once the file is imported.
        if importlib.util.find_spec(f"{_NAME}.{name}") is not None:
            return importlib.import_module(f"{_NAME}.{name}")
        vars(self._package).pop("__getattr__", None)
        assert self._spec.loader is not None
        self._spec.loader.exec_module(self._package)
        return getattr(self._package, name)

"""A leaner start of the daemon: without OpenSSL, rarely used modules and garbage collection."""

from __future__ import annotations

import gc
import importlib
import sys
import typing
from types import FunctionType, MethodType, ModuleType
from typing import Any

from whimbrel.late import late_patterns

_RARE = ("ast", "asyncio.sslproto", "inspect", "shutil", "subprocess", "tempfile", "textwrap", "tokenize", "traceback")
"""Modules that others import for what a daemon hardly ever does."""
_OF_FIELD = " annotation must be a type"
"""The end of what `typing` says of a wrong annotation in a class of `NamedTuple`, and of no other."""
_STREAMS = {"PIPE": -1, "STDOUT": -2, "DEVNULL": -3}
"""What asyncio takes from subprocess when it is imported."""
_COROUTINE = 0x80
"""`inspect.CO_COROUTINE`."""
_SWITCH = 0.001
"""Seconds that a thread may keep the interpreter while another one waits for it."""
SETTLED = 10.0
"""Seconds after which a daemon counts as started, whether its radio is there or not."""


class _PutOff(ModuleType):
    """Stands for a module until somebody looks for what is in it.

    `importlib.util.LazyLoader` is no help: an import of a module that is there looks for its `__spec__`, and loads it.
    """

    def __getattr__(self, name: str) -> Any:
        """Import the module, and be it from now on."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        module = importlib.import_module(self.__name__)
        vars(self).update(vars(module))
        self.__class__ = ModuleType  # type: ignore[assignment]
        return getattr(module, name)


def spare_openssl() -> None:
    """Import asyncio, json and hashlib without OpenSSL: 5 MB of no use for a process without IP.

    Call it before anything else imports them. They are complete but for TLS on asyncio's own streams; the module `ssl`
    itself can be imported by who needs it afterwards. hashlib has the algorithms that Python brings.
    """
    absent = [name for name in ("ssl", "_hashlib") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: as if it were not installed
    try:
        with late_patterns():  # of logging, string and json, which nobody here uses
            for name in ("asyncio", "hashlib", "json"):
                importlib.import_module(name)
    finally:
        for name in absent:
            del sys.modules[name]


def _is_coroutine_function(function: object) -> bool:
    """Return the same as `inspect.iscoroutinefunction` for the functions and methods that asyncio is given at a start;
    for anything else, ask it."""
    plain = function.__func__ if isinstance(function, MethodType) else function
    if isinstance(plain, FunctionType) and not vars(plain):  # a mark in there may say that it is one
        return bool(plain.__code__.co_flags & _COROUTINE)
    inspect = sys.modules["inspect"]
    if isinstance(inspect, _PutOff):
        vars(inspect).pop("iscoroutinefunction", None)  # for the module's own, for which it is executed
    told: bool = inspect.iscoroutinefunction(function)
    return told


def _extract_stack(*arguments: Any, **named: Any) -> Any:
    """Do the same as `traceback.extract_stack`, which asyncio takes when it is imported and calls in debug mode."""
    traceback = sys.modules["traceback"]
    if isinstance(traceback, _PutOff):
        vars(traceback).pop("extract_stack", None)  # for the module's own, for which it is executed
    return traceback.extract_stack(*arguments, **named)


def put_off() -> None:
    """Have some modules of Python executed at the first look at what is in them, and not when they are imported."""
    for name in _RARE:
        if name not in sys.modules:
            sys.modules[name] = _PutOff(name)
    if isinstance(put := sys.modules.get("inspect"), _PutOff):
        # asyncio asks this about each handler of a signal.
        vars(put)["iscoroutinefunction"] = _is_coroutine_function
    if isinstance(put := sys.modules.get("subprocess"), _PutOff):
        vars(put).update(_STREAMS)
    if isinstance(put := sys.modules.get("traceback"), _PutOff):
        vars(put)["extract_stack"] = _extract_stack


def spare_type_checks() -> None:
    """Have classes of `typing.NamedTuple` that are made from now on keep their annotations as they are, if these are
    texts.

    Each would be compiled, to be an object that `typing.get_type_hints` makes anyway for who asks; the first one also
    has Python make the classes of its syntax tree.
    """
    check = typing._type_check  # type: ignore[attr-defined]

    def spared(annotation: Any, message: str, *more: Any, **named: Any) -> Any:
        if annotation.__class__ is str and message.endswith(_OF_FIELD):
            return annotation
        return check(annotation, message, *more, **named)

    typing._type_check = spared  # type: ignore[attr-defined]


def pause_collection() -> None:
    """Collect no garbage until `settle`: the objects of the start stay."""
    gc.disable()


def share_evenly() -> None:
    """Give the loop the interpreter back soon where a thread computes: else it would wait for 5 ms after each of its
    looks for events, of which there are some between the steps of an answer."""
    sys.setswitchinterval(_SWITCH)


def settle() -> None:
    """Collect garbage again, but only among new objects: the earlier ones stay for good."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()

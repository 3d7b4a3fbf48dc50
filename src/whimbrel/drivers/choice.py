"""Settings that choose drivers by name: the allowed names and a section for each driver, from the registry."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from whimbrel.drivers.registry import BrokenDriver, Driver, Port, UnknownDriver, imported, settings_class
from whimbrel.settings import NOTHING, evolve, frozen, setting, settings_of
from whimbrel.settings.fields import Declaration


class DriverSettings:
    """Base of settings with a choice of drivers; `chooses` makes it a settings class."""

    __slots__ = ()
    ports: ClassVar[Mapping[str, Port[Any]]] = {}
    """The ports by the key that chooses a driver."""

    if TYPE_CHECKING:
        # The sections are known only at run time.
        def __init__(self, **settings: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...

    def section(self, key: str) -> Any:
        """Return the settings of the driver that `key` chooses; None if it has none."""
        return getattr(self, getattr(self, key), None)

    def replace(self, **changes: Any) -> Self:
        """Return the settings with some of them changed. Raises ValueError for an invalid combination."""
        return evolve(self, **changes)

    @classmethod
    def wider_for(cls, given: Mapping[str, str]) -> type[Self]:
        """Return these settings with the sections of the installed drivers that are chosen in `given`, by key.

        Raises ValueError("key: expected …, found …") for a driver that is installed and broken.
        """
        extra: list[tuple[str, Driver]] = []
        for key, port in cls.ports.items():
            name = given.get(key)
            if name and name not in settings_of(cls)[key].metadata["choices"]:
                try:
                    driver = port.find(name)
                    imported(driver.target)
                    extra.append((key, driver))
                except UnknownDriver:
                    continue  # the codec reports it, with the existing names
                except BrokenDriver as error:
                    raise ValueError(f"{key}: expected a driver that can be loaded, found {error}") from error
        return _widened(cls, tuple(extra)) if extra else cls  # type: ignore[arg-type]  # classes are hashable


T = TypeVar("T", bound=DriverSettings)


def choice(port: Port[Any], default: str, *, help: str, **others: str) -> Any:  # noqa: A002  # the same name as in `setting`
    """Declare the setting that chooses a driver of `port`; `others` are names other than drivers, with their help."""
    known = {name: driver.help for name, driver in port.drivers.items()} | others
    listed = "; ".join(f"{name}, {what}" for name, what in known.items())
    return setting(default, help=f"{help}: {listed}.", choices=tuple(known))


def chooses(**ports: Port[Any]) -> Callable[[type[T]], type[T]]:
    """Make a settings class; after each key of `ports` follows a section for each of its drivers."""

    def make(cls: type[T]) -> type[T]:
        cls.ports = ports
        hints = dict(cls.__annotations__)
        last = [name for name in hints if name in ports][-1]
        cls.__annotations__ = {}
        for name, hint in hints.items():
            cls.__annotations__[name] = hint
            if name == last:
                for key, port in ports.items():
                    for driver in port.drivers.values():
                        _add_section(cls.__annotations__, functools.partial(setattr, cls), key, driver)
        return frozen(cls)

    return make


def _add_section(hints: dict[str, Any], put: Callable[[str, Any], object], key: str, driver: Driver) -> None:
    section = settings_class(driver)
    if section is None:
        return
    if driver.name in hints:
        raise TypeError(f"two settings are called {driver.name}")
    hints[driver.name] = section
    summary = (section.__doc__ or "").partition("\n")[0]
    must = any(each.default is NOTHING for each in settings_of(section).values())
    put(driver.name, setting(NOTHING if must else section(), help=f"For {key}: {driver.name}. {summary}"))


@functools.cache
def _widened(cls: type[T], extra: tuple[tuple[str, Driver], ...]) -> type[T]:
    hints: dict[str, Any] = {}
    body: dict[str, Any] = {"__doc__": cls.__doc__, "__module__": cls.__module__, "__annotations__": hints}
    for key, driver in extra:
        narrow = settings_of(cls)[key]
        hints[key] = str
        choices = (*narrow.metadata["choices"], driver.name)
        body[key] = Declaration(narrow.default, {**narrow.metadata, "choices": choices})
    for key, driver in extra:
        try:
            _add_section(hints, body.__setitem__, key, driver)
        except BrokenDriver as error:
            raise ValueError(f"{key}: expected a driver whose settings can be loaded, found {error}") from error
    return frozen(types.new_class(cls.__name__, (cls,), exec_body=lambda names: names.update(body)))

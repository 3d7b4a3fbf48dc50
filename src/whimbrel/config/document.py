"""Generates ``config/whimbrel.yaml``: every key with its help text, its bounds and its default.

``python -m whimbrel.config.document > config/whimbrel.yaml``
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from whimbrel.config.in_force import is_section
from whimbrel.config.loader import DEFAULT_PATH, SECTIONS
from whimbrel.config.registry import BUILT_IN, DEFAULT_MODULES, find_module
from whimbrel.settings import NOTHING
from whimbrel.settings.classes import SettingsCodec, settings_codec
from whimbrel.settings.codecs import Codec, ListCodec, TableCodec, UnionCodec
from whimbrel.settings.nodes import END, START

if TYPE_CHECKING:
    from whimbrel.module import Module

_WIDTH = 110

_SHOWN_BY_DEFAULT = frozenset({"true or false", "text", "text or null"})
"""Types that need no explanation beside the default."""

_HEAD = f"""\
# The settings of Whimbrel; the daemon reads them from {DEFAULT_PATH} unless --config names another file.
# It begins with a line {START} and ends with a line {END}: without the second it was cut short, as by a card that was
# pulled early, and is refused. Keep both.
#
# A line with a # and no space after it is a setting with its default: remove the # to change it. Lines with a space
# after the # are explanations. `whimbrel check` finds every mistake, `whimbrel config` prints the settings in force and
# their origins, `systemctl reload whimbrel` makes the daemon read a changed file; a file with mistakes is reported, and
# the old settings stay in force.
#
# Units: durations 250ms, 2s, 5min, 1h, 1d; sizes 64KiB, 4MiB. Made by `python -m whimbrel.config.document`.
{START}
"""

_MODULES_HELP = (
    "The modules to run, each with its settings; no others are loaded. Without this section: "
    f"{', '.join(DEFAULT_MODULES)}. Modules of other packages are named here too."
)


def document(classes: Mapping[str, type[Module[Any]]]) -> str:
    """Return the settings file that documents `classes`; with the usual modules, it loads to the defaults."""
    lines = _HEAD.splitlines()
    explained: set[int] = set()
    for name, cls in SECTIONS.items():
        lines += ["", *_comment(_summary(cls), ""), f"{name}:", *_settings(cls, "  ", "", explained)]
    lines += ["", *_comment(_MODULES_HELP, ""), "modules:"]
    for name, module in classes.items():
        out = "" if name in DEFAULT_MODULES and not settings_codec(module.Settings).required else "#"
        lines += ["", *_comment(_summary(module), "  "), f"  {out}{name}:"]
        lines += _settings(module.Settings, "    ", out, explained)
    return "\n".join(lines).replace("\n\n\n", "\n\n") + f"\n{END}\n"


def _settings(cls: type, indent: str, out: str, explained: set[int]) -> Iterator[str]:
    """Yield the lines of every setting of `cls`; `out` is ``#`` if the enclosing section is commented out.

    Settings that many classes share (`whimbrel.detections.options.RuleSettings`) are explained at their first place
    only: `explained` holds the ids of the explained ones.
    """
    codec = settings_codec(cls)
    after_section = False
    for name, attribute in codec.attributes.items():
        field = codec.codec(name)
        help_ = attribute.metadata.get("help", "")
        default = attribute.default
        section = default.__class__ if is_section(default) else _section(field)
        if section is not None:
            taken_out = out if is_section(default) and not settings_codec(section).required else "#"
            left_out = " Unset by default." if default is None else ""
            yield from ("", *_comment(help_ + left_out, indent), f"{indent}{taken_out}{name}:")
            yield from _settings(section, indent + "  ", taken_out, explained)
            after_section = True
            continue
        if after_section:
            yield ""
        after_section = False
        if id(attribute) not in explained:
            explained.add(id(attribute))
            must = " Must be given." if default is NOTHING else ""
            expected = "" if field.expected in _SHOWN_BY_DEFAULT else f" ({field.expected})"
            yield from _comment(f"{help_}{must}{expected}", indent)
            yield from _items(field, indent)
        text = "" if default is NOTHING else f" {field.write(default)}"
        yield f"{indent}#{name}:{text}"


def _items(field: Codec, indent: str) -> Iterator[str]:
    """Yield comments on the keys of the items of a list or a table."""
    for codec in [field, *getattr(field, "arms", ())]:
        item = codec.item if isinstance(codec, (ListCodec, TableCodec)) else None
        if isinstance(item, SettingsCodec):
            for name, attribute in item.attributes.items():
                expected = item.codec(name).expected
                text = f"{name}: {attribute.metadata.get('help', '')} ({expected})"
                yield from _comment(text, indent, "  - ", "    ")


def _section(field: Codec) -> type | None:
    """Return the settings class of a field with keys of its own."""
    found = [codec.cls for codec in [field, *_arms(field)] if isinstance(codec, SettingsCodec)]
    return found[0] if found else None


def _arms(field: Codec) -> list[Codec]:
    return field.arms if isinstance(field, UnionCodec) else []


def _summary(cls: type) -> str:
    return (inspect.getdoc(cls) or cls.__name__).split("\n\n", 1)[0].replace("\n", " ").replace("`", "")


def _comment(text: str, indent: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=f"{indent}# {first}",
        subsequent_indent=f"{indent}# {rest}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def main() -> None:
    """Print the documented settings of every module of this project."""
    sys.stdout.write(document({name: find_module(name) for name in BUILT_IN}))


if __name__ == "__main__":
    main()

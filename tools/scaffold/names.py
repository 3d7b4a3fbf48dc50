"""The name of a new part, in each spelling that the code needs."""

from __future__ import annotations

import keyword
import re

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def spellings(name: str) -> dict[str, str]:
    """Return the values of the templates' ``name`` (beacon-gap), ``module`` (beacon_gap), ``cls`` (BeaconGap),
    ``words``.

    Raises ValueError for an invalid name.
    """
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(module):
        raise ValueError(f"expected a name in lower case with hyphens, as beacon-gap, found {name!r}")
    words = name.replace("-", " ")
    return {
        "name": name,
        "module": module,
        "cls": words.title().replace(" ", ""),
        "words": words,
        "title": words.capitalize(),
    }

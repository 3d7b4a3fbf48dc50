"""Suggestions for an unknown name: the most similar names, or all names."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_LISTED = 40
_LONGEST = 100
"""Limit of compared characters of a name: comparing costs the product of both lengths."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question with one or two of `known` that are similar to `name`; empty if none is.

    Case is ignored, and hyphens equal underscores.
    """
    try:
        import difflib  # only needed for mistakes
    except (ImportError, OSError):  # no descriptor is left for its file: the mistake is told without a question
        return ""
    folded = {_folded(each): each for each in known}
    like = difflib.get_close_matches(_folded(name[:_LONGEST]), folded, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(folded[each] for each in like)}?" if like else ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return the result of `did_you_mean`, or the list of `known`; empty if they are too many for a line."""
    names = list(known)
    if asked := did_you_mean(name, names):
        return asked
    if len(names) > _MOST_LISTED:
        return ""
    return f"there {'is' if len(names) < 2 else 'are'} {', '.join(names) or 'none'}"


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """Return the message that no `what` has this name, with a suggestion."""
    hint = suggestion(name, known)
    return f"no {what} is called {name[:_LONGEST]!r}" + (f"; {hint}" if hint else "")


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")

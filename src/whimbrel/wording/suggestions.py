"""What to say of a name that nothing has: the likeliest that was meant, or all that there are."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_LISTED = 40
_LONGEST = 100
"""Characters of a name that are compared: to compare costs the product of both lengths."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Ask whether one or two of `known` were meant by `name`; empty where none is like it.

    Case does not count, nor do hyphens in place of underscores.
    """
    import difflib  # only needed once something is wrong

    folded = {_folded(each): each for each in known}
    like = difflib.get_close_matches(_folded(name[:_LONGEST]), folded, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(folded[each] for each in like)}?" if like else ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Ask as `did_you_mean` does, or list `known`; empty where they are too many for a line."""
    names = list(known)
    if asked := did_you_mean(name, names):
        return asked
    if len(names) > _MOST_LISTED:
        return ""
    return f"there {'is' if len(names) < 2 else 'are'} {', '.join(names) or 'none'}"


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """Say that no `what` has this name, and what may have been meant."""
    hint = suggestion(name, known)
    return f"no {what} is called {name[:_LONGEST]!r}" + (f"; {hint}" if hint else "")


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")

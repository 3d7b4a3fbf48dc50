"""Takes what may be a secret out of the problems of a provisioning file: the place stays, its text does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whimbrel.config.registry import BrokenModule, UnknownModule, find_module
from whimbrel.settings.classes import settings_codec
from whimbrel.settings.nodes import MappingNode, Node, ScalarNode, SequenceNode
from whimbrel.settings.problems import ConfigError, Problem

_UNKNOWN = "the unknown name "
_AGAIN = "it again, after line "
_FIXED = frozenset(
    {"nothing", "a list", "a mapping", "more", "none", "another one", "both", "one of the daemon", "a second one"}
)
"""What is found where no text of the file is quoted."""
_OPEN = ("device", "guarded")
"""Parts of the file that hold no secret."""
_ELSE, _HIDDEN = "something else", "…"
_QUOTED = re.compile(r"""(['"]).{2,}\1""")
_ENOUGH = 8
"""Characters of a value that say which one it is, also where a message shortens it."""


def masked(error: ConfigError, root: Node | None = None, *, paths: bool = True) -> ConfigError:
    """Return the problems without texts of the file, outside of `device` and `guarded`.

    `root`: the file, whose values are not to occur in the words of a check; `paths`: whether the keys of the places
    stay, where they are names of modules or settings.
    """
    texts = [text for text in _texts(root) if len(text) > 1] if root else []
    return ConfigError([_masked(problem, texts, paths) for problem in error.problems])


def _masked(problem: Problem, texts: list[str], paths: bool) -> Problem:
    if paths and re.split(r"[.\[]", problem.path)[0] in _OPEN and "tag" not in problem.expected:
        return problem if "alias" not in problem.expected else problem._replace(found=_ELSE)
    path = _path(problem.path) if paths else ""
    found, hint = problem.found, problem.hint
    if not problem.path and "alias" not in problem.expected and "tag" not in problem.expected:
        # Of the file as a whole, or of the parser, which may quote some of it.
        found, hint = (_QUOTED.sub(_HIDDEN, text) for text in (found, hint))
    elif found.startswith(_UNKNOWN):
        found = "an unknown name"  # and the hint has known ones
    elif not problem.expected:
        found, hint = (_ELSE if _tells(text, texts) else text for text in (found, hint))
        found = "a value that does not fit" if found == _ELSE else found
    elif not found.startswith(_AGAIN) and found not in _FIXED and problem.expected != "a module that can be loaded":
        found, hint = _ELSE, ""
    return problem._replace(path=path, found=found, hint=hint)


def _tells(text: str, secrets: list[str]) -> bool:
    return any(secret[:_ENOUGH] in text or repr(secret[:_ENOUGH])[1:-1] in text for secret in secrets)


def _path(path: str) -> str:
    """Return a path up to the first key that is no name of a module or of one of its settings."""
    top, _, rest = path.partition(".")
    if not path or (top == "modules" and not rest):
        return path
    if top != "modules":
        return _HIDDEN
    module, _, setting = rest.partition(".")
    try:
        known = settings_codec(find_module(module).Settings).attributes
    except (UnknownModule, BrokenModule):
        return f"{top}.{_HIDDEN}"
    named = re.fullmatch(r"(\w+)(\[\d+\])?", setting)
    if not setting or (named and named[1] in known):
        return path
    return f"{top}.{module}.{_HIDDEN}"


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, ScalarNode):
        yield node.text
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _texts(item)
    elif isinstance(node, MappingNode):
        for _, inner in node.entries:
            yield from _texts(inner)

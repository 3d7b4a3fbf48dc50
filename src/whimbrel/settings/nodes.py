"""Parses YAML text into a tree of nodes with their text and line, before any interpretation.

It reads the events of PyYAML's parser, not its node graph or its values: so depth, size and aliases are bounded while
parsing, every scalar keeps its text (a country ``NO`` stays a country, ``11:22:33:44:55:66`` is no number in base 60),
and duplicate keys are detected.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

from whimbrel.late import late_pattern, late_patterns
from whimbrel.settings.problems import ConfigError, Problem, child, note, shorten

with late_patterns():  # which only the parser in Python uses, and the values that nobody asks PyYAML for
    import yaml
    from yaml import events
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

MAX_DEPTH = 24
"""Levels of nesting; settings need about 6. Bounds the recursion."""
MAX_NODES = 50_000
"""Limit of keys and values, counting those repeated by an alias each time ("billion laughs")."""

START, END = "---", "..."
"""YAML's marks of a document. What begins with the first and lacks the second was cut short."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
# All but YAML 1.1, production 1 (c-printable), and the byte order mark that an editor may leave at the start. To name
# what is allowed instead takes a hundred times as long to compile.
_UNPRINTABLE = late_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_PLAIN_TAGS = frozenset({None, "!"})


class ScalarNode(NamedTuple):
    """A single value, as text."""

    line: int
    column: int
    text: str
    plain: bool
    """Whether it is unquoted."""

    @property
    def null(self) -> bool:
        """Whether it is a null."""
        return self.plain and self.text in _NULL


class SequenceNode(NamedTuple):
    """A list."""

    line: int
    column: int
    items: list[Node]


class MappingNode(NamedTuple):
    """Keys with values, without duplicate keys."""

    line: int
    column: int
    entries: list[tuple[ScalarNode, Node]]

    def get(self, key: str) -> Node | None:
        """Return the value of a key, None without it."""
        return next((node for name, node in self.entries if name.text == key), None)


Node: TypeAlias = "ScalarNode | SequenceNode | MappingNode"


def is_cut(text: str) -> bool:
    """Return whether a file that says where it begins (`START`) does not say where it ends (`END`)."""
    return begins(text) and not is_ended(text)


def begins(text: str) -> bool:
    """Return whether a file says where it begins: its first line without a comment is `START`."""
    words = (line.split(maxsplit=1)[0] for line in text.removeprefix("\ufeff").splitlines() if line.strip())
    return next((word for word in words if word[0] != "#"), "") == START


def is_ended(text: str) -> bool:
    """Return whether a file says that nothing of its end is missing: its last line is `END`."""
    return text.rstrip().rpartition("\n")[2] == END


def is_shortened(text: str, kept: str) -> bool:
    """Return whether `text` is the beginning of `kept` and does not say that nothing is missing.

    That is what a cut leaves of a file without marks. Whoever has removed its end may write `END` there.
    """
    begun = text.rstrip()
    return len(begun) < len(kept.rstrip()) and kept.startswith(begun) and not is_ended(text)


def describe(node: Node) -> str:
    """Describe a node in words, for "found …"."""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a mapping"
    if node.null:
        return "nothing"
    return shorten(node.text) if node.plain else f'the text "{shorten(node.text)}"'


def compose(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Return the root node of `text`, None if it is empty, and the problems that did not prevent parsing.

    Raises ConfigError if it is not YAML at all, or exceeds the bounds.
    """
    text = text.removeprefix("\ufeff")
    # Most settings are printable but for their line ends, which is known without the expression.
    plain = text.replace("\n", "").isprintable()
    if not plain and (bad := _UNPRINTABLE.search(text)):
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        raise ConfigError([Problem(file, line, column, "", "text", f"the control character U+{ord(bad[0]):04X}")])
    if is_cut(text):
        expected, found = f"the line {END} that ends what {START} begins", "none: the file was cut short"
        raise ConfigError([Problem(file, text.count("\n") + 1, 0, "", expected, found)])
    composer = _Composer(_parser(text), file)
    try:
        return composer.document(), composer.problems
    except yaml.MarkedYAMLError as error:
        raise ConfigError([*composer.problems, _syntax(error, file, text)]) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # An escape or a tag that is no Unicode; PyYAML passes Python's error through, without a place.
        raise ConfigError([*composer.problems, Problem(file, composer.line, 0, "", "YAML", f"{error}")]) from None


def _parser(text: str) -> Any:
    if yaml.__with_libyaml__:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out

        return CParser(text)
    return _PureParser(text)


class _PureParser(Reader, Scanner, Parser):
    """PyYAML's parser without libyaml: the same events, ten times slower."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def _syntax(error: yaml.MarkedYAMLError, file: str, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    expected, found = "YAML", (error.problem or "something else").removeprefix("found ")
    # The wording of libyaml, and that of PyYAML.
    if missed := re.fullmatch("did not find expected (.+)|expected (.+), but (?:found|got) (.+)", found):
        expected, found = missed[1] or missed[2], missed[3] or "something else"
    hint = ""
    if any(re.match(r" *\t", written) for written in text.splitlines()[line - 1 : line]):
        hint = "indent with spaces, not tabs"
    elif error.context and error.context_mark and error.context_mark.line + 1 != line:
        hint = f"{error.context} that begins on line {error.context_mark.line + 1}"
    return Problem(file, line, column, "", expected, found, hint)


class _Composer:
    def __init__(self, parser: Any, file: str) -> None:
        self.problems: list[Problem] = []
        self.line = 1
        self._parser = parser
        self._file = file
        self._anchors: dict[str, tuple[Node, int, int]] = {}  # node, number of nodes in it, depth
        self._count = 0

    def document(self) -> Node | None:
        self._next()  # the stream's start
        if isinstance(self._next(), events.StreamEndEvent):
            return None
        root = self._node(self._next(), "", 1)[0]
        self._next()  # the document's end
        after = self._next()
        if not isinstance(after, events.StreamEndEvent):
            raise self._refusal(after, "", "one document", "a second one", "remove the line ---")
        return root

    def _next(self) -> Any:
        event = self._parser.get_event()
        self.line = event.start_mark.line + 1
        return event

    def _refusal(self, event: Any, path: str, expected: str, found: str, hint: str = "") -> ConfigError:
        mark = event.start_mark
        problem = Problem(self._file, mark.line + 1, mark.column + 1, path, expected, found, hint)
        return ConfigError([*self.problems, problem])

    def _node(self, event: Any, path: str, depth: int) -> tuple[Node, int]:
        """Return the node that `event` begins, and its number of levels."""
        before = self._count
        if isinstance(event, events.AliasEvent):
            return self._alias(event, path, depth)
        self._take(1, event, path)
        if depth > MAX_DEPTH:
            raise self._refusal(event, path, f"at most {MAX_DEPTH} levels", "more")
        if event.tag not in _PLAIN_TAGS:
            mark = event.start_mark
            found = f"the tag {shorten(event.tag)}"
            note(
                self.problems,
                Problem(self._file, mark.line + 1, mark.column + 1, path, "a value without a tag", found, "remove it"),
            )
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        node: Node
        levels = 1
        if isinstance(event, events.ScalarEvent):
            node = self._scalar(event, line, column)
        elif isinstance(event, events.SequenceStartEvent):
            node = SequenceNode(line, column, [])
            while not isinstance(inner := self._next(), events.SequenceEndEvent):
                item, below = self._node(inner, f"{path}[{len(node.items)}]", depth + 1)
                node.items.append(item)
                levels = max(levels, below + 1)
        else:
            node = MappingNode(line, column, [])
            levels += self._entries(node, path, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._count - before, levels)
        return node, levels

    def _scalar(self, event: Any, line: int, column: int) -> ScalarNode:
        if not event.value.isascii():
            event.value.encode()  # the parser without libyaml lets surrogates through
        return ScalarNode(line, column, event.value, not event.style)

    def _entries(self, node: MappingNode, path: str, depth: int) -> int:
        """Read the keys and values of `node`; return the number of levels below it."""
        lines: dict[str, int] = {}
        levels = 0
        while not isinstance(event := self._next(), events.MappingEndEvent):
            key, _ = self._node(event, path, depth + 1)
            if not isinstance(key, ScalarNode):
                raise self._refusal(event, path, "a name as the key", describe(key))
            below = child(path, key.text)
            value, value_levels = self._node(self._next(), below, depth + 1)
            levels = max(levels, value_levels)
            if key.text in lines:
                found = f"it again, after line {lines[key.text]}"
                note(
                    self.problems,
                    Problem(self._file, key.line, key.column, below, "each key once", found, "remove one of them"),
                )
                continue
            lines[key.text] = key.line
            node.entries.append((key, value))
        return levels

    def _alias(self, event: Any, path: str, depth: int) -> tuple[Node, int]:
        if event.anchor not in self._anchors:
            found = f"*{shorten(event.anchor)}, which has no anchor"
            raise self._refusal(event, path, "an alias of an anchor above", found)
        node, size, levels = self._anchors[event.anchor]
        self._take(size, event, path)
        if depth + levels - 1 > MAX_DEPTH:
            raise self._refusal(event, path, f"at most {MAX_DEPTH} levels", "more")
        return node, levels

    def _take(self, nodes: int, event: Any, path: str) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise self._refusal(event, path, f"at most {MAX_NODES:,} keys and values, aliases counted in full", "more")

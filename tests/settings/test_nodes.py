"""YAML to nodes: places kept, bounds held, mistakes found, and nothing but ConfigError for any text."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whimbrel.settings.nodes import MAX_DEPTH, MappingNode, ScalarNode, SequenceNode, compose, describe
from whimbrel.settings.problems import ConfigError

WITHOUT_LIBYAML = "the parser without libyaml"


@pytest.fixture(params=["libyaml", WITHOUT_LIBYAML], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == WITHOUT_LIBYAML:
        monkeypatch.setattr(yaml, "__with_libyaml__", False)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compose(text, "f.yaml")
    return str(caught.value)


def test_scalars_keep_their_text_and_their_place() -> None:
    root, problems = compose("country: NO\nmac: 11:22:33:44:55:66\nmode: 0660\n'on': \"yes\"\n", "f.yaml")
    assert not problems
    assert root == MappingNode(
        1,
        1,
        [
            (ScalarNode(1, 1, "country", True), ScalarNode(1, 10, "NO", True)),
            (ScalarNode(2, 1, "mac", True), ScalarNode(2, 6, "11:22:33:44:55:66", True)),
            (ScalarNode(3, 1, "mode", True), ScalarNode(3, 7, "0660", True)),
            (ScalarNode(4, 1, "on", False), ScalarNode(4, 7, "yes", False)),
        ],
    )


def test_lists_and_what_nodes_are_called() -> None:
    root, _ = compose("- [1, {a: }]\n- ~\n- 'x'", "f.yaml")
    assert isinstance(root, SequenceNode)
    inner = root.items[0]
    assert isinstance(inner, SequenceNode)
    assert [describe(node) for node in (root, *inner.items, *root.items[1:])] == [
        "a list",
        "1",
        "a mapping",
        "nothing",
        'the text "x"',
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "\ufeff"])
def test_nothing_is_no_node(text: str) -> None:
    assert compose(text, "f.yaml") == (None, [])


def test_a_byte_order_mark_is_left_out() -> None:
    assert compose("\ufeffa: 1", "f")[0] == compose("a: 1", "f")[0]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a:\n\tb: 1\n", "f.yaml:2:1: expected YAML, found character"),
        ("a: 1\nb: [1,\nc: 2\n", "f.yaml:4:1: expected ',' or ']', found "),
        ("a: 1\n b: 2\n", "f.yaml:2:3: expected YAML, found mapping values are not allowed"),
        ("a: 'x\n", "f.yaml:2:1: expected YAML, found unexpected end of stream"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: expected one document, found a second one"),
        ("a: *x\n", "f.yaml:1:4: a: expected an alias of an anchor above, found *x, which has no anchor"),
        ("a: &x [*x]\n", "f.yaml:1:8: a[0]: expected an alias of an anchor above, found *x"),
        ("a: 1\n? [b]\n: 1\n", "f.yaml:2:3: expected a name as the key, found a list"),
        ("a: 1\nb: \x1b[0m\n", "f.yaml:2:4: expected text, found the control character U+001B"),
        ("a: \x00", "f.yaml:1:4: expected text, found the control character U+0000"),
        ("a: \ud800", "f.yaml:1:4: expected text, found the control character U+D800"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, where: str) -> None:
    assert refusal(text).startswith(where)


def test_an_open_bracket_is_said_to_begin_where_it_does() -> None:
    assert "that begins on line 2" in refusal("a: 1\nb: [1,\nc: 2\n")


@pytest.mark.parametrize("text", ['a: "\\ud800"', 'a: "\\UFFFFFFFF"', "a: !%ed%a0%80 x", "%TAG ! %ff\n--- x"])
def test_escapes_that_are_no_unicode_are_refused(text: str) -> None:
    assert refusal(text).startswith("f.yaml:")


def test_a_key_that_stands_twice_and_a_tag_are_noted_and_reading_goes_on() -> None:
    root, problems = compose("a: 1\nb: !!python/none x\nc: {d: 1, d: 2}\na: 2\n", "f.yaml")
    assert isinstance(root, MappingNode)
    assert [key.text for key, _ in root.entries] == ["a", "b", "c"]
    assert [str(problem) for problem in problems] == [
        "f.yaml:2:4: b: expected a value without a tag, found the tag tag:yaml.org,2002:python/none (remove it)",
        "f.yaml:3:11: c.d: expected each key once, found it again, after line 3 (remove one of them)",
        "f.yaml:4:1: a: expected each key once, found it again, after line 1 (remove one of them)",
    ]


def test_aliases_repeat_a_value() -> None:
    root, problems = compose("a: &x [1, 2]\nb: *x\n", "f.yaml")
    assert not problems
    assert isinstance(root, MappingNode)
    assert root.entries[0][1] == root.entries[1][1]


def test_a_billion_laughs_end_at_the_bound() -> None:
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert refusal("\n".join(lines)).startswith("f.yaml:5:")


def test_aliases_do_not_get_around_the_bound_on_depth() -> None:
    lines = ["a0: &a0 [1]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, MAX_DEPTH + 1)]
    assert "levels, found more" in refusal("\n".join(lines))


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 100_000])
def test_depth_is_bounded(levels: int) -> None:
    assert f"f.yaml:1:{MAX_DEPTH + 1}: " in refusal("[" * levels)


def test_the_deepest_nesting_allowed_is_read() -> None:
    root, _ = compose("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml")
    assert isinstance(root, SequenceNode)


PIECES = re.findall(r"\S+", r"""a b : - [ ] { } , &x *x !t | > ' " # ? --- ... % ~ null \ \u d800 é 😀 @ ` <<""")
SPACES = [": ", "- ", "? ", "\n", "  ", "\t", "\x85", "\ufeff", "\u2028"]
YAML_LIKE = st.lists(st.sampled_from(PIECES + SPACES), max_size=40).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=200), YAML_LIKE))
@example("- &x\n  ? *x\n")
@example("\x85%")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        root, problems = compose(text, "f")
    except ConfigError as error:
        root, problems = None, list(error.problems)
    assert root is None or root.line >= 1
    for problem in problems:
        assert problem.line >= 1
        assert len(str(problem).splitlines()) == 1

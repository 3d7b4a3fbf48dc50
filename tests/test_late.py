from __future__ import annotations

import re

import pytest

from whimbrel.late import late_pattern, late_patterns, load


def test_a_late_pattern_does_what_a_pattern_does() -> None:
    late, pattern = late_pattern("(a+)b", re.IGNORECASE), re.compile("(a+)b", re.IGNORECASE)
    for text in ("", "xAab", "ab ab"):
        assert late.sub("-", text) == pattern.sub("-", text)
        assert [found[1] for found in late.finditer(text)] == [found[1] for found in pattern.finditer(text)]
    assert late.pattern == "(a+)b"
    assert late.groups == 1


def test_it_is_compiled_at_its_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []

    def note(*pattern: object) -> re.Pattern[str]:
        compiled.append(pattern)
        return re.compile(*pattern)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr("whimbrel.late._compile", note)
    late = late_pattern("a")
    assert compiled == []
    assert [bool(late.search(text)) for text in ("bab", "a", "b")] == [True, True, False]
    assert len(compiled) <= 2  # once for each method, not for each call

    with pytest.raises(re.error):
        late_pattern("(").search("")


def test_imports_compile_late_and_others_as_ever() -> None:
    before = re.compile
    with late_patterns():
        late = re.compile("a")
        assert not isinstance(late, re.Pattern)
    assert re.compile is before
    assert isinstance(re.compile("a"), re.Pattern)
    assert late.fullmatch("a")
    with pytest.raises(KeyError), late_patterns():
        raise KeyError
    assert re.compile is before


def test_a_text_names_an_object() -> None:
    assert load("re:compile") is re.compile
    with pytest.raises(ModuleNotFoundError):
        load("whimbrel.nowhere:nothing")
    with pytest.raises(AttributeError):
        load("re:nothing")

from __future__ import annotations

from tools.session import picture, runs


def test_colours_as_tmux_sets_and_undoes_them() -> None:
    line = "\x1b[1mbold \x1b[31mred\x1b[0m \x1b[39m\x1b[49mplain \x1b[2mfaint\x1b[0m"
    found = [(run.column, run.text, run.style) for run in runs(line) if run.text.strip()]
    assert found == [
        (0, "bold ", "fill:#ffffff;font-weight:bold"),
        (5, "red", "fill:#ff7b72;font-weight:bold"),
        (9, "plain ", "fill:#c9d1d9"),
        (15, "faint", "fill:#7d8590"),
    ]


def test_a_picture_has_every_look_and_no_markup_of_theirs() -> None:
    made = picture([("first <b>", ["one", ""]), ("second", ["\x1b[32mtwo\x1b[0m"])])
    assert made.count("<text") == 4
    assert "first &lt;b&gt;" in made
    assert "\x1b" not in made

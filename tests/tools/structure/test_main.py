"""The picture and the page are those of the code."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pytest
from tools.structure import drawing, graph, sources
from tools.structure.__main__ import main, page

PICTURE = sources.ROOT / "docs" / "structure.svg"


def _titles(picture: Path) -> set[str]:
    return {html.unescape(title) for title in re.findall(r"<title>(.*?)</title>", picture.read_text(encoding="utf-8"))}


def _expected() -> set[str]:
    packages = graph.packages(graph.files(sources.in_folder()))
    return {"structure", *packages, *(f"{name}->{wanted}" for name, wanted, _ in drawing.arrows(packages))}


def test_the_picture_is_that_of_the_code() -> None:
    assert _titles(PICTURE) == _expected(), "run `make structure`, and look at docs/structure.svg"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_the_picture_has_each_package_and_each_arrow(tmp_path: Path) -> None:
    assert main(["--svg", str(tmp_path / "drawn.svg")]) == 0
    assert _titles(tmp_path / "drawn.svg") == _expected()


def test_the_page_says_whether_there_are_circles() -> None:
    texts = {"whimbrel.a.one": "import whimbrel.b.two", "whimbrel.b.two": ""}
    assert "No circle is left" in page(texts)
    assert "There are circles: " in page(texts | {"whimbrel.b.two": "import whimbrel.a.one"})

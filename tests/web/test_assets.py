"""The files of the page: complete, compressed, tagged by their content."""

from __future__ import annotations

import gzip
from importlib.resources import files

from whimbrel.web import assets


def test_every_file_of_the_page_is_served_as_it_is() -> None:
    folder = files("whimbrel.web").joinpath("static")
    loaded = assets.load()
    names = {entry.name for entry in folder.iterdir() if entry.is_file()}
    assert names - set(loaded) <= {name for name in names if name.endswith(".md")}
    assert assets.INDEX in loaded
    for name, asset in loaded.items():
        content = folder.joinpath(name).read_bytes()
        assert asset.plain() == content
        assert asset.content == (gzip.compress(content, 9, mtime=0) if asset.compressed else content)


def test_a_tag_is_of_the_content_alone() -> None:
    one, other = assets._asset(b"a", "css"), assets._asset(b"b", "css")
    assert one == assets._asset(b"a", "css")
    assert one.tag != other.tag
    assert one.tag.startswith('"')

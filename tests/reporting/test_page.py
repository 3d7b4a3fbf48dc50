from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reporting.rows import BEGAN, access_point, alert, heard, incident, station, weakness
from tests.reporting.test_changes import changed
from tests.reporting.test_hours import carried, crowd

from whimbrel.reporting.building import report
from whimbrel.reporting.heard import Heard
from whimbrel.reporting.page import NoTemplates, page
from whimbrel.text import harmless, ssid
from whimbrel.wifi.security import Protection

HOSTILE = [
    b"<script>alert(1)</script>",
    b"\"><img src=x onerror=alert(1)>",
    b"' onload='alert(1)",
    b"</title></style></svg><svg onload=x>",
    b"{{ 7 * 7 }}{% raw %}{# #}",
    b"&lt;b&gt;&#x3c;&amp",
    b"<!--", b"]]>", b"</table><td>", b"\x00\r\n\t\x1b[2J",
    "\u202e\u2066evil\ufeff\ufffe".encode(), b"\xff\xfe", b"\xed\xa0\x80",
]  # fmt: skip
NAMES = st.one_of(st.sampled_from(HOSTILE), st.binary(max_size=32), st.text(max_size=8).map(str.encode))
WORDS = st.one_of(st.sampled_from(HOSTILE).map(lambda name: name.decode("utf-8", "replace")), st.text(max_size=40))


def made(*parts: Heard) -> str:
    return page(report(parts, made=BEGAN, version="1.0"))


def parsed(text: str) -> Element:
    """Parse a page; html5lib raises where it has any error of HTML."""
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert isinstance(root, Element)
    return root


def shape(root: Element) -> set[tuple[str, tuple[str, ...]]]:
    """Return which elements there are, each with the names of its attributes."""
    return {(element.tag, tuple(sorted(element.attrib))) for element in root.iter() if isinstance(element.tag, str)}


def seen(root: Element) -> str:
    return "".join(root.itertext())


def everything(name: bytes = b"home", word: str = "Example", sentence: str = "131 disconnections") -> Heard:
    """Return input for every part of the page, with this name and these words everywhere."""
    said: dict[str, Any] = {"text": sentence, "meaning": sentence, "advice": sentence}
    by_rule = said | {"fooled_by": sentence, "reference": sentence, "rule": word}
    return heard(
        name=word,
        access_points=(
            access_point(name, vendor=word, phy=word, wps=True),
            access_point(name, freq=5180, width=80, center=5210, bssid=b"\x02" * 6, security=Protection.OPEN),
            access_point(b"", freq=5955, bssid=b"\x04" * 6, mesh_id=name),
            access_point(b"", freq=0, bssid=b"\x06" * 6, level=None),
        ),
        stations=(station(vendor=word, probed=(name,)),),
        alerts=(
            alert("1", incident="1", **by_rule, ssid=name),
            alert("2", incident="1", at=12.0, **by_rule, ssid=name),
            alert("3", at=20.0, title=word, state="open", confidence=word, threshold=word, **by_rule, ssid=name),
            weakness("4", **by_rule | {"rule": word}, ssid=name),
        ),
        incidents=(incident("1", ("1", "2"), title=sentence, **said, ssid=name),),
        guarded=frozenset({name}),
        remarks=(sentence,),
        changes=tuple(changed(field, name, name, name=name) for field in ("ssid", "mesh_id", word)),
        hours=(carried(0), carried(1, 5180)),
        crowds=(crowd(0),),
    )


@functools.cache
def usual() -> set[tuple[str, tuple[str, ...]]]:
    return shape(parsed(made(everything()))) | shape(parsed(made(everything(b"", "", ""))))


def tags(root: Element, tag: str) -> Iterator[Element]:
    return root.iter(tag)


def test_it_is_one_page_that_refers_to_nothing_outside() -> None:
    root = parsed(made(everything(), heard(name="second.pcap")))
    names = {element.get("id") for element in root.iter()} - {None}
    links = [element.attrib["href"] for element in root.iter() if "href" in element.attrib]
    assert links
    assert {link.removeprefix("#") for link in links} <= names
    assert not {"src", "srcset", "action", "data", "poster"} & {
        name for element in root.iter() for name in element.attrib
    }
    assert not {"script", "link", "img", "iframe", "object", "base"} & {element.tag for element in root.iter()}
    (style,) = tags(root, "style")
    assert "url(" not in (style.text or "")
    assert "@import" not in (style.text or "")
    assert "{{" not in seen(root)


def test_its_names_are_unique_and_what_refers_to_them_finds_them() -> None:
    root = parsed(made(everything(), everything()))
    names = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(names) == len(set(names))
    labels = [name for element in root.iter() for name in element.get("aria-labelledby", "").split()]
    assert set(labels) <= set(names)


def test_every_picture_is_described_or_left_out_for_those_who_do_not_see() -> None:
    for picture in parsed(made(everything())).iter("svg"):
        inner = picture.get("viewBox") == "0 0 1000 100"
        described = {child.tag for child in picture} >= {"title", "desc"} and "aria-labelledby" in picture.attrib
        assert described or inner or picture.get("aria-hidden") == "true"


def test_every_table_has_headings_in_its_first_row() -> None:
    for table in parsed(made(everything())).iter("table"):
        assert all(cell.get("scope") == "col" for cell in table.findall("thead/tr/th"))
        assert table.findall("thead/tr/th")


@given(NAMES, WORDS, WORDS)
@settings(max_examples=40, deadline=None)
def test_no_name_makes_an_element_or_an_attribute(name: bytes, word: str, sentence: str) -> None:
    root = parsed(made(everything(name, word, sentence)))
    assert shape(root) <= usual()
    assert ssid(name) in seen(root)
    values = "".join(value for element in root.iter() for value in element.attrib.values())
    text = seen(root).replace("\n", " ")
    assert harmless(text) == text
    assert harmless(values) == values


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_there_as_text(name: bytes) -> None:
    root = parsed(made(heard(access_points=(access_point(name),))))
    assert ssid(name) in [each.text for each in tags(root, "bdi")]


def test_without_a_template_library_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from whimbrel.reporting.building import report\n"
        "from whimbrel.reporting.page import NoTemplates, page\n"
        "try:\n    page(report([], made=0.0, version=''))\n"
        "except NoTemplates as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "apt install python3-jinja2" in done.stdout
    assert issubclass(NoTemplates, Exception)


def test_nothing_heard_makes_a_page_too() -> None:
    empty = heard(sessions=(), access_points=(), stations=(), channels=(), alerts=(), losses=(), remarks=())
    assert "No access point was heard." in seen(parsed(made(empty)))

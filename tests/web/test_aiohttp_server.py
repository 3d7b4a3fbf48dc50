"""The server of aiohttp comes without its client, which is there all the same for who looks for it."""

from __future__ import annotations

import pytest
from tests.lab.fresh import fresh

pytest.importorskip("aiohttp")
_BEGIN = "import sys\nfrom whimbrel.web import aiohttp_server\naiohttp_server.load()\n"


def test_the_page_needs_no_client() -> None:
    fresh(f"{_BEGIN}import whimbrel.web.api, whimbrel.web.server\nassert 'aiohttp.client' not in sys.modules")
    fresh(f"{_BEGIN}assert 'frozenlist' in sys.modules and 'frozenlist._frozenlist' not in sys.modules")


def test_its_version_is_that_of_the_package() -> None:
    fresh(
        f"{_BEGIN}import aiohttp\nfrom importlib.metadata import version\nfound = aiohttp.__version__\n"
        "assert 'aiohttp.client' not in sys.modules\nassert found == version('aiohttp'), found"
    )


def test_who_looks_for_the_client_gets_it() -> None:
    fresh(
        f"{_BEGIN}from aiohttp import ClientSession, web\nimport aiohttp\nassert ClientSession .get\n"
        "assert aiohttp.web is web\nfrom aiohttp.web_ws import WSMsgType\nassert aiohttp.WSMsgType is WSMsgType"
    )


def test_a_package_that_was_imported_before_stays() -> None:
    fresh(f"import aiohttp\nbefore = aiohttp.ClientSession\n{_BEGIN}assert aiohttp.ClientSession is before")

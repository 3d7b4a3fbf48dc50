"""The certificate: made once, for its owner alone, and good enough for a client that trusts it."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from pathlib import Path

import aiohttp
import pytest
from tests.lab.page import page

from whimbrel.module import NotReady
from whimbrel.watching import state_file
from whimbrel.web import certificate
from whimbrel.web.settings import WebSettings

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


async def test_a_page_with_a_made_certificate_is_served_to_who_trusts_it() -> None:
    async with page(tls="made", logged_in=False) as shown:
        made, key = certificate.paths(WebSettings(tls="made"))
        assert key.stat().st_mode & 0o777 == 0o600
        trusting = ssl.create_default_context(cafile=made)
        for name in ("127.0.0.1", "localhost"):
            async with shown.session.get(f"https://{name}:{shown.port}/", ssl=trusting) as answer:
                assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await shown.session.get(f"https://127.0.0.1:{shown.port}/")
        login = {"token": shown.token}
        origin = f"https://127.0.0.1:{shown.port}"
        async with shown.session.post(
            f"{origin}/api/v1/login", json=login, headers={"Origin": origin}, ssl=trusting
        ) as answer:
            assert answer.status == 204
            assert "Secure" in answer.headers["Set-Cookie"]
        before = made.read_bytes()
    async with page(tls="made", logged_in=False):
        assert made.read_bytes() == before


async def test_a_fingerprint_is_what_others_show(tmp_path: Path) -> None:
    made = tmp_path / "certificate"
    await certificate.make(made, tmp_path / "key", [])
    command = ("openssl", "x509", "-in", str(made), "-noout", "-sha256", "-fingerprint")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said = (await process.communicate())[0].decode()
    assert said.partition("=")[2].strip().replace(":", "") == certificate.fingerprint(made)


async def test_ones_own_certificate_is_used_or_said_to_be_wrong(tmp_path: Path) -> None:
    made, key = tmp_path / "certificate", tmp_path / "key"
    await certificate.make(made, key, ["127.0.0.1"])
    settings = WebSettings(tls="files", certificate=made, key=key)
    assert await certificate.context(settings) is not None
    assert await certificate.context(WebSettings()) is None
    key.write_text("no key")
    with pytest.raises(NotReady, match="cannot be used"):
        await certificate.context(settings)


async def test_what_keeps_it_from_being_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReady, match="can be written"):
        await certificate.make(tmp_path / "file" / "certificate", tmp_path / "file" / "key", [])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReady, match="apt install openssl"):
        await certificate.context(WebSettings(tls="made"))
    assert not any(state_file.default_path(name).exists() for name in (certificate.CERTIFICATE, certificate.KEY))

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from tests.lab.mosquitto import Certificate

from whimbrel import tls
from whimbrel.siem.settings import SyslogSettings


def settings(ca: Path | None = None, certificate: Path | None = None, key: Path | None = None) -> SyslogSettings:
    return SyslogSettings(transport="tls", ca=ca, certificate=certificate, key=key)


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="both certificate and key"):
        settings(key=tmp_path / "key")
    settings(certificate=tmp_path / "certificate", key=tmp_path / "key")


def test_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    chosen = settings(ca=tmp_path / "ca", certificate=tmp_path / "mine", key=tmp_path / "key")
    assert dict(tls.missing_files(chosen)) == {
        "ca": f"there is no file {tmp_path / 'ca'}",
        "certificate": f"there is no file {tmp_path / 'mine'}",
    }
    assert not list(tls.missing_files(settings()))


def test_a_context_checks_the_server_and_trusts_the_authority_of_the_settings(tmp_path: Path) -> None:
    made = Certificate(tmp_path, "localhost")
    context = tls.context(settings(ca=made.certificate, certificate=made.certificate, key=made.key))
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) == 1


def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path) -> None:
    made = Certificate(tmp_path, "localhost")
    text, locked = tmp_path / "text", tmp_path / "locked"
    text.write_text("hello")
    subprocess.run(
        ["openssl", "pkey", "-in", made.key, "-aes128", "-passout", "pass:secret", "-out", locked], check=True
    )
    wrong = {
        "none cannot be used: No such file": settings(ca=tmp_path / "none"),
        "text cannot be used: .*expected PEM": settings(ca=text),
        "text with .*cannot be used: .*expected PEM": settings(certificate=text, key=made.key),
        "locked cannot be used: .*without a password": settings(certificate=made.certificate, key=locked),
    }
    for problem, chosen in wrong.items():
        with pytest.raises(tls.UnusableTlsFile, match=problem):
            tls.context(chosen)


def test_a_credential_stands_for_a_file_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Certificate(tmp_path, "localhost")
    for name, file in (("mqtt-ca", made.certificate), ("mqtt-key", made.key)):
        file.rename(tmp_path / name)
    ca, key = Path("credential:mqtt-ca"), Path("credential:mqtt-key")
    chosen = settings(ca=ca, certificate=ca, key=key)
    assert not list(tls.missing_files(chosen)), "the service has it, and this process need not"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(tls.UnusableTlsFile, match="add LoadCredential=mqtt-ca:FILE"):
        tls.context(chosen)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert len(tls.context(chosen).get_ca_certs()) == 1
    with pytest.raises(tls.UnusableTlsFile, match="is not there"):
        tls.located(Path("credential:../mqtt-key"))

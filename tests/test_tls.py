from __future__ import annotations

import ssl
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
    with pytest.raises(OSError, match="No such file"):
        tls.context(settings(ca=tmp_path / "none"))

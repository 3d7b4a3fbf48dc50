from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.updating import trust

pytestmark = pytest.mark.skipif(not all(map(shutil.which, ("gpg", "gpgv"))), reason="gpg or gpgv is missing")


class Release:
    """A key, and what it signs."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._options = options
        self._home = folder / "home"
        self._home.mkdir(mode=0o700, parents=True)
        self.key = folder / "release.gpg"
        self._gpg("--quick-gen-key", "release@example.org", "ed25519")
        self.key.write_bytes(self._gpg("--export"))

    def sign(self, package: Path) -> None:
        self._gpg("--yes", "--armor", "--detach-sign", "--output", str(trust.signature_of(package)), str(package))

    def clearsign(self, text: Path, target: Path) -> None:
        self._gpg("--yes", "--clearsign", "--output", str(target), str(text))

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", self._home, "--kill", "all"], check=False)

    def _gpg(self, *argv: str) -> bytes:
        quiet = ["gpg", "--batch", "--homedir", str(self._home), "--pinentry-mode", "loopback", "--passphrase", ""]
        return subprocess.run([*quiet, *self._options, *argv], check=True, capture_output=True).stdout


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "whimbrel_2.0_all.deb"
    path.write_bytes(b"a package")
    return path


def test_a_package_of_the_release_is_trusted_and_no_other(tmp_path: Path, package: Path) -> None:
    ours, theirs = Release(tmp_path / "ours"), Release(tmp_path / "theirs")
    try:
        ours.sign(package)
        assert trust.why_not(package, ours.key, unsigned=False) == ""
        told = trust.why_not(package, theirs.key, unsigned=False)
        assert told.startswith("its signature is not one of the release (")
        package.write_bytes(b"another one")
        assert "its signature is not one of the release" in trust.why_not(package, ours.key, unsigned=True)
        trust.signature_of(package).write_text("nonsense")
        assert "its signature is not one of the release" in trust.why_not(package, ours.key, unsigned=False)
        trust.signature_of(package).write_bytes(bytes(100_000))
        assert "is no signature" in trust.why_not(package, ours.key, unsigned=False)
    finally:
        ours.close()
        theirs.close()


def test_a_device_whose_clock_is_behind_trusts_the_release_all_the_same(tmp_path: Path, package: Path) -> None:
    ours = Release(tmp_path / "ours", "--faked-system-time", "20900101T000000")
    theirs = Release(tmp_path / "theirs")
    try:
        ours.sign(package)
        assert trust.why_not(package, ours.key, unsigned=False) == ""
        assert trust.why_not(package, theirs.key, unsigned=False)
        package.write_bytes(b"another one")
        assert "its signature is not one of the release" in trust.why_not(package, ours.key, unsigned=False)
    finally:
        ours.close()
        theirs.close()


def test_without_a_signature_or_a_key_the_owner_decides(tmp_path: Path, package: Path) -> None:
    none = tmp_path / "none.gpg"
    told = trust.why_not(package, none, unsigned=False)
    assert "put whimbrel_2.0_all.deb.asc of the release beside it" in told
    assert trust.why_not(package, none, unsigned=True) == ""
    trust.signature_of(package).write_text("a signature")
    assert "built without a release key" in trust.why_not(package, none, unsigned=False)
    assert trust.why_not(package, none, unsigned=True) == ""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tools import release
from tools.release import Board, Image, Parts, ReleaseError

from whimbrel import __version__
from whimbrel.updating import trust

WHEN = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
LOG = "# Changelog\n\n## [9.9.9] - 2026-12-01\n\n### Added\n\n- A bill.\n\n## [9.9.8] - 2026-11-01\n\n- Legs.\n"
DIGEST = "ab" * 32


ZERO_W = Board("zero-w", "Pi Zero W", (("pi1-32bit", "Raspberry Pi Zero W"),))
ZERO2W = Board("zero2w", "Pi Zero 2 W, 3, 4", (("pi3-64bit", "Raspberry Pi Zero 2 W"), ("pi3-64bit", "Raspberry Pi 3")))


def image_of(folder: Path, board: Board, architecture: str) -> Image:
    (folder / "archive").mkdir(parents=True)
    (folder / "whimbrel.img").write_bytes(bytes(4096))
    (folder / "whimbrel.img.xz").write_bytes(b"packed")
    lock, installed = folder / "archive/lock", folder / "packages"
    lock.write_text(f"curl 8.1-1 {DIGEST}\nlibc6 2.41-1 {DIGEST}\nadduser 1:3~rc1+b2 {DIGEST}\n")
    installed.write_text(f"adduser 1:3~rc1+b2 all\nlibc6 2.41-1 {architecture}\n")
    return Image(board, folder / "whimbrel.img", lock, installed)


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    (tmp_path / "whimbrel_9.9.9_all.deb").write_bytes(b"package")  # what is in it, only a signature asks for
    folder = tmp_path / "images"
    images = image_of(folder / "zero-w", ZERO_W, "armel"), image_of(folder / "zero2w", ZERO2W, "arm64")
    return Parts(tmp_path / "whimbrel_9.9.9_all.deb", images)


def made(folder: Path, parts: Parts) -> Path:
    release.make(folder / "out", parts, "https://example.org/9.9.9", WHEN, LOG, "9.9.9")
    return folder / "out"


def test_every_file_is_in_the_checksums(tmp_path: Path, parts: Parts) -> None:
    out = made(tmp_path, parts)
    lines = {line[66:]: line[:64] for line in (out / "SHA256SUMS").read_text().splitlines()}
    assert set(lines) == {path.name for path in out.iterdir()} - {"SHA256SUMS"}
    assert all(hashlib.sha256((out / name).read_bytes()).hexdigest() == digest for name, digest in lines.items())
    assert {"whimbrel_9.9.9_all.deb", "rpi-imager.json", "NOTES.md"} <= set(lines)
    assert {"whimbrel-9.9.9-zero-w.img.xz", "whimbrel-9.9.9-zero2w.img.xz"} <= set(lines)


def test_imager_finds_the_images(tmp_path: Path, parts: Parts) -> None:
    told = json.loads((made(tmp_path, parts) / "rpi-imager.json").read_text())
    entry, other = told["os_list"]
    required = {"name", "description", "icon", "url", "extract_size", "extract_sha256", "image_download_size"}
    assert required | {"release_date"} <= set(entry)
    assert entry["url"] == "https://example.org/9.9.9/whimbrel-9.9.9-zero-w.img.xz"
    assert (entry["extract_size"], entry["image_download_size"]) == (4096, 6)
    assert entry["extract_sha256"] == hashlib.sha256(bytes(4096)).hexdigest()
    assert entry["init_format"] == other["init_format"] == "cloudinit"
    assert (entry["name"], entry["devices"]) == ("Whimbrel 9.9.9 (Pi Zero W)", ["pi1-32bit"])
    assert (other["name"], other["devices"]) == ("Whimbrel 9.9.9 (Pi Zero 2 W, 3, 4)", ["pi3-64bit"])
    assert other["url"].endswith("-zero2w.img.xz")
    listed = told["imager"]["devices"]
    assert [each["name"] for each in listed] == ["Raspberry Pi Zero W", "Raspberry Pi Zero 2 W", "Raspberry Pi 3"]
    # What its list of devices (HWListModel) reads of each; "exclusive" hides the images of other boards.
    assert all(each.keys() == {"name", "description", "icon", "tags", "matching_type"} for each in listed)
    assert {each["matching_type"] for each in listed} == {"exclusive"}
    assert all({each["tags"][0] for each in listed} >= set(image["devices"]) for image in told["os_list"])


def test_every_board_is_published() -> None:
    assert {board.name: board.tags for board in release.boards()} == {
        "zero-w": ["pi1-32bit"], "zero2w": ["pi3-64bit", "pi4-64bit"],
    }  # fmt: skip


def test_the_contents_are_listed(tmp_path: Path, parts: Parts) -> None:
    listed = json.loads((made(tmp_path, parts) / "whimbrel-9.9.9.spdx.json").read_text())
    assert listed["spdxVersion"] == "SPDX-2.3"
    places = [
        reference["referenceLocator"] for package in listed["packages"] for reference in package.get("externalRefs", ())
    ]
    assert places == [
        "pkg:deb/debian/curl@8.1-1", "pkg:deb/debian/libc6@2.41-1?arch=armel",
        "pkg:deb/debian/adduser@1:3~rc1%2Bb2?arch=all",
        "pkg:deb/debian/curl@8.1-1", "pkg:deb/debian/libc6@2.41-1?arch=arm64",
        "pkg:deb/debian/adduser@1:3~rc1%2Bb2?arch=all",
    ]  # fmt: skip
    known = {package["SPDXID"]: package["name"] for package in listed["packages"]} | {"SPDXRef-DOCUMENT": ""}
    assert len(known) == len(listed["packages"]) + 1
    assert all({each["spdxElementId"], each["relatedSpdxElement"]} <= known.keys() for each in listed["relationships"])
    contained = [each for each in listed["relationships"] if each["relationshipType"] == "CONTAINS"]
    assert {(known[each["spdxElementId"]], each["relatedSpdxElement"]) for each in contained} == {
        (f"whimbrel-9.9.9-{board}.img.xz", f"SPDXRef-Debian-{board}-{i}")
        for board in ("zero-w", "zero2w")
        for i in range(3)
    }


def test_the_notes_are_those_of_the_version(tmp_path: Path, parts: Parts) -> None:
    told = (made(tmp_path, parts) / "NOTES.md").read_text()
    assert told == "# Whimbrel 9.9.9 - 2026-12-01\n\n### Added\n\n- A bill.\n"
    with pytest.raises(ReleaseError, match="write the date"):
        release.notes("## [1.0.0] - unreleased\n", "1.0.0")
    with pytest.raises(ReleaseError, match="no section"):
        release.notes(LOG, "1.0.0")


def test_equal_parts_give_equal_bytes(tmp_path: Path, parts: Parts) -> None:
    one, other = made(tmp_path / "a", parts), made(tmp_path / "b", parts)
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in other.iterdir()
    }


def build(deb: Path, key: bytes | None) -> None:
    """Make a package, with the keys that a device is to trust."""
    folder = deb.with_suffix("")
    (folder / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (folder / "DEBIAN/control").write_text(
        "Package: whimbrel\nVersion: 9.9.9\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: d\n"
    )
    if key is not None:
        (folder / "usr/share/whimbrel").mkdir(parents=True)
        (folder / "usr/share/whimbrel/release.gpg").write_bytes(key)
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", folder, deb], check=True, capture_output=True)


@pytest.mark.skipif(not all(map(shutil.which, ("gpg", "gpgv", "dpkg-deb"))), reason="gpg, gpgv or dpkg-deb is missing")
def test_the_signature_is_of_the_key_from_the_environment(
    tmp_path: Path, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--batch", "--homedir", str(home), "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "release@example.org", "ed25519"], check=True, capture_output=True)
    key = subprocess.run([*gpg, "--armor", "--export-secret-keys"], check=True, capture_output=True, text=True).stdout
    monkeypatch.setenv("RELEASE_GPG_KEY", key)
    build(parts.deb, None)
    with pytest.raises(ReleaseError, match="make deb with RELEASE_GPG_KEY"):
        release.sign(made(tmp_path / "without", parts))
    known = subprocess.run([*gpg, "--export"], check=True, capture_output=True).stdout
    build(parts.deb, known)
    out = made(tmp_path, parts)
    signature = release.sign(out)
    (tmp_path / "known.gpg").write_bytes(known)
    deb = out / parts.deb.name
    assert trust.why_not(deb, tmp_path / "known.gpg", unsigned=False) == "", "a device takes it"
    assert signature == out / "SHA256SUMS.asc"
    subprocess.run([*gpg, "--verify", signature, out / "SHA256SUMS"], check=True, capture_output=True)
    (out / "SHA256SUMS").write_text("forged\n")
    assert subprocess.run(
        [*gpg, "--verify", signature, out / "SHA256SUMS"], check=False, capture_output=True
    ).returncode
    assert not [path for path in out.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)


def test_without_a_key_it_says_so(
    tmp_path: Path, parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RELEASE_GPG_KEY", raising=False)
    monkeypatch.delenv("RELEASE_MINISIGN_KEY", raising=False)
    monkeypatch.setattr(release, "notes", lambda *_: "notes\n")
    arguments = [str(tmp_path / "out"), "--deb", str(tmp_path), "--no-image"]
    assert release.main(arguments) == 1
    assert "no key in RELEASE_GPG_KEY" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "out")
    assert release.main([*arguments, "--unsigned"]) == 0
    assert "NOT signed" in capsys.readouterr().out


def test_before_the_build_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RELEASE_MINISIGN_KEY", raising=False)
    monkeypatch.setenv("RELEASE_GPG_KEY", "a key")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    log = tmp_path / "CHANGELOG.md"
    log.write_text(f"## [{__version__}] - 2026-12-01\n\n- A bill.\n")
    arguments = [str(tmp_path / "out"), "--check", "--url", "https://example.org"]
    assert release.main(arguments) == 0
    assert not (tmp_path / "out").exists()
    assert release.main(arguments[:2]) == 1
    assert "no address" in capsys.readouterr().err
    monkeypatch.delenv("RELEASE_GPG_KEY")
    assert release.main(arguments) == 1
    assert "no key" in capsys.readouterr().err
    assert release.main([*arguments, "--unsigned"]) == 0
    log.write_text(f"## [{__version__}] - unreleased\n")
    assert release.main([*arguments, "--unsigned"]) == 1
    assert "write the date" in capsys.readouterr().err


def test_what_lies_there_is_not_published_by_mistake(tmp_path: Path, parts: Parts) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/secret").write_text("key")
    with pytest.raises(ReleaseError, match="not empty"):
        made(tmp_path, parts)

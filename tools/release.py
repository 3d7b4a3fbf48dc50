"""Put together what is published as a release: ``python -m tools.release FOLDER``, after ``make image`` for each board.

In FOLDER: the package, the images with the JSON by which Raspberry Pi Imager offers them, release notes from the
changelog, a list of the contents (SPDX 2.3), and checksums with a signature; beside the package its own, by which a
device takes it (docs/updates.md). The key is in the environment: ``RELEASE_GPG_KEY`` (an armoured secret key without
passphrase), or ``RELEASE_MINISIGN_KEY`` (the text of a file with a secret key, without one), for which devices have no
program. It is never written into FOLDER.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote

from whimbrel import __version__

ROOT = Path(__file__).parents[1]
SUMS = "SHA256SUMS"
_TRUSTED = "/usr/share/whimbrel/release.gpg"
"""The keys whose packages a device takes, as deploy/build-deb puts them into the package."""
BOARDS = ROOT / "deploy/image/boards"
_CHUNK = 1 << 20
_LOCKED = re.compile(r"^(\S+) (\S+) ([0-9a-f]{64})$")


class Board(NamedTuple):
    """The boards that start from one image."""

    name: str
    names: str
    """As people call them."""
    devices: tuple[tuple[str, str], ...]
    """Each of them for Raspberry Pi Imager: the tag of its list of devices, the name."""

    @property
    def tags(self) -> list[str]:
        """The tags, each once."""
        return list(dict.fromkeys(tag for tag, _ in self.devices))


class Image(NamedTuple):
    """The image of a board and the lists of its packages."""

    board: Board
    file: Path
    """Uncompressed; its ``.xz`` is beside it."""
    lock: Path
    """Its packages: name, version and SHA-256 a line."""
    installed: Path
    """The same packages: name, version and architecture a line."""

    @property
    def packed(self) -> Path:
        """The compressed image."""
        return self.file.with_name(f"{self.file.name}.xz")


class Parts(NamedTuple):
    """The files that a release is made of."""

    deb: Path
    images: tuple[Image, ...]


class ReleaseError(Exception):
    """The release cannot be made; the message says what is missing."""


def boards(folder: Path = BOARDS) -> list[Board]:
    """Return the boards for which there is an image, in the order of their names."""
    found = []
    for path in sorted(folder.iterdir()):
        words = shlex.split((path / "board").read_text(), comments=True)
        told = dict(word.split("=", 1) for word in words)
        devices = [line.split(maxsplit=1) for line in told["imager"].splitlines()]
        found.append(Board(path.name, told["names"], tuple((tag, name) for tag, name in devices)))
    return found


def sha256(path: Path) -> str:
    """Return the digest of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def notes(changelog: str, version: str) -> str:
    """Return the section of a version. Raises `ReleaseError` if there is none, or it is still marked unreleased."""
    head = re.search(rf"^## \[{re.escape(version)}\](.*)$", changelog, re.MULTILINE)
    if head is None:
        raise ReleaseError(f"CHANGELOG.md has no section [{version}]")
    if "unreleased" in head[1]:
        raise ReleaseError(f"CHANGELOG.md has [{version}] as unreleased: write the date")
    body, _, _ = changelog[head.end() :].partition("\n## ")
    return f"# Whimbrel {version}{head[1]}\n\n{body.strip()}\n"


def imager(image: Image, name: str, url: str, day: str, version: str) -> dict[str, Any]:
    """Return the entry of an image, published as `name`, for Raspberry Pi Imager (doc/json-schema of its source).

    Of Imager's two ways to customise an image, the one that writes YAML: the device reads values out of it, and runs
    nothing of what is on the card.
    """
    return {
        "name": f"Whimbrel {version} ({image.board.names})",
        "description": "Pocket Wi-Fi monitor and wireless intrusion detector. Settings: files on the small partition.",
        "icon": f"{url}/whimbrel.png",
        "url": f"{url}/{name}",
        "extract_size": image.file.stat().st_size,
        "extract_sha256": sha256(image.file),
        "image_download_size": image.packed.stat().st_size,
        "image_download_sha256": sha256(image.packed),
        "release_date": day,
        "devices": image.board.tags,
        "init_format": "cloudinit",
    }


def devices(images: Iterable[Image], url: str) -> list[dict[str, Any]]:
    """Return the boards to choose from: without such a list, Imager offers no image that names its devices."""
    return [
        {
            "name": name, "description": name, "icon": f"{url}/whimbrel.png", "tags": [tag],
            "matching_type": "exclusive",
        }
        for image in images for tag, name in image.board.devices
    ]  # fmt: skip


def purl(name: str, version: str, architecture: str | None) -> str:
    """Return the package URL of a Debian package (the type deb of the purl specification)."""
    told = f"?arch={architecture}" if architecture else ""
    return f"pkg:deb/debian/{quote(name, safe='')}@{quote(version, safe=':')}{told}"


def spdx(files: list[Path], images: dict[str, Image], when: datetime, version: str) -> dict[str, Any]:
    """Return the list of contents: the files of the release, and the Debian packages inside of its images.

    `images` are by the name of their file in the release.
    """
    packages: list[dict[str, Any]] = [
        {
            "SPDXID": f"SPDXRef-File-{number}", "name": path.name, "versionInfo": version,
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "checksums": [{"algorithm": "SHA256", "checksumValue": sha256(path)}],
        }
        for number, path in enumerate(files)
    ]  # fmt: skip
    relations = [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": each["SPDXID"]}
        for each in packages
    ]
    for each in list(packages):
        if (image := images.get(each["name"])) is not None:
            inside = _inside(image)
            packages += inside
            contains = {"spdxElementId": each["SPDXID"], "relationshipType": "CONTAINS"}
            relations += [contains | {"relatedSpdxElement": package["SPDXID"]} for package in inside]
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"whimbrel-{version}", "documentNamespace": f"urn:whimbrel:{version}:{int(when.timestamp())}",
        "creationInfo": {"created": f"{when:%Y-%m-%dT%H:%M:%SZ}", "creators": ["Tool: whimbrel tools.release"]},
        "packages": packages, "relationships": relations,
    }  # fmt: skip


def _inside(image: Image) -> list[dict[str, Any]]:
    """Return the Debian packages of an image. Raises `ReleaseError`."""
    lines = [line.split() for line in image.installed.read_text().splitlines()]
    architectures = {line[0]: line[2] for line in lines if len(line) == 3}
    packages: list[dict[str, Any]] = []
    for number, line in enumerate(filter(None, image.lock.read_text().splitlines())):
        if (match := _LOCKED.match(line)) is None:
            raise ReleaseError(f"the lock has an unknown line: {line!r}")
        packages.append(
            {
                "SPDXID": f"SPDXRef-Debian-{image.board.name}-{number}", "name": match[1], "versionInfo": match[2],
                "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
                "checksums": [{"algorithm": "SHA256", "checksumValue": match[3]}],
                "externalRefs": [
                    {
                        "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                        "referenceLocator": purl(match[1], match[2], architectures.get(match[1])),
                    }
                ],
            }
        )  # fmt: skip
    return packages


def ready(url: str, changelog: str, version: str = __version__, *, image: bool) -> str:
    """Return the notes. Raises `ReleaseError` if anything is missing that no build provides, except the key."""
    if image and not url:
        raise ReleaseError("no address (--url): Raspberry Pi Imager has to know where the image will be")
    return notes(changelog, version)


def make(folder: Path, parts: Parts, url: str, when: datetime, changelog: str, version: str = __version__) -> None:
    """Write everything but the signature. Raises `ReleaseError`."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ReleaseError(f"{folder} is not empty: what lies there would be published too")
    told = ready(url, changelog, version, image=bool(parts.images))
    files = [Path(shutil.copy2(parts.deb, folder))]
    images: dict[str, Image] = {}
    for image in parts.images:
        if not image.packed.exists():
            raise ReleaseError(f"there is no {image.packed}: make image BOARD={image.board.name}")
        name = f"whimbrel-{version}-{image.board.name}.img.xz"
        files.append(Path(shutil.copy2(image.packed, folder / name)))
        images[name] = image
    if images:
        offered = [imager(image, name, url, f"{when:%Y-%m-%d}", version) for name, image in images.items()]
        for_imager = {"imager": {"devices": devices(images.values(), url)}, "os_list": offered}
        (folder / "rpi-imager.json").write_text(json.dumps(for_imager, indent=1) + "\n")
        shutil.copy2(ROOT / "docs/screens/splash.png", folder / "whimbrel.png")
    listed = spdx(files, images, when, version)
    (folder / f"whimbrel-{version}.spdx.json").write_text(json.dumps(listed, indent=1) + "\n")
    (folder / "NOTES.md").write_text(told)
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(lines))


def sign(folder: Path, *, unsigned: bool = False) -> Path | None:
    """Sign the checksums with the key from the environment, and packages; return the signature, None without a key.

    Raises `ReleaseError` if the program refuses, or without a key unless `unsigned` allows that.
    """
    sums = folder / SUMS
    with TemporaryDirectory() as home:
        Path(home).chmod(0o700)
        if key := os.environ.get("RELEASE_GPG_KEY"):
            signature = sums.with_name(f"{SUMS}.asc")
            program = ["gpg", "--batch", "--no-tty", "--homedir", home]
            _run([*program, "--import"], key)
            for file in (sums, *folder.glob("*.deb")):
                signed = str(file.with_name(f"{file.name}.asc"))
                _run([*program, "--yes", "--armor", "--detach-sign", "--output", signed, str(file)])
                _run([*program, "--verify", signed, str(file)])
                if file != sums:
                    _know_next(file, Path(signed), Path(home, "known.gpg"))
            return signature
        if key := os.environ.get("RELEASE_MINISIGN_KEY"):
            secret = Path(home, "key")
            secret.touch(mode=0o600)
            secret.write_text(key)
            _run(["minisign", "-S", "-W", "-s", str(secret), "-m", str(sums)])
            return sums.with_name(f"{SUMS}.minisig")
    _want_key(unsigned=unsigned)
    return None


def _know_next(deb: Path, signature: Path, key: Path) -> None:
    """Raise `ReleaseError` unless a device with this package would take one that is signed so: the next version."""
    inside = _TRUSTED.removeprefix("/")
    with deb.open("rb") as file, key.open("wb") as target:
        files = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", "/dev/stdin"], stdin=file, capture_output=True, check=False
        )
        tar = ["tar", "--extract", "--to-stdout", f"./{inside}"]
        subprocess.run(tar, input=files.stdout, stdout=target, stderr=subprocess.DEVNULL, check=False)
    if not key.stat().st_size:
        raise ReleaseError(f"{deb.name} has no {_TRUSTED}: run make deb with RELEASE_GPG_KEY in the environment")
    _run(["gpgv", "--quiet", "--keyring", str(key), str(signature), str(deb)])


def _want_key(*, unsigned: bool) -> None:
    if not (unsigned or os.environ.get("RELEASE_GPG_KEY") or os.environ.get("RELEASE_MINISIGN_KEY")):
        raise ReleaseError("no key in RELEASE_GPG_KEY or RELEASE_MINISIGN_KEY; --unsigned goes on without")


def _run(command: list[str], text: str = "") -> None:
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ReleaseError(f"there is no program {command[0]}: apt install {command[0]}") from None
    if done.returncode:
        raise ReleaseError(f"{command[0]} refuses: {done.stderr.strip()[-400:]}")


def _newest(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
    if not found:
        raise ReleaseError(f"there is no {pattern} in {folder}: make image, for each board")
    return found[-1]


def _image(folder: Path, board: Board) -> Image:
    return Image(board, _newest(folder, "whimbrel.img"), folder / "archive/lock", folder / "packages")


def main(argv: list[str] | None = None) -> int:
    """Make a release; return 1 with a message if that cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--deb", type=Path, default=ROOT / "build/deb", help="folder of the package")
    parser.add_argument(
        "--image", type=Path, default=ROOT / "build/image", help="folder of the images, one for each board"
    )
    parser.add_argument("--no-image", action="store_true", help="publish the package alone")
    parser.add_argument("--url", default="", help="where the files will be, for Raspberry Pi Imager")
    parser.add_argument("--unsigned", action="store_true", help="go on without a key")
    parser.add_argument("--check", action="store_true", help="say what is missing that no build provides, and end")
    args = parser.parse_args(argv)
    url, changelog = args.url.rstrip("/"), (ROOT / "CHANGELOG.md").read_text()
    when = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now(UTC).timestamp()), UTC)
    try:
        if args.check:
            ready(url, changelog, image=not args.no_image)
            _want_key(unsigned=args.unsigned)
            return 0
        deb = _newest(args.deb, "whimbrel_*_all.deb")
        images = () if args.no_image else tuple(_image(args.image / board.name, board) for board in boards())
        make(args.folder, Parts(deb, images), url, when, changelog)
        signature = sign(args.folder, unsigned=args.unsigned)
    except (ReleaseError, OSError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print(f"{args.folder}: {len(list(args.folder.iterdir()))} files, {'signed' if signature else 'NOT signed'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

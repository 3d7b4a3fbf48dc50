"""The modules of the project with their text: as they lie in a folder, or as they were in a commit."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path, PurePath

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src"
"""The folder that holds the package ``whimbrel``."""


def in_folder(folder: Path = SOURCES) -> dict[str, str]:
    """Return the text of every module below `folder`, by its dotted name."""
    paths = sorted(folder.rglob("*.py"))
    return {module_name(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def in_commit(commit: str, repository: Path = ROOT) -> dict[str, str]:
    """Return the same of ``src`` as of `commit`. Raises CalledProcessError where git knows no such commit."""
    command = ["git", "-C", str(repository), "archive", "--format=tar", commit, "src"]
    packed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            if member.name.endswith(".py") and (stream := archive.extractfile(member)) is not None:
                texts[module_name(PurePath(member.name).relative_to("src"))] = stream.read().decode()
    return texts


def module_name(path: PurePath) -> str:
    """Return the dotted name of the module in the file `path`, which is relative to the folder of its package."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def path_of(module: str) -> str:
    """Return the file of a module, relative to the project's folder."""
    path = Path("src", *module.split("."))
    return str(path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py"))

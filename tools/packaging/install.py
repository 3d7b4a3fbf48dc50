"""Completions and man pages for one user, from a checkout: ``python -m tools.packaging.install``.

They go to the places where bash, zsh, fish and man look for a user's files (XDG base directories; ``PREFIX`` of the
Makefile is for another place, such as /usr/local).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.packaging import completions, man1, man5

WRITERS: Mapping[str, Callable[[], str]] = {
    "bash-completion/completions/whimbrel": completions.bash,
    "zsh/site-functions/_whimbrel": completions.zsh,
    "fish/vendor_completions.d/whimbrel.fish": completions.fish,
    "man/man1/whimbrel.1": man1.page,
    "man/man5/whimbrel.yaml.5": man5.page,
}
"""The generator of each file, by its path below ``share``."""


def share(prefix: str | None, environment: Mapping[str, str]) -> Path:
    """Return the folder that all of it goes below."""
    if prefix:
        return Path(prefix) / "share"
    home = environment.get("XDG_DATA_HOME", "")
    return Path(home) if home.startswith("/") else Path(environment["HOME"]) / ".local" / "share"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files, and print the steps for a shell to find them."""
    parser = argparse.ArgumentParser(prog="python -m tools.packaging.install", description=__doc__)
    parser.add_argument("--prefix", metavar="DIR", help="below its share/ instead of the user's own folder")
    folder = share(parser.parse_args(argv).prefix, os.environ)
    # Defaults out of the environment would become part of the pages.
    for name in [name for name in os.environ if name.startswith("WHIMBREL_")]:
        del os.environ[name]
    for name, text in WRITERS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), encoding="utf-8")
        print(path)
    print(f"zsh finds its own with: fpath=({folder}/zsh/site-functions $fpath), before compinit")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The files of a provisioned device: its secrets, the drop-in of the service that may read them, its settings."""

from __future__ import annotations

import shutil
from pathlib import Path

from whimbrel.config.loader import DEFAULT_PATH, as_text, loads
from whimbrel.files import read_regular
from whimbrel.provisioning import merging
from whimbrel.provisioning.document import Provision, read
from whimbrel.watching import state_file

_MOST = 1 << 20
_DROP_IN = "etc/systemd/system/whimbrel-reach.service.d/60-provisioned.conf"
_HEAD = """\
# Made by `whimbrel provision`: what the modules of reach need of this device's provisioning. The next one replaces it.
[Service]
"""
_READABLE, _PRIVATE, _PRIVATE_FOLDER = 0o644, 0o600, 0o700


def text_of(path: Path) -> str:
    """Return the text of a file. Raises OSError, and `ConfigError` for one that is no text."""
    return as_text(read_regular(path, _MOST), str(path))


class ProvisionedFiles:
    """The places of these files below a root folder."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.settings = root / DEFAULT_PATH.relative_to("/")
        self.record = self.settings.with_name("provisioned.yaml")
        self.secrets = self.settings.with_name("provisioned")
        self.drop_in = root / _DROP_IN
        self._root = root

    def recorded(self) -> Provision | None:
        """Return the provisioning before, without its secrets; None without one. Raises OSError, `ConfigError`."""
        try:
            return read(text_of(self.record), str(self.record))
        except FileNotFoundError:
            return None

    def provision(self, provision: Provision, settings: str, file: str, name: str) -> None:
        """Write all of them, the secrets first, so that no settings name what is not there.

        `settings`: the text that gets the modules, of `file`. What is written over something replaces it at once or
        not at all; whoever is interrupted in between does it all again. Raises OSError and `ConfigError`, the latter
        before anything is written.
        """
        before = self.recorded()
        text = merging.merged(settings, file, provision, before=merging.provided(before) if before else (), name=name)
        loads(text, f"{file} with {name}")
        self._write_secrets(provision)
        state_file.replace(self.drop_in, self._drop_in(provision), _READABLE)
        state_file.replace(self.record, merging.record(provision), _READABLE)
        state_file.replace(self.settings, text, _READABLE)

    def _write_secrets(self, provision: Provision) -> None:
        """Replace the folder by one with exactly the secrets that the settings name."""
        new, old = (self.secrets.with_name(f".{self.secrets.name}.{which}") for which in ("new", "old"))
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        new.mkdir(_PRIVATE_FOLDER, parents=True)
        for name in sorted(provision.named):
            if name in provision.secrets:
                state_file.replace(new / name, provision.secrets[name], _PRIVATE)
            elif (self.secrets / name).is_file():
                shutil.copy2(self.secrets / name, new / name)
        if self.secrets.exists():
            self.secrets.rename(old)
        new.rename(self.secrets)
        shutil.rmtree(old, ignore_errors=True)

    def _drop_in(self, provision: Provision) -> str:
        folder = Path("/") / self.secrets.relative_to(self._root)
        lines = [f"LoadCredential={path.name}:{folder / path.name}" for path in sorted(self.secrets.iterdir())]
        if provision.changing:
            lines.append("SupplementaryGroups=whimbrel")
        return _HEAD + "".join(f"{line}\n" for line in lines)

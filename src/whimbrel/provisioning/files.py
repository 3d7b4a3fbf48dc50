"""The files of a provisioned device: its secrets, the drop-in of the service that may read them, its settings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from whimbrel.config.loader import DEFAULT_PATH, MAX_OCTETS, as_text, loads
from whimbrel.files import read_regular
from whimbrel.provisioning import merging
from whimbrel.provisioning.document import Provision, read
from whimbrel.watching import state_file

_DROP_IN = "etc/systemd/system/whimbrel-reach.service.d/60-provisioned.conf"
_HEAD = """\
# Made by `whimbrel provision`: what the modules of reach need of this device's provisioning. The next one replaces it.
[Service]
"""
_READABLE, _PRIVATE, _PRIVATE_FOLDER = 0o644, 0o600, 0o700


def text_of(path: Path) -> str:
    """Return the text of a file. Raises OSError, and `ConfigError` for one that is no text."""
    return as_text(read_regular(path, MAX_OCTETS), str(path))


class ProvisionedFiles:
    """The places of these files below a root folder."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.settings = root / DEFAULT_PATH.relative_to("/")
        self.record = self.settings.with_name("provisioned.yaml")
        self.secrets = self.settings.with_name("provisioned")
        self.replaced = self.settings.with_name("before-provisioning.yaml")
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
        # Other settings than those in force are the owner's alone: nothing in them was provisioned.
        merged_before = Path(file).resolve() == self.settings.resolve()
        before = self.recorded() if merged_before else None
        text = merging.merged(settings, file, provision, before=merging.provided(before) if before else (), name=name)
        loads(text, f"{file} with {name}")
        secrets = self._wanted(provision)
        self._keep_settings()
        self._write_secrets(secrets)
        state_file.replace(self.drop_in, self._drop_in(provision, secrets), _READABLE)
        state_file.replace(self.record, merging.record(provision), _READABLE)
        state_file.replace(self.settings, text, _READABLE)
        # Last: until here, the settings in force may name any of them.
        for path in self.secrets.iterdir():
            if path.name not in secrets:
                path.unlink()

    def _keep_settings(self) -> None:
        """Keep a copy of settings that somebody wrote: those that come of them have no comments."""
        try:
            settings = text_of(self.settings)
            mode = self.settings.stat().st_mode & 0o777
        except FileNotFoundError:
            return
        if not merging.is_merged(settings):
            state_file.replace(self.replaced, settings, mode)

    def _wanted(self, provision: Provision) -> dict[str, str]:
        """Return the secrets that the settings name: those that came with them, and those that are there."""
        found = {}
        for name in sorted(provision.named):
            if name in provision.secrets:
                found[name] = provision.secrets[name]
            elif (self.secrets / name).is_file():
                found[name] = text_of(self.secrets / name)
        return found

    def _write_secrets(self, secrets: dict[str, str]) -> None:
        """Replace those that are others, each at once; a secret that stays is never written, so it cannot be lost."""
        self.secrets.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        for name, secret in secrets.items():
            path = self.secrets / name
            if not path.is_file() or read_regular(path, MAX_OCTETS) != secret.encode():
                state_file.replace(path, secret, _PRIVATE)

    def _drop_in(self, provision: Provision, secrets: Iterable[str]) -> str:
        folder = Path("/") / self.secrets.relative_to(self._root)
        lines = [f"LoadCredential={name}:{folder / name}" for name in sorted(secrets)]
        if provision.changing:
            lines.append("SupplementaryGroups=whimbrel")
        return _HEAD + "".join(f"{line}\n" for line in lines)

"""``provision``: makes this device part of a fleet, by one file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from whimbrel.cli import exits
from whimbrel.config.loader import read_text
from whimbrel.image import is_image
from whimbrel.provisioning.document import Provision, read
from whimbrel.provisioning.files import ProvisionedFiles, text_of
from whimbrel.settings.problems import ConfigError
from whimbrel.text import printable

MORE = (
    "The file names the device, the\nmodules of reach with their settings and secrets, and the networks to guard. "
    "Its secrets go\nto /etc/whimbrel/provisioned, for root alone; the settings name them as credentials."
)
EPILOG = (
    "examples:\n  whimbrel provision --check provision.yaml     is it right?\n"
    "  sudo whimbrel provision provision.yaml        the settings with it, the service's secrets\n"
    "  sudo whimbrel provision --settings new.yaml   other settings, with what is provisioned already"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="the provisioning file; without it, the one before")
    parser.add_argument("--check", action="store_true", help="only say whether the file is right")
    parser.add_argument("--settings", metavar="FILE", help="the settings that get its modules")
    parser.add_argument("--root", metavar="DIR", default="/", help="the folder that is / of the device (default: /)")


def run(args: argparse.Namespace) -> int:
    """Write the files of the service, or only check."""
    files = ProvisionedFiles(Path(args.root))
    try:
        provision = read(text_of(Path(args.file)), args.file) if args.file else files.recorded()
        if provision is None:
            raise exits.CommandError(exits.USAGE, f"nothing is provisioned yet ({files.record}): name a file")
        if not args.check:
            base = Path(args.settings) if args.settings else files.settings
            files.provision(provision, read_text(base), str(base), Path(args.file or files.record).name)
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error
    except OSError as error:
        raise exits.CommandError(exits.FAILURE, f"{error.filename}: {error.strerror}; is it for root alone?") from error
    names = ", ".join(printable(key.text) for key, _ in provision.modules) or "none"
    print(f"{'right' if args.check else 'provisioned'}: {provision.device.name}; modules: {names}")
    if not args.check:
        print(f"secrets: {', '.join(sorted(provision.named)) or 'none'}, in {files.secrets}")
        for line in _remaining(provision, files, Path(args.root)):
            print(line)
    return exits.OK


def _remaining(provision: Provision, files: ProvisionedFiles, root: Path) -> Iterator[str]:
    """Yield what is left to do; the image does it by itself at its next start."""
    if files.replaced.exists():
        yield f"settings from before: {files.replaced}"
    if is_image(root):
        return
    yield "left to do:"
    yield f"  sudo hostnamectl set-hostname {provision.device.name}"
    if provision.device.country:
        yield f"  sudo raspi-config nonint do_wifi_country {provision.device.country}"
    yield "  sudo systemctl daemon-reload && sudo systemctl restart whimbrel whimbrel-reach"

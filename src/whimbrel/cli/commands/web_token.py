"""``web-token``: what one logs in to the web page with."""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path
from typing import Any

from whimbrel.cli import exits
from whimbrel.cli.options import add_config_option
from whimbrel.cli.settings_file import load
from whimbrel.module import NotReady
from whimbrel.text import harmless
from whimbrel.web import certificate, token_file
from whimbrel.web.addresses import own, urls
from whimbrel.web.settings import WebSettings

_OF_THE_SERVICE = Path("/var/lib/whimbrel-reach")
MORE = (
    "Prints the addresses under\nwhich the page is, each with the token, and makes the token where there is none yet. "
    "Of\nthe service it belongs to root and the user whimbrel-reach: use sudo."
)
EPILOG = (
    "examples:\n  sudo whimbrel web-token\n  sudo whimbrel web-token --new     whoever is logged in has to do it again"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--new", action="store_true", help="make another token; every login ends")
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the addresses and the token."""
    settings = _settings(args)
    try:
        token = _named(settings, args) if settings.token else _made(args)
    except NotReady as error:
        raise exits.CommandError(exits.FAILURE, str(error)) from error
    except OSError as error:
        raise exits.CommandError(exits.FAILURE, f"{error.filename}: {error.strerror}; is it for root alone?") from error
    for url in urls(settings, own()):
        print(f"{url}#token={harmless(token)}")
    if settings.tls != "off":
        _print_fingerprint(settings)
    return exits.OK


def _print_fingerprint(settings: WebSettings) -> None:
    """Print what a browser shows of the certificate, for somebody to compare; it is made by the module."""
    with contextlib.suppress(OSError, ValueError, NotReady):
        print(f"SHA-256 of its certificate: {certificate.fingerprint(certificate.paths(settings)[0])}")


def _settings(args: argparse.Namespace) -> WebSettings:
    found: Any = load(args).modules.get("web")
    if not isinstance(found, WebSettings):
        raise exits.CommandError(exits.FAILURE, "the settings name no module web: there is no page")
    return found


def _named(settings: WebSettings, args: argparse.Namespace) -> str:
    if args.new:
        raise exits.CommandError(exits.USAGE, f"the token is {settings.token}: write another one there")
    return token_file.named(settings.token)


def _made(args: argparse.Namespace) -> str:
    """Return the token of the service, if it is here and its settings are meant, else that of this user."""
    folder = _OF_THE_SERVICE
    path = folder / token_file.TOKEN
    if args.config or os.environ.get("WHIMBREL_CONFIG") or os.environ.get("STATE_DIRECTORY") or not folder.is_dir():
        path = token_file.default_path()
    else:
        _become(folder)
    return token_file.make(path) if args.new else token_file.read_or_make(path)


def _become(folder: Path) -> None:
    """Have root act as the owner of a folder: what is in it may be a link of that user to a file of root's."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.setgroups([])
        os.setegid(owner.st_gid)
        os.seteuid(owner.st_uid)

"""Whether a package is one of the release: a detached OpenPGP signature beside it, checked by gpgv."""

from __future__ import annotations

from pathlib import Path

from whimbrel.updating.programs import run

SUFFIX = ".asc"
"""Of the signature, after the name of the package."""
_CHECKING = 120.0
_LARGEST = 64 << 10


def signature_of(package: Path) -> Path:
    """Return where the signature of a package has to be."""
    return package.with_name(package.name + SUFFIX)


def why_not(package: Path, key: Path, *, unsigned: bool) -> str:
    """Return why a package is not trusted; empty if it is. `unsigned`: whether none is needed, by the owner.

    A signature that is there must be right all the same: it says that the file is not what was published.
    """
    signature = signature_of(package)
    if not signature.is_file():
        if unsigned:
            return ""
        return (
            f"it has no signature: put {signature.name} of the release beside it, or, if you have built it yourself, "
            "write allow_unsigned=yes into device.txt"
        )
    if not key.is_file():
        if unsigned:
            return ""
        return (
            "its signature cannot be checked, because the Whimbrel on this device was built without a release key: "
            "write allow_unsigned=yes into device.txt if you trust the file"
        )
    if signature.stat().st_size > _LARGEST:
        return f"{signature.name} is no signature: get both files again"
    # A device without a clock lives in the past, where the key and the signature are yet to be made.
    command: list[str | Path] = ["gpgv", "--quiet", "--ignore-time-conflict", "--keyring", key, signature, package]
    checked = run(command, _CHECKING, GNUPGHOME="/nonexistent")
    if checked.status == 0:
        return ""
    if checked.status == 127:
        return f"its signature cannot be checked: {checked.reason}: install gpgv"
    return (
        f"its signature is not one of the release ({checked.reason}): get both files again from where Whimbrel is "
        f"published; remove {signature.name} if the package is your own and device.txt allows that"
    )

"""Takes the secrets out of a module's settings: each becomes a credential that the settings name."""

from __future__ import annotations

import enum
import os
import re
from typing import NamedTuple

from whimbrel.secret import CREDENTIAL, SHORTEST_TOKEN, is_named
from whimbrel.settings.codecs import SettingsReading
from whimbrel.settings.nodes import MappingNode, Node, ScalarNode, SequenceNode
from whimbrel.settings.problems import child

_PEM = "-----BEGIN "
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[^-]+-----END [A-Z ]*PRIVATE KEY-----\s*")
_CREDENTIAL_NAME = re.compile(r"[a-z0-9-]+")
"""It is the name of a file too."""


class SecretKind(enum.Enum):
    """What a secret is."""

    TEXT = "a text of one line"
    TOKEN = "a text of one line, of 12 characters or more"  # noqa: S105  # says what one is
    LINES = "addresses without spaces"
    CERTIFICATES = "certificates in PEM form"
    KEY = "a private key in PEM form, without a password"


_CERTIFIED = {"certificate": SecretKind.CERTIFICATES, "key": SecretKind.KEY}
SECRETS: dict[str, dict[str, SecretKind]] = {
    "mqtt": {"password": SecretKind.TEXT, "ca": SecretKind.CERTIFICATES, **_CERTIFIED},
    "syslog": {"ca": SecretKind.CERTIFICATES, **_CERTIFIED},
    "notify": {"to": SecretKind.LINES},
    "web": {"token": SecretKind.TOKEN, **_CERTIFIED},
}
"""The settings of each module that are taken out. A certificate is no secret, but has no other place in one file."""
_MAIN = {"mqtt": "password", "notify": "to", "web": "token"}
"""The setting whose credential has the module's own name, as in the documentation."""


class Sealed(NamedTuple):
    """The settings of a module without its secrets, and these."""

    node: MappingNode
    secrets: dict[str, str]
    named: set[str]
    """The credentials that the settings name, those of before included."""


def seal(module: str, node: MappingNode, reading: SettingsReading) -> Sealed:
    """Take the secrets out; what cannot be one is noted without being quoted."""
    sealed = Sealed(MappingNode(node.line, node.column, []), {}, set())
    for key, inner in node.entries:
        kind = SECRETS.get(module, {}).get(key.text)
        kept = inner
        if kind is not None:
            path = child(child("modules", module), key.text)
            name = module if _MAIN.get(module) == key.text else f"{module}-{key.text}"
            kept = _taken_out(kind, name, inner, path, reading, sealed)
        sealed.node.entries.append((key, kept))
    _check_pair(module, node, reading)
    return sealed


def _taken_out(kind: SecretKind, name: str, node: Node, path: str, reading: SettingsReading, sealed: Sealed) -> Node:
    """Return what stands in the settings instead."""
    items = node.items if isinstance(node, SequenceNode) else [node]
    texts = [item.text for item in items if isinstance(item, ScalarNode) and not item.null]
    if len(texts) != len(items) or (isinstance(node, SequenceNode) and kind is not SecretKind.LINES):
        if kind is not SecretKind.LINES and not (isinstance(node, ScalarNode) and node.null):
            reading.refuse(node, path, kind.value, "something else")
            return _nothing(node)
        return node
    elsewhere = [text for text in texts if is_named(text)]
    if elsewhere or (kind in _CERTIFIED.values() and _PEM not in texts[0]) or not any(texts):
        names = {text.removeprefix(CREDENTIAL) for text in elsewhere if text.startswith(CREDENTIAL)}
        if not all(map(_CREDENTIAL_NAME.fullmatch, names)):
            expected = f"{CREDENTIAL}NAME, with small letters, digits and hyphens in the name"
            reading.refuse(node, path, expected, "something else")
            return _nothing(node)
        if len(elsewhere) not in (0, len(texts)):
            reading.refuse(node, path, "addresses, or names of files with some", "both")
            return _nothing(node)
        sealed.named.update(names)
        return node
    content = "\n".join(text.strip() if kind in _CERTIFIED.values() else text for text in texts) + "\n"
    if not _is(kind, content[:-1]):
        reading.refuse(node, path, kind.value, "something else")
        return _nothing(node)
    sealed.secrets[name] = content
    sealed.named.add(name)
    placed = ScalarNode(node.line, node.column, f"{CREDENTIAL}{name}", plain=False)
    return SequenceNode(node.line, node.column, [placed]) if isinstance(node, SequenceNode) else placed


def _nothing(node: Node) -> ScalarNode:
    """Return what stands in the place of a refused secret, which what reads the settings may quote."""
    return ScalarNode(node.line, node.column, "", plain=False)


def _is(kind: SecretKind, text: str) -> bool:
    if kind is SecretKind.LINES:
        return all(len(line.split()) == 1 for line in text.split("\n")) and text.replace("\n", "").isprintable()
    if kind is SecretKind.CERTIFICATES:
        return _are_certificates(text)
    if kind is SecretKind.KEY:
        return _KEY.fullmatch(text) is not None and "ENCRYPTED" not in text
    whole = text.isprintable() and text == text.strip()
    return whole and (kind is SecretKind.TEXT or len(text) >= SHORTEST_TOKEN)


def _are_certificates(text: str) -> bool:
    import ssl  # dear, and not wanted without certificates

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _check_pair(module: str, node: MappingNode, reading: SettingsReading) -> None:
    """Refuse a key that is not that of the certificate."""
    texts = {key.text: value for key, value in node.entries if isinstance(value, ScalarNode) and _PEM in value.text}
    if not {"certificate", "key"} <= texts.keys() or not _KEY.fullmatch(texts["key"].text.strip() + "\n"):
        return
    import ssl

    # OpenSSL reads a pair from files alone; these are in memory.
    pair = [os.memfd_create(name) for name in ("certificate", "key")]
    try:
        for descriptor, name in zip(pair, ("certificate", "key"), strict=True):
            os.write(descriptor, texts[name].text.encode())
        certificate, key = (f"/proc/self/fd/{descriptor}" for descriptor in pair)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError, ValueError):
        path = child(child("modules", module), "key")
        reading.refuse(texts["key"], path, "the key of the certificate", "another one")
    finally:
        for descriptor in pair:
            os.close(descriptor)

"""Make the bundled table of vendors from a list in the format of Wireshark's ``manuf`` file.

``python tools/make_vendors.py /usr/share/wireshark/manuf`` (Debian's libwireshark-data before 4.2), or the output of
``tshark -G manuf`` of a later one; ``-`` reads standard input.
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
from pathlib import Path

from whimbrel.wifi.vendors import FILE, HEADER, MAGIC, REFINED

OCTETS = {24: 3, 28: 4, 36: 5}
LENGTH = 24
FORMS = {
    "inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "llc", "lp", "plc", "gmbh", "mbh",
    "ag", "kg", "kgaa", "sa", "sas", "sarl", "srl", "spa", "sro", "bv", "nv", "ab", "as", "asa", "oy", "oyj", "aps",
    "pty", "pte", "pvt", "private", "ltda", "sl", "sp", "zoo", "zo", "o", "z", "kk", "llp", "intl", "international",
    "cv", "de", "rl", "jsc", "tbk", "cokg", "coltd", "&",
}  # fmt: skip
"""Words at the end of a name for the kind of company."""


def read(lines: list[str]) -> dict[int, dict[bytes, str]]:
    """Return, for each length of prefix in bits, the short name of every prefix. Raises ValueError for a line it
    cannot read."""
    prefixes: dict[int, dict[bytes, str]] = {bits: {} for bits in OCTETS}
    for line in lines:
        fields = line.split("#", 1)[0].strip().split("\t")
        if len(fields) < 2:
            continue
        address, _, mask = fields[0].strip().partition("/")
        octets = bytes.fromhex(address.replace(":", "").replace("-", ""))
        bits = int(mask) if mask else 8 * len(octets)
        if bits in OCTETS and not octets[0] & 3:
            prefixes[bits][octets[: OCTETS[bits]]] = plain(fields[2] if len(fields) > 2 else fields[1])
    return prefixes


def plain(name: str) -> str:
    """Return the usual form of a registered name: without its legal form and capitals, at most `LENGTH` characters."""
    words = re.split(r"[\s,]+", re.sub(r"\(.*?\)", " ", name).strip(" ."))
    while len(words) > 1 and words[-1].strip(".").lower().replace(".", "") in FORMS:
        words.pop()
    said = " ".join(words)
    if said.isupper():
        said = re.sub(r"[A-Z]{4,}", lambda word: word[0].capitalize(), said)
    if len(said) > LENGTH:
        said = said[: LENGTH + 1].rpartition(" ")[0] or said[:LENGTH]
    return said.strip(" .,-&")


def build(prefixes: dict[int, dict[bytes, str]]) -> bytes:
    """Return the table in the layout of `whimbrel.wifi.vendors.HEADER`."""
    for bits in (28, 36):
        for prefix in prefixes[bits]:
            prefixes[24].setdefault(prefix[:3], "")
    refined = {prefix[:3] for bits in (28, 36) for prefix in prefixes[bits]}
    names = sorted({name for table in prefixes.values() for name in table.values()})
    if len(names) > REFINED:
        raise ValueError(f"{len(names)} names, expected at most {REFINED}")
    index = {name: number for number, name in enumerate(names)}
    keys, values = bytearray(), bytearray()
    for bits in OCTETS:
        for prefix, name in sorted(prefixes[bits].items()):
            keys += prefix
            values += struct.pack("<H", index[name] | (REFINED if bits == 24 and prefix in refined else 0))
    offsets, blob = bytearray(), bytearray()
    for name in names:
        offsets += struct.pack("<I", len(blob))
        blob += name.encode()
    offsets += struct.pack("<I", len(blob))
    header = HEADER.pack(MAGIC, *(len(prefixes[bits]) for bits in OCTETS), len(names))
    return bytes(header + keys + values + offsets + blob)


def main() -> None:
    """Read the list that the command line names, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manuf", help="list of prefixes, - for standard input")
    parser.add_argument("--output", type=Path, default=FILE)
    args = parser.parse_args()
    text = sys.stdin.read() if args.manuf == "-" else Path(args.manuf).read_text(encoding="utf-8")
    table = build(read(text.splitlines()))
    args.output.write_bytes(table)
    print(f"{args.output}: {len(table)} octets")


if __name__ == "__main__":
    main()

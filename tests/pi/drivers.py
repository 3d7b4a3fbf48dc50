"""The drivers that a board needs before it has its root: those of the card's slot, and of all that the slot needs.

Found in the board's device tree, and looked up in what the kernel package says of its modules. So a first file system
can be judged for boards that QEMU does not have.
"""

from __future__ import annotations

import fnmatch
import re
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.pi.board import Card
from tests.pi.report import Report

SLOTS = ("brcm,bcm2835-sdhost", "brcm,bcm2711-emmc2", "brcm,bcm2712-sdhci")
"""The controllers that a card is in; those of a Pi's radio are others, or have another node."""
_CELLS = {
    "clocks": "#clock-cells", "dmas": "#dma-cells", "mboxes": "#mbox-cells", "power-domains": "#power-domain-cells",
    "resets": "#reset-cells", "interrupt-parent": "", "mmc-pwrseq": "",
}  # fmt: skip
_BEGIN, _END, _PROPERTY, _NOTHING = 1, 2, 3, 4


@dataclass
class Node:
    """A node of a device tree."""

    name: str
    parent: Node | None
    properties: dict[str, bytes] = field(default_factory=dict)

    @property
    def compatible(self) -> list[str]:
        """Return what drivers know it by, the most exact first."""
        return [name.decode() for name in self.properties.get("compatible", b"").split(b"\0") if name]

    def cells(self, name: str) -> list[int]:
        """Return a property as 32-bit numbers."""
        value = self.properties.get(name, b"")
        return list(struct.unpack(f">{len(value) // 4}I", value[: len(value) // 4 * 4]))


def nodes(blob: bytes) -> list[Node]:
    """Return the nodes of a flattened device tree (the Devicetree Specification 0.4, 5)."""
    _, _, structure, strings = struct.unpack_from(">4I", blob)
    found: list[Node] = []
    at: Node | None = None
    while True:
        (token,) = struct.unpack_from(">I", blob, structure)
        structure += 4
        if token == _BEGIN:
            end = blob.index(b"\0", structure)
            at = Node(blob[structure:end].decode(), at)
            found.append(at)
            structure = (end + 4) & ~3
        elif token == _PROPERTY:
            assert at
            length, name = struct.unpack_from(">2I", blob, structure)
            where = strings + name
            key = blob[where : blob.index(b"\0", where)].decode()
            at.properties[key] = blob[structure + 8 : structure + 8 + length]
            structure += 8 + (length + 3 & ~3)
        elif token == _END:
            assert at
            at = at.parent
        elif token != _NOTHING:
            return found


def needed(blob: bytes) -> list[Node]:
    """Return the slot's node and, in no order, all that it needs; nothing where the tree has no slot."""
    tree = nodes(blob)
    handles = {cell: node for node in tree for cell in node.cells("phandle")}
    on = [node for node in tree if node.properties.get("status", b"okay\0") in {b"okay\0", b"ok\0"}]
    left = [node for node in on if set(node.compatible) & set(SLOTS)][:1]
    found: list[Node] = []
    while left:
        node = left.pop()
        if node not in found:
            found.append(node)
            left += _asked(node, handles)
            if node.parent:
                left.append(node.parent)
    return found


def _asked(node: Node, handles: dict[int, Node]) -> Iterator[Node]:
    for name in node.properties:
        if name.endswith("-supply") or (name.startswith("pinctrl-") and name != "pinctrl-names"):
            size = ""
        elif name.endswith(("gpios", "-gpio")):
            size = "#gpio-cells"
        elif name in _CELLS:
            size = _CELLS[name]
        else:
            continue
        cells = node.cells(name)
        while cells:
            other = handles[cells.pop(0)]
            yield other
            if size:
                del cells[: other.cells(size)[0]]


def modules(node: Node, aliases: Iterable[tuple[str, str]]) -> set[str]:
    """Return the modules that know `node`: none if its driver is built in, or there is none."""
    wanted = [f"of:N{node.name.split('@')[0]}T(null)C{name}" for name in node.compatible]
    return {module for pattern, module in aliases if any(fnmatch.fnmatchcase(name, pattern) for name in wanted)}


def patterns(modules_alias: str) -> list[tuple[str, str]]:
    """Return the lines of a kernel's modules.alias that are of device trees."""
    lines = [line.split() for line in modules_alias.splitlines() if line.startswith("alias of:")]
    return [(line[1], line[2]) for line in lines]


def inside(archive: bytes) -> set[str]:
    """Return the names in an uncompressed cpio archive (newc, as initramfs-tools writes)."""
    found: set[str] = set()
    at = 0
    while archive[at : at + 6] == b"070701":
        size, length = int(archive[at + 54 : at + 62], 16), int(archive[at + 94 : at + 102], 16)
        name = archive[at + 110 : at + 109 + length].decode()
        found.add(name)
        at = (at + 110 + length + 3 & ~3) + (size + 3 & ~3)
        if name == "TRAILER!!!":
            break
    return found


def run(card: Card, _results: Path, report: Report) -> None:
    """Check for each device tree on the card that the first file system has the modules of the card's slot."""
    named = re.search(r"^initramfs (\S+)", card.read("config.txt").decode(), re.MULTILINE)
    assert named
    packed = card.fetch(named[1])
    archive = subprocess.run(["zstd", "-dcq", packed], capture_output=True, check=True).stdout
    present = {Path(name).name.split(".")[0].replace("-", "_") for name in inside(archive) if ".ko" in name}
    release = packed.name.removeprefix("initrd.img-")
    known = patterns(card.debugfs(f"cat /usr/lib/modules/{release}/modules.alias"))
    for name in filter(re.compile(r"bcm2.*\.dtb").fullmatch, card.names("")):
        slot = needed(card.fetch(name).read_bytes())
        wanted: set[str] = set().union(*(modules(node, known) for node in slot))
        told = " ".join(sorted(wanted))
        missing = wanted - present
        report.check(f"{name}: the first file system has {told}", bool(wanted) and not missing, missing)

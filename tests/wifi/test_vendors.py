from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab.fresh import fresh
from tools.make_vendors import build, plain, read

from whimbrel.wifi.vendors import FILE, VendorTable, vendor

MANUF = """
# a comment
00:00:0C\tCisco\tCisco Systems, Inc
00:55:DA\tIEEERegi\tIEEE Registration Authority
00:55:DA:00:00:00/28\tShinkoTe\tShinko Technos co.,ltd.
70:B3:D5:00:10:00/36\tSoredi\tSOREDI touch systems GmbH
01:00:5E\tGroup\tnobody's
02:00:00\tLocal\tnobody's
00:00:0C:07:AC:01\tOne\tone well-known address
FC:FF:FF\tL\u00e4st\tthe last one # said so
"""


@pytest.fixture
def table(tmp_path: Path) -> VendorTable:
    path = tmp_path / "vendors.bin"
    path.write_bytes(build(read(MANUF.splitlines())))
    return VendorTable(path)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("00000c123456", "Cisco Systems"),
        ("0055da012345", "Shinko Technos"),
        ("0055da112345", "IEEE Registration"),
        ("70b3d5001fff", "SOREDI touch systems"),
        ("70b3d5002000", ""),
        ("fcffff000000", "the last one"),
        ("00000b000000", ""),
        ("000000000000", ""),
        ("01005e000000", ""),
        ("020000000000", ""),
    ],
)
def test_longest_prefix(table: VendorTable, address: str, name: str) -> None:
    assert table.find(bytes.fromhex(address)) == name


def test_everything_that_went_in_is_found(table: VendorTable) -> None:
    for bits, prefixes in read(MANUF.splitlines()).items():
        for prefix, name in prefixes.items():
            assert table.find(prefix.ljust(6, b"\xff")) == name, bits


@given(address=st.binary(min_size=6, max_size=6))
def test_nobody_owns_made_up_and_group_addresses(address: bytes) -> None:
    name = vendor(address)
    assert isinstance(name, str)
    assert not (address[0] & 3 and name)


@given(address=st.binary(max_size=8).filter(lambda address: len(address) != 6))
def test_what_is_no_address(address: bytes) -> None:
    assert vendor(address) == ""


@pytest.mark.parametrize(
    ("registered", "said"),
    [
        ("TP-LINK TECHNOLOGIES CO.,LTD.", "TP-Link Technologies"),
        ("Apple, Inc.", "Apple"),
        ("Cisco-Linksys, LLC", "Cisco-Linksys"),
        ("Sony Interactive Entertainment Inc.", "Sony Interactive"),
        ("Co., Ltd.", "Co"),
        ("", ""),
    ],
)
def test_names_are_written_as_people_say_them(registered: str, said: str) -> None:
    assert plain(registered) == said


def test_bundled_table() -> None:
    assert vendor(bytes.fromhex("00000c000000")) == "Cisco Systems"
    assert vendor(bytes.fromhex("b827eb000000")) == "Raspberry Pi Foundation"
    assert FILE.stat().st_size < 2_000_000


@pytest.mark.parametrize("content", [b"too short", bytes(100), b"x" * 1000])
def test_what_is_no_table(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vendors.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no table"):
        VendorTable(path)


RESIDENT = """
import random
from whimbrel.wifi.vendors import vendor
def pss():
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
rng = random.Random(1)
addresses = [bytes((rng.randrange(64) * 4,)) + rng.randbytes(5) for _ in range(1000)]
before = pss()
found = sum(bool(vendor(address)) for address in addresses)
print(found, pss() - before)
"""


def test_resident_memory_after_a_thousand_questions() -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("this kernel does not tell the memory of a process")
    found, kilobytes = map(int, fresh(RESIDENT).stdout.split())
    assert found > 0
    assert kilobytes < 2048

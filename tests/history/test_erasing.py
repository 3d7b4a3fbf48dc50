from __future__ import annotations

import json
from pathlib import Path

from tests.history.rows import AP, NOW, STA, opened

from whimbrel.history import entries
from whimbrel.history.entries import Entry
from whimbrel.history.erasing import Wish


def alert(number: int, text: str, **more: str) -> Entry:
    return entries.alert(number, 1, NOW, NOW, 3, 0, -1, b"", AP, STA, None, json.dumps({"text": text, **more}))


def test_a_name_is_erased_wherever_it_stands(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    secret = b'Caf\xc3\xa9 "9"'
    store.write(
        [
            alert(1, 'answers for "Café \\"9\\"" and 4 others'.replace('\\"', '"')),
            alert(2, "it was the other", carried=secret.hex()),
            alert(3, "another"),
            entries.frame(3, 0, "{}", b"\x80\0" + bytes((0, len(secret))) + secret + b"\x01\x01\x82"),
            entries.frame(3, 1, "{}", b"\x80\0\0\x04Cafe"),
            entries.incident(1, 1, NOW, NOW, 3, 0, b"", None, json.dumps({"text": 'it is "Café "9""'})),
        ]
    )
    assert store.erase(Wish(ssid=secret)) == 4
    assert store.alerts() == {3}
    assert store.database.execute("SELECT number FROM evidence").fetchall() == [(1,)]
    assert not store.database.execute("SELECT id FROM incidents").fetchall()
    for path in tmp_path.iterdir():
        assert secret not in path.read_bytes()
        assert secret.hex().encode() not in path.read_bytes()
    store.close()


def test_a_part_of_a_name_is_not_that_name(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.write([alert(1, 'it imitates "Cafe Central" now'), alert(2, "a flood"), alert(3, 'it imitates "Cafe" now')])
    assert store.erase(Wish(ssid=b"Cafe")) == 1
    assert store.erase(Wish(ssid=b"a")) == 0
    store.close()


def test_with_everything_the_damaged_file_goes_too(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    for end in ("", "-wal"):
        Path(f"{store.aside}{end}").write_bytes(b"old secret")
    store.erase(Wish(ssid=b"x"))
    assert store.aside.exists()
    store.erase(Wish(everything=True))
    assert not list(tmp_path.glob("*.damaged*"))
    store.close()

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whimbrel.cli import exits, main
from whimbrel.cli.commands import web_token

SETTINGS = (
    "---\nmodules: {sniffer: {source: sim, tuner: sim}, watcher: , web: {addresses: [127.0.0.1], port: 81%s}}\n...\n"
)


def settings(folder: Path, more: str = "") -> str:
    path = folder / "whimbrel.yaml"
    path.write_text(SETTINGS % more)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.strip().partition("#token=")[2]


def test_it_prints_the_address_with_the_token_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = settings(tmp_path)
    assert main(["web-token", "--config", config]) == exits.OK
    told = capsys.readouterr().out
    assert told.startswith("http://127.0.0.1:81/#token=")
    assert main(["web-token", "--config", config]) == exits.OK
    assert capsys.readouterr().out == told
    assert main(["web-token", "--config", config, "--new"]) == exits.OK
    assert printed(capsys) not in {"", told.strip().partition("#token=")[2]}


def test_a_token_of_ones_own_is_shown_and_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a good long secret\n")
    config = settings(tmp_path, f", token: 'file:{secret}'")
    assert main(["web-token", "--config", config]) == exits.OK
    assert printed(capsys) == "a good long secret"
    assert main(["web-token", "--config", config, "--new"]) == exits.USAGE
    secret.unlink()
    assert main(["web-token", "--config", config]) == exits.FAILURE


def test_without_a_page_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "whimbrel.yaml"
    path.write_text("---\nmodules: {sniffer: {source: sim, tuner: sim}, watcher: }\n...\n")
    assert main(["web-token", "--config", str(path)]) == exits.FAILURE
    assert "name no module web" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="acts as another user, which root alone can")
def test_root_acts_as_the_owner_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link that this user has put there leads root nowhere."""
    config = settings(tmp_path)
    folder = Path("/tmp") / f"whimbrel-{os.getpid()}"  # a folder below pytest's is for root alone
    folder.mkdir()
    target = folder.with_suffix(".secret")
    target.write_text("the secret of root\n")
    target.chmod(0o600)
    os.chown(folder, 65534, 65534)
    monkeypatch.setattr(web_token, "_OF_THE_SERVICE", folder)
    monkeypatch.setattr("whimbrel.config.loader.DEFAULT_PATH", Path(config))
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.delenv("WHIMBREL_CONFIG", raising=False)
    try:
        (folder / "web-token").symlink_to(target)
        assert _as_root(["web-token"]) == exits.FAILURE
        assert _as_root(["web-token", "--new"]) == exits.FAILURE
        assert "the secret of root" not in capsys.readouterr().out
        assert target.read_text() == "the secret of root\n"
        (folder / "web-token").unlink()
        assert _as_root(["web-token"]) == exits.OK
        made = (folder / "web-token").stat()
        assert (made.st_uid, made.st_mode & 0o777) == (65534, 0o600)
    finally:
        for path in (*folder.iterdir(), target):
            path.unlink()
        folder.rmdir()


def _as_root(command: list[str]) -> int:
    groups = os.getgroups()
    try:
        return main(command)
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)

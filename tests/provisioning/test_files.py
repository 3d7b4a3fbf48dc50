"""The files of a provisioned device, and an interruption anywhere between them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whimbrel.config import load
from whimbrel.provisioning.document import read
from whimbrel.provisioning.files import ProvisionedFiles
from whimbrel.watching import state_file

SETTINGS = "modules:\n  sniffer:\n  watcher:\n"


def text(password: str = "secret-one", more: str = "") -> str:
    mqtt = f"  mqtt: {{host: b, user: attic, password: {password}}}\n"
    return f"---\ndevice: {{name: attic}}\nmodules:\n{mqtt}{more}...\n"


def provision(files: ProvisionedFiles, written: str) -> None:
    files.provision(read(written, "provision.yaml"), SETTINGS, "whimbrel.yaml", "provision.yaml")


class Cut(BaseException):
    """The power goes."""


def cutting(patched: pytest.MonkeyPatch, steps: int) -> None:
    """Have the power go after so many steps that the card would notice."""
    done = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            if done[0] >= steps:
                raise Cut
            done[0] += 1
            return real(*args, **options)

        return step

    for holder, name in (
        (Path, "rename"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir"), (os, "fsync"), (os, "rename"),
        (os, "replace"), (shutil, "copy2"), (shutil, "copyfile"), (shutil, "rmtree"),
    ):  # fmt: skip
        patched.setattr(holder, name, counted(getattr(holder, name)))


def named_secrets(files: ProvisionedFiles) -> set[str]:
    """Return the credentials that the settings in force name."""
    found = {
        named
        for settings in load(files.settings).modules.values()
        for named in (getattr(settings, "password", ""), *getattr(settings, "to", ()))
    }
    return {named.removeprefix("credential:") for named in found if named}


@pytest.fixture
def files(tmp_path: Path) -> ProvisionedFiles:
    return ProvisionedFiles(tmp_path)


def test_secrets_are_for_root_alone_and_the_service_gets_them(files: ProvisionedFiles) -> None:
    provision(files, text())
    secret = files.secrets / "mqtt"
    assert secret.read_text() == "secret-one\n"
    assert (files.secrets.stat().st_mode & 0o777, secret.stat().st_mode & 0o777) == (0o700, 0o600)
    assert files.drop_in.read_text().endswith("[Service]\nLoadCredential=mqtt:/etc/whimbrel/provisioned/mqtt\n")
    assert load(files.settings).modules["mqtt"].password == "credential:mqtt"
    assert "secret-one" not in files.settings.read_text() + files.record.read_text()


def test_a_module_that_may_change_something_puts_the_service_in_its_group(files: ProvisionedFiles) -> None:
    provision(files, text(more="  web: {may: [lock]}\n"))
    assert "SupplementaryGroups=whimbrel\n" in files.drop_in.read_text()
    provision(files, text())
    assert "SupplementaryGroups" not in files.drop_in.read_text()


def test_a_secret_that_no_setting_names_any_more_goes(files: ProvisionedFiles) -> None:
    provision(files, text(more='  notify: {to: ["ntfys://ntfy.sh/mine"]}\n'))
    assert sorted(path.name for path in files.secrets.iterdir()) == ["mqtt", "notify"]
    provision(files, text())
    assert [path.name for path in files.secrets.iterdir()] == ["mqtt"]


def test_the_record_alone_renews_everything_but_the_secrets(files: ProvisionedFiles) -> None:
    provision(files, text())
    recorded = files.recorded()
    assert recorded is not None
    files.provision(recorded, "modules:\n  sniffer:\n", "other.yaml", "provisioned.yaml")
    assert (files.secrets / "mqtt").read_text() == "secret-one\n"
    assert list(load(files.settings).modules) == ["sniffer", "mqtt"]


def test_nothing_is_provisioned_at_first(files: ProvisionedFiles) -> None:
    assert files.recorded() is None


@pytest.mark.parametrize("writes", range(5))
def test_cut_off_anywhere_no_settings_name_a_secret_that_is_not_there(
    files: ProvisionedFiles, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    provision(files, text())
    real, done = state_file.replace, [0]

    def cut(path: Path, content: str, mode: int = 0o666) -> None:
        done[0] += 1
        if done[0] > writes:
            raise OSError(28, "No space left on device", str(path))
        real(path, content, mode)

    more = '  notify: {to: ["ntfys://ntfy.sh/mine"]}\n'
    with monkeypatch.context() as patched:
        patched.setattr(state_file, "replace", cut)
        with pytest.raises(OSError, match="No space"):
            provision(files, text("secret-two", more))
    for settings in load(files.settings).modules.values():
        for named in (getattr(settings, "password", ""), *getattr(settings, "to", ())):
            if named:
                assert (files.secrets / named.removeprefix("credential:")).is_file()
    provision(files, text("secret-two", more))
    assert (files.secrets / "mqtt").read_text() == "secret-two\n"
    assert {"mqtt", "notify"} <= load(files.settings).modules.keys()


NOTIFY = '  notify: {to: ["ntfys://ntfy.sh/mine"]}\n'


def test_no_power_cut_loses_a_secret_that_the_settings_name(tmp_path: Path) -> None:
    """Between any two steps, and also where the next run has only the record, which has no secrets."""
    seen = set()
    for steps in range(200):
        files = ProvisionedFiles(tmp_path / str(steps))
        provision(files, text(more=NOTIFY))
        finished = True
        with pytest.MonkeyPatch.context() as patched:
            cutting(patched, steps)
            try:
                provision(files, text("secret-two"))
            except Cut:
                finished = False
        secrets = {path.name: path.read_text() for path in files.secrets.iterdir()}
        assert named_secrets(files) <= secrets.keys(), steps
        assert secrets["mqtt"] in ("secret-one\n", "secret-two\n"), steps
        seen.add((secrets["mqtt"], finished))
        recorded = files.recorded()
        assert recorded is not None
        files.provision(recorded, SETTINGS, "whimbrel.yaml", "provisioned.yaml")
        assert (files.secrets / "mqtt").read_text() == secrets["mqtt"]
        left = {path.name for path in files.secrets.iterdir()}
        assert left == named_secrets(files), f"a part of a secret is left after {steps} steps"
        if finished:
            break
    assert len(seen) == 3, "cut before the new secret was there, after it, and not at all"


def test_secrets_that_stay_are_not_written_again(files: ProvisionedFiles) -> None:
    provision(files, text())
    before = (files.secrets / "mqtt").stat()
    provision(files, text())
    assert (files.secrets / "mqtt").stat().st_ino == before.st_ino


def test_what_the_owner_s_settings_have_outlasts_two_provisionings(files: ProvisionedFiles) -> None:
    own = "modules:\n  sniffer:\n  watcher: {guarded: [{ssid: Own}]}\n  metrics: {port: 7777}\n"

    def take(written: str) -> None:
        files.provision(read(written, "provision.yaml"), own, "own.yaml", "provision.yaml")

    guarded = "guarded: [{ssid: Fleet}]\n...\n"
    take(text(more="  metrics:\n").replace("...\n", guarded))
    assert [network.ssid for network in load(files.settings).modules["watcher"].guarded] == [b"Fleet"]
    take(text())
    settings = load(files.settings)
    assert [network.ssid for network in settings.modules["watcher"].guarded] == [b"Own"]
    assert settings.modules["metrics"].port == 7777


def test_settings_in_force_lose_what_was_provisioned_before(files: ProvisionedFiles) -> None:
    provision(files, text(more=NOTIFY))
    merged = files.settings.read_text()
    files.provision(read(text(), "provision.yaml"), merged, str(files.settings), "provision.yaml")
    assert list(load(files.settings).modules) == ["sniffer", "watcher", "mqtt"]

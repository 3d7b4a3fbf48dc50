"""The files of a provisioned device, and an interruption anywhere between them."""

from __future__ import annotations

from pathlib import Path

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

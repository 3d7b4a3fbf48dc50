"""Settings of detections: records that the settings file reads like other classes of settings."""

from __future__ import annotations

import pytest

from whimbrel.detections.options import Options, RuleSettings, option
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.settings.classes import SettingsCodec


class Flood(RuleSettings):
    """As a detection has."""

    count: int = option(default=10, low=1, high=1000, help="How many.")
    window: Duration = option(default=Duration(10.0), low=0.1, help="Within.")

    def check(self) -> None:
        if self.count > 100 and self.window < 1:
            raise ValueError(f"count: expected at most 100 within less than a second, found {self.count}")


def test_defaults_and_values() -> None:
    chosen = Flood(enabled=False, count=5)
    assert (chosen.enabled, chosen.severity, chosen.mute, chosen.count, chosen.window) == (False, None, (), 5, 10.0)
    assert chosen == Flood(enabled=False, count=5)
    assert chosen != Flood()
    assert hash(chosen) == hash(Flood(enabled=False, count=5))
    assert "count=5" in repr(chosen)


def test_a_base_is_left_as_it_was() -> None:
    assert list(RuleSettings.__settings__) == ["enabled", "severity", "mute", "mute_ssids"]
    assert list(Flood.__settings__)[4:] == ["count", "window"]


def test_another_default_in_a_subclass() -> None:
    class Quiet(Flood):
        enabled: bool = option(default=False, help="Off.")

    assert not Quiet().enabled
    assert len(Quiet.__settings__) == len(Flood.__settings__)


def test_they_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Flood().count = 3  # type: ignore[misc]
    with pytest.raises(TypeError, match="unknown: number"):
        Flood(number=3)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="at most 100"):
        Flood(count=200, window=Duration(0.5))


def test_a_setting_without_help_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Bare: declare number, width by option"):

        class Bare(Options):
            number: int = 3
            width: int
            good: int = option(default=1, help="Good.")


def test_they_are_written_as_settings() -> None:
    written = SettingsCodec(Flood).write(Flood(severity=Severity.CRITICAL, window=Duration(60.0)))
    assert written == "{enabled: true, severity: critical, mute: [], mute_ssids: [], count: 10, window: 1min}"
    assert issubclass(Flood, Options)

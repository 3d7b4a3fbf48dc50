"""Detections and guarded networks in the settings file, with every possible mistake."""

from __future__ import annotations

from typing import Any

import pytest

from whimbrel.config import loads
from whimbrel.detections.registry import all_detections
from whimbrel.events.alerts import Severity
from whimbrel.modules.watcher import WatcherSettings
from whimbrel.settings.problems import ConfigError


def watcher(text: str) -> WatcherSettings:
    settings = loads(f"modules:\n  watcher:\n{text}", "test.yaml").modules["watcher"]
    assert isinstance(settings, WatcherSettings)
    return settings


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        watcher(text)
    return [str(problem) for problem in error.value.problems]


def rule(settings: WatcherSettings, name: str) -> Any:
    return vars(settings.detections)[name]


def test_every_detection_has_its_defaults() -> None:
    settings = watcher("")
    assert vars(settings.detections).keys() == {cls.rule for cls in all_detections()}
    for cls in all_detections():
        assert rule(settings, cls.rule) == cls.Settings()


def test_one_rule_is_tuned_and_another_is_muted() -> None:
    settings = watcher(
        "    detections:\n"
        "      follower: {places: 5, span: 2h}\n"
        "      open-network: {enabled: false}\n"
        '      drone: {severity: critical, mute: ["00:11:22:33:44:55"]}\n'
    )
    assert (rule(settings, "follower").places, rule(settings, "follower").span) == (5, 7200)
    assert rule(settings, "open-network").enabled is False
    assert rule(settings, "drone").severity is Severity.CRITICAL
    assert rule(settings, "drone").mute == (bytes.fromhex("001122334455"),)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("    detections:\n      folower: {places: 3}\n", 4, ("detections.folower", "follower")),
        ("    detections:\n      follower: {places: 1}\n", 4, ("detections.follower.places", "2")),
        ("    detections:\n      follower: {span: 3}\n", 4, ("follower.span", "unit")),
        ("    detections:\n      follower:\n        place: 3\n", 5, ("follower.place", "places")),
        ("    detections:\n      drone: {severity: urgent}\n", 4, ("drone.severity", "critical")),
        ('    guarded:\n      - ssid: "123456789012345678901234567890123"\n', 4, ("guarded", "33 octets")),
        ('    guarded:\n      - {ssid: home, bssids: ["00:11:22:33:44"]}\n', 4, ("bssids", "00:11:22:33:44")),
        ("    guarded:\n      - {ssid: home, security: [WPA7]}\n", 4, ("security", "WPA7")),
        ("    guarded:\n      - {ssid: home, security: [open], pmf: required}\n", 4, ("pmf", "open")),
        ("    guarded:\n      - {bssids: []}\n", 4, ("ssid", "must be given")),
        ("    trusted: [none]\n", 3, ("trusted", "none")),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(text: str, line: int, words: tuple[str, ...]) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"test.yaml:{line}:")
    for word in words:
        assert word in problem


def test_all_mistakes_are_told_at_once() -> None:
    told = problems(
        "    guarded:\n      - {ssid: home, security: [WPA7]}\n"
        "    detections:\n      folower: {}\n      drone: {severity: urgent}\n      follower: {places: 1, span: 1s}\n"
    )
    assert len(told) == 5

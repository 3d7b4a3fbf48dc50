"""Acknowledged alerts of an air that goes on: an alert that becomes worse later is no longer seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.process.daemon import DaemonProcess


def severities(daemon: DaemonProcess, number: str) -> dict[str, str]:
    """Return the severity of each alert of an incident, or of the one alert, by id."""
    return {row["id"]: row["severity"] for row in daemon.ask("alerts", alert=number)["alerts"]}


def unseen(daemon: DaemonProcess, before: dict[str, str]) -> list[str]:
    """Return those alerts that are not acknowledged, although they still have the severity of `before`."""
    rows = daemon.ask("alerts")["alerts"]
    return [row["id"] for row in rows if before.get(row["id"]) == row["severity"] and not row["acknowledged"]]

"""A device whose page is looked at: both processes, and a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.browser import Visit
from tests.lab.watched_air import TOKEN, WatchedAir, raised

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.process.daemon import DaemonProcess


class Device:
    """What the tests share: a device with an incident, and a browser."""

    def __init__(self, running: Browser, air: WatchedAir, daemon: DaemonProcess) -> None:
        self.browser = running
        self.air = air
        self.daemon = daemon

    def visit(self, width: int = 1280) -> Visit:
        """Return a page that has logged in."""
        visit = Visit(self.browser, self.air.origin, width=width)
        visit.log_in(TOKEN)
        return visit

    def subject(self, view: str) -> str:
        """Return the view with something to show in it."""
        if view == "ap":
            rows = self.daemon.ask("survey", what="access_points")["access_points"]
            return f"ap/{next(row['bssid'] for row in rows if row['ssid'] == 'Brambling')}"
        if view == "station":
            rows = self.daemon.ask("survey", what="stations")["stations"]
            return f"station/{max(rows, key=lambda row: (row['bssid'] is not None, row['frames']))['station']}"
        if view == "incident":
            return f"incident/{raised(self.daemon)[0]['id']}"
        if view == "alert":
            alerts = self.daemon.ask("alerts")["alerts"]
            return f"alert/{next(alert['id'] for alert in alerts if not alert['incident'])}"
        return view

"""The screens that are also shown on panels of other kinds than the small one of one colour."""

from __future__ import annotations

COLOURED: dict[tuple[int, int], tuple[str, ...]] = {
    (240, 240): (
        "overview", "overview-alerts", "overview-blind", "overview-no-radio", "access-points", "access-points-hostile",
        "access-point", "access-point-facts", "stations", "channels", "channels-5", "alerts", "alert",
        "alert-takeover", "alert-takeover-dark", "system", "system-modules", "menu", "brightness", "hold-filling",
        "web-page", "splash", "time",
    ),
    (320, 240): (
        "overview-alerts", "access-points", "access-point", "stations", "channels", "alerts", "alert", "system",
        "web-page", "time",
    ),
    (128, 128): (
        "overview-alerts", "access-points", "access-point", "channels", "alerts", "alert-takeover", "system", "time",
    ),
}  # fmt: skip
"""The screens that are also shown on panels with colours, by their size."""

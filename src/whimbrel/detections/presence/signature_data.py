"""The signatures of the folder `signatures`; generated from it (`make docs`)."""

from __future__ import annotations

from typing import Any

SIGNATURES: tuple[dict[str, Any], ...] = (
    {
        "name": "licence plate camera by Flock Safety",
        "ssids": ("Flock-######",),
        "address": "",
        "element": "",
        "source": "its firmware: github.com/colonelpanichacks/flock-you, firmware_derived_signatures.md",
        "date": "2026-11-30",
        "confidence": "high",
    },
    {
        "name": "camera called Pigvision",
        "ssids": ("Pigvision*",),
        "address": "",
        "element": "",
        "source": "flock-you (github.com/colonelpanichacks/flock-you); farm software has this name, too",
        "date": "2026-11-30",
        "confidence": "low",
    },
    {
        "name": "dashboard camera (Viidure)",
        "ssids": ("CARDV*",),
        "address": "",
        "element": "",
        "source": "manual of BigBigRoad 4K Car Wifi DVR (manuals.plus, 1005009135589983)",
        "date": "2026-11-30",
        "confidence": "low",
    },
)

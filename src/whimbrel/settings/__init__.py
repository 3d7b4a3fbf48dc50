"""Declares settings, reads them from YAML nodes and writes them: pure, and common to all settings classes.

Settings classes use `setting` and the types beside it; the readers and writers are imported when they are used.
`whimbrel.config` reads the daemon's file.
"""

from whimbrel.settings.fields import Duration, Mac, Size, Ssid, setting

__all__ = ["Duration", "Mac", "Size", "Ssid", "setting"]

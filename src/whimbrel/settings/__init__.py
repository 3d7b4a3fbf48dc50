"""Declares settings, reads them from YAML nodes and writes them: pure, and common to all settings classes.

Settings classes are `frozen`, and use `setting` and the types beside it; the readers and writers are imported when
they are used. `whimbrel.config` reads the daemon's file.
"""

from whimbrel.settings.fields import NOTHING, Duration, Mac, Size, Ssid, evolve, frozen, setting, settings_of, validates

__all__ = ["NOTHING", "Duration", "Mac", "Size", "Ssid", "evolve", "frozen", "setting", "settings_of", "validates"]

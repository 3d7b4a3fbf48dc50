"""How settings are declared, read from YAML nodes and written: pure, and the same for each class of settings.

Settings classes need `setting` and the types beside it; what reads and writes them is imported when it is asked for.
`whimbrel.config` reads the file of the daemon.
"""

from whimbrel.settings.fields import Duration, Mac, Size, Ssid, setting

__all__ = ["Duration", "Mac", "Size", "Ssid", "setting"]

"""Whimbrel: a pocket Wi-Fi monitor and wireless intrusion detector.

It listens in monitor mode, keeps an inventory of access points and stations, and explains its findings. It never
attacks.
"""

from whimbrel import bundle as _bundle

_bundle.use()  # before anything else of the package is imported

__version__ = "0.1.0"

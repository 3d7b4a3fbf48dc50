"""Whimbrel: a pocket Wi-Fi monitor and wireless intrusion detector.

It listens in monitor mode, keeps an inventory of access points and stations, and explains its findings. It never
attacks.
"""

__version__ = "0.1.0"

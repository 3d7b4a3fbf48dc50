"""Whimbrel: a pocket Wi-Fi monitor and wireless intrusion detector.

It listens in monitor mode, keeps an inventory of what is in the air and explains what it notices. It watches; it
never attacks.
"""

__version__ = "0.1.0"

"""Octets of 802.11 frames, the air that carries them, and capture files: no part of it transmits anything."""

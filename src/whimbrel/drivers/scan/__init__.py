"""Beacons and probe responses from the kernel's scan."""

"""Presence: devices that come, go, follow, and fly."""

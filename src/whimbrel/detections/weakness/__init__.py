"""Weaknesses: vulnerable networks and devices."""

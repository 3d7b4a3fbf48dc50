"""Labelled Wi-Fi captures from frame builders, and a scorer for any detector of wireless intrusions (README.md).

Needs nothing but Python's standard library, and imports nothing of Whimbrel.
"""

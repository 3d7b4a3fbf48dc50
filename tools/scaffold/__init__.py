"""Skeletons of new parts, with the test that fails until the part is written, and the lines that register it."""

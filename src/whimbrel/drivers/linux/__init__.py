"""Captures from a monitor interface of this machine."""

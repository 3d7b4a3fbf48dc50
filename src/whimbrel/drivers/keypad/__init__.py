"""Drivers of the port `Keypad`, and their settings."""

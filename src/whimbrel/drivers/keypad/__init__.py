"""Drivers of the port `Keypad`, and what can be set of them."""

"""Drivers of the port `Panel`: real displays, a terminal, an image file, nothing."""

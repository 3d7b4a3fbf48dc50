"""Parsers of IEEE 802.11 as pure functions: bytes in, values out; no I/O, no clock, no exception for any frame."""

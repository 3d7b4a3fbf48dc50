"""What IEEE 802.11 says, as pure functions: bytes in, values out; no I/O, no clock, never an exception for a frame."""

"""Counts ARM1176 instructions of time-critical code, under `qemu-arm`."""

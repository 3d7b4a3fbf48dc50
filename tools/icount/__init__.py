"""Counts ARM1176 instructions of what must be cheap, under `qemu-arm`."""

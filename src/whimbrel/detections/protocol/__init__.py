"""Attacks on the protocols that protect a network: handshakes, fragments, set-up, and malformed elements."""

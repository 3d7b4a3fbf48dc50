"""Figures for Prometheus: from events and answers to families of samples, without an address or a name off the air."""

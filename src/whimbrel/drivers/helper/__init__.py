"""The radio's helper: a small process that has the capabilities for the radio, and serves the daemon without any."""

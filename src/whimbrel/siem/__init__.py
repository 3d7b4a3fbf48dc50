"""Alerts for a SIEM: as messages of syslog, or as lines of the Elastic Common Schema. All but the sender is pure."""

"""Provisioning: one file makes a device part of a fleet, and many such files are made of one (docs/fleet.md)."""

"""Disruption: floods, forged disconnections, forged announcements, and reserved air."""

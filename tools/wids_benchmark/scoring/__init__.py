"""Scores a detector by its alerts: read, named by the detector's own list of kinds, compared with the truth."""

"""Writes events to journald or stderr: sentences for people, fields for programs, storms folded."""

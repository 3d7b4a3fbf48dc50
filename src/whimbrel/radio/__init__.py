"""Keeps one radio where it should be listening: visits channels, and brings it back when it has gone blind."""

"""Telling people: which news is worth a message and when, its words, and the ways it goes. The first two are pure."""

"""Judgement of a receiver: the way to read its frames, and the times at which they were heard. Pure."""

"""Decisions about tuning: the next channel and its dwell time, checks of the channel, recovery of a blind radio. Pure.

Nothing here reads a clock: `now` is always seconds of one monotonic clock, passed by the caller.
"""

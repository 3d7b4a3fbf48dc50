"""Where the radio listens and for how long, whether it does, and what is done when it goes blind: all pure.

Nothing here reads a clock: `now` is always seconds of one monotonic clock, given by the caller.
"""

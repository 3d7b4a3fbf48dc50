"""The device's clock: whether this start's time is known, and its setting by a person.

The daemon judges by a few files (`evidence`) and asks by a file (`exchange`, `asking`); ``whimbrel-time.service`` sets
the clock, as root (`__main__`, `rtc`).
"""

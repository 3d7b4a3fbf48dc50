"""Debian's security updates, when the owner asks for them, or by a timer.

The daemon asks by a file (`exchange`, `asking`); ``whimbrel-security.service`` has apt do it, as root (`__main__`,
`apt`).
"""

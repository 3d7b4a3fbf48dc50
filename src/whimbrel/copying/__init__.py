"""A way out for evidence: recordings and reports are copied to the partition that every computer reads, when asked.

The daemon asks by a file (`exchange`, `asking`); ``whimbrel-copy.service`` does it as root (`__main__`, `card`,
`sources`), by a plan (`plan`).
"""

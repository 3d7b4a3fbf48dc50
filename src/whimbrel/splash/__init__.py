"""Pictures on the panel while no daemon runs: from the first seconds of a start, and after its end.

Drawn by the product's own screens and recorded as what its own driver sends (`__main__`, `recorded`), played by a small
program that imports nothing (`play`).
"""
